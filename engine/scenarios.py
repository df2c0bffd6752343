"""Scenarios of a folder of flows: read and checked."""

from collections.abc import Collection
from pathlib import Path

from engine.check.scenarios import check_scenarios
from engine.problems import FlowError
from engine.reading.scenarios import LoadedScenario, load_scenarios


def read_scenarios(flows: Path, roles: Collection[str]) -> list[LoadedScenario]:
    """Return the scenarios beside the flows of a folder; FlowError with all mistakes where there are any."""
    scenarios, problems = load_scenarios(flows)
    problems += check_scenarios(scenarios, roles)
    if problems:
        raise FlowError(problems)
    return scenarios
