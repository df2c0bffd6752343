"""What is said of scenarios that were played: to people, and as JUnit's XML to machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from junitparser import Failure as JUnitFailure
from junitparser import JUnitXml, TestCase, TestSuite

from engine.i18n import Language, Message, counted, message
from engine.introspection.parts import KINDS, Part, PartKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from bot.scenarios.outcomes import Failure, Outcome

_INDENT = "    "
_MANY: dict[PartKind, Message] = {
    "step": message("steps"),
    "way": message("ways and buttons"),
    "transition": message("transitions"),
    "left": message("transitions from each of their statuses"),
    "deadline": message("deadlines"),
    "notice": message("notices"),
    "phrase": message("phrases"),
}
_ONE: dict[PartKind, Message] = {
    "step": message("the step"),
    "way": message("the way"),
    "transition": message("the transition"),
    "left": message("the transition from a status:"),
    "deadline": message("the deadline"),
    "notice": message("the notice"),
    "phrase": message("the phrase"),
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which parts of the flows were met by any scenario."""

    parts: Sequence[Part]
    met: Collection[str]

    @property
    def percent(self) -> float:
        """The share of parts that were met; 100 where there are none."""
        return 100 * (1 - len(self.missed) / len(self.parts)) if self.parts else 100.0

    @property
    def missed(self) -> list[Part]:
        """The parts that were not met."""
        return [part for part in self.parts if part.name not in self.met]

    def lines(self, language: Language) -> Iterator[str]:
        """Go through the report: a line for each kind of part, and one for each part that was missed."""
        every, missed = Counter(part.kind for part in self.parts), Counter(part.kind for part in self.missed)
        for kind in KINDS:
            if every[kind]:
                said = message(
                    "{what}: {met} of {all}", what=_MANY[kind], met=every[kind] - missed[kind], all=every[kind]
                )
                yield f"{_INDENT}{said.render(language)}"
        for part in self.missed:
            name = part.name.partition(":")[2]
            said = message("no scenario meets {what} {name}", what=_ONE[part.kind], name=name)
            yield f"{part.position}: {said.render(language)}"


def outcome_lines(outcome: Outcome, failures: Sequence[Failure], language: Language) -> Iterator[str]:
    """Go through what is said of one scenario."""
    yield f"{'✗' if failures else '✓'} {outcome.scenario.file.scenario} ({outcome.seconds:.2f} s)"
    for failure in failures:
        yield failure.problem.render(language)
        yield from (f"{_INDENT}{line}".rstrip() for line in failure.came.split("\n") if failure.came)


def summary(outcomes: int, failed: int, seconds: float, language: Language) -> str:
    """Return the line at the end."""
    passed = counted("{number} scenario passed", "{number} scenarios passed", outcomes - failed)
    said = [passed, counted("{number} failed", "{number} failed", failed)] if failed else [passed]
    return f"{', '.join(each.render(language) for each in said)} ({seconds:.1f} s)"


def write_junit(path: Path, played: Sequence[tuple[Outcome, Sequence[Failure]]], language: Language) -> None:
    """Write what came of the scenarios as JUnit's XML, for a build server."""
    suite = TestSuite("zavhoz")
    for outcome, failures in played:
        case = TestCase(outcome.scenario.file.scenario, outcome.scenario.path.stem, outcome.seconds)
        case.result = [JUnitFailure(each.problem.render(language), "failure") for each in failures]
        for result, failure in zip(case.result, failures, strict=True):
            result.text = failure.came
        suite.add_testcase(case)
    xml = JUnitXml()
    xml.add_testsuite(suite)
    xml.write(str(path), pretty=True)
