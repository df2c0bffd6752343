"""The transcripts that are kept beside the scenarios, to be compared with."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from bot.scenarios.outcomes import Failure
from engine.i18n import message
from engine.problems import Position, Problem

if TYPE_CHECKING:
    from bot.scenarios.outcomes import Outcome

AROUND = 3
"""Lines shown before and after each that differs."""


def difference(outcome: Outcome) -> Failure | None:
    """Return how a transcript differs from the one that is kept, None where it does not; OSError where none is read."""
    path = outcome.scenario.transcript
    shown = Path(outcome.scenario.document.path).with_suffix(path.suffix)
    if not path.exists():
        what, hint = message("this scenario has no transcript yet"), message("keep the one that came: --accept")
        return Failure(Problem(Position(str(shown), 1, 1), what, hint))
    kept, came = path.read_text("utf-8"), outcome.transcript
    if kept == came:
        return None
    before, after = kept.splitlines(), came.splitlines()
    same = next((number for number, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    line = min(len(before), len(after)) if same is None else same
    what, hint = message("the transcript differs from the one that is kept"), message("if it is right so: --accept")
    changes = [*unified_diff(before, after, lineterm="", n=AROUND)][2:]
    return Failure(Problem(Position(str(shown), line + 1, 1), what, hint), "\n".join(changes))


def keep(outcome: Outcome) -> None:
    """Keep the transcript of a scenario."""
    outcome.scenario.transcript.write_text(outcome.transcript, "utf-8")
