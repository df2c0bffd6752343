"""The order in which files are given to the workers of `pytest -n`: at the end none of them waits for one long file."""

from __future__ import annotations

from pathlib import Path

LONGEST = (
    "test_flow_versions/test_reload.py",
    "reliability/test_flow_edits.py",
    "test_scenarios/test_harms.py",
    "chaos",
    "integration",
    "test_telemetry/test_privacy.py",
    "test_handlers/test_walker.py",
    "test_docs",
    "reliability",
    "test_cli",
    "test_storage/database/test_migrations.py",
    "test_handlers/test_request_actions.py",
    "test_packaging/test_wheel.py",
    "test_telemetry",
    "test_handlers",
)
"""Files that take longer than twenty seconds, or rooms that have such files; `pytest --durations=0` tells."""
_HERE = Path(__file__).resolve().parent


def rank(path: Path) -> int:
    """Return the place of a test file; all that are not named come last."""
    return next((place for place, name in enumerate(LONGEST) if path.is_relative_to(_HERE / name)), len(LONGEST))
