"""The shipped scenarios go as they say, keep their transcripts, and meet every part of the shipped flows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.scenarios.suite import Stage, staged
from engine.flows import read_catalog
from engine.introspection.parts import parts
from engine.scenarios import read_scenarios
from storage.models.constants import Role
from tests.conversation import MOSCOW, SHIPPED
from tests.transcripts import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

    from engine.compiled import CompiledFlows
    from engine.reading.scenarios import LoadedScenario

SCENARIOS = {each.path.stem: each for each in read_scenarios(SHIPPED, [*Role])}
UNMET = {"phrase:blocked", "phrase:gone"}
"""Phrases for people who are shut out and for subjects that are gone: no scenario can shut anybody out yet."""


class KeptTranscript(TextSnapshot):
    """The transcript that `zavhoz test` keeps beside a scenario."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return the folder of the scenarios."""
        del test_location
        return str(SHIPPED / "tests")

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """Return the scenario's name, which is the parameter of the test."""
        del index
        return test_location.snapshot_name.partition("[")[2].removesuffix("]")

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Tell whether a transcript is that of the test's scenario."""
        return Path(snapshot_location).stem == cls.get_snapshot_name(test_location=test_location)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Give a database to each scenario."""
    with staged() as made:
        yield made


@pytest.fixture(scope="module")
def met() -> set[str]:
    """Give a place for what the scenarios of this module meet."""
    return set()


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_goes_as_it_says(
    scenario: LoadedScenario, stage: Stage, flows: CompiledFlows, met: set[str], snapshot: SnapshotAssertion
) -> None:
    outcome = stage.play(scenario, flows, MOSCOW)
    met |= outcome.met
    assert [str(each.problem) for each in outcome.failures] == []
    assert outcome.transcript == snapshot(extension_class=KeptTranscript)


def test_every_part_of_the_flows_is_met_by_a_scenario(flows: CompiledFlows, met: set[str], stage: Stage) -> None:
    if not met:
        # Where this test runs alone.
        for scenario in SCENARIOS.values():
            met |= stage.play(scenario, flows, MOSCOW).met
    assert {part.name for part in parts(read_catalog(SHIPPED), flows)} - met == UNMET
