"""Scenarios as a maintainer writes them, in a folder of flows."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from engine.scenarios import read_scenarios
from storage.models.constants import Role

if TYPE_CHECKING:
    from pathlib import Path

    from engine.reading.scenarios import LoadedScenario

HEAD = """\
scenario: Проба
people: {Анна: staff, Сергей: manager}
talk:
"""


def write(flows: Path, text: str, name: str = "probe.yaml") -> Path:
    """Put a scenario beside the flows of a folder; return its file."""
    path = flows / "tests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def scenario(flows: Path, talk: str, head: str = HEAD) -> LoadedScenario:
    """Return the scenario with these lines, written and read."""
    lines = "".join(f"  {line}\n" for line in dedent(talk).strip().split("\n"))
    write(flows, head + lines)
    (read,) = read_scenarios(flows, [*Role])
    return read
