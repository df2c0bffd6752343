"""What came of playing a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.problems import Problem
    from engine.reading.scenarios import LoadedScenario


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that went otherwise than a scenario says; `came` is what happened instead, as a chat."""

    problem: Problem
    came: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario that was played: its failures, none where all went as it says, and its transcript.

    `met` names the parts of the flows that it came by, as `engine.introspection.parts` does.
    """

    scenario: LoadedScenario
    failures: tuple[Failure, ...]
    transcript: str
    met: frozenset[str]
    seconds: float
