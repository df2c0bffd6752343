"""Scenarios of a folder of flows: read and checked."""

from collections.abc import Collection
from pathlib import Path

from engine.check.scenarios import check_scenarios
from engine.problems import FlowError, Problem
from engine.reading.scenarios import LoadedScenario, load_scenarios


def check_scenario_files(flows: Path, roles: Collection[str]) -> list[Problem]:
    """Return all mistakes of the scenarios beside the flows of a folder; `roles` are those that people can have."""
    scenarios, problems = load_scenarios(flows)
    return sorted({*problems, *check_scenarios(scenarios, roles)})


def read_scenarios(flows: Path, roles: Collection[str]) -> list[LoadedScenario]:
    """Return the scenarios beside the flows of a folder, by file name; FlowError with all mistakes if there are any."""
    scenarios, problems = load_scenarios(flows)
    problems += check_scenarios(scenarios, roles)
    if problems:
        raise FlowError(problems)
    return scenarios
