"""From a folder of flow files to flows that run: read, check, compile."""

from datetime import tzinfo
from pathlib import Path

from engine.check import check
from engine.compiled import CompiledFlows
from engine.compiler import compile_flows
from engine.hooks.registry import Hooks
from engine.problems import FlowError, Problem
from engine.reading.catalog import Catalog
from engine.reading.loader import LoadedFlow, load


def check_folder(folder: Path, hooks: Hooks, zone: tzinfo) -> list[Problem]:
    """Return every mistake of the flows in `folder`, of all files at once; raises FlowError where there are none."""
    flows, problems = load(folder)
    return sorted({*problems, *check_loaded(flows, problems, hooks, zone)})


def check_loaded(flows: list[LoadedFlow], problems: list[Problem], hooks: Hooks, zone: tzinfo) -> list[Problem]:
    """Return the mistakes of flows that could be read; `problems` are those found in reading them and the others."""
    lost = {problem.position.path for problem in problems} - {flow.document.path for flow in flows}
    return check(Catalog.of(flows, lost=bool(lost)), hooks, zone) if flows else []


def read_book(folder: Path) -> Catalog:
    """Return the flows of `folder`, read but not checked; raises FlowError where one cannot be read."""
    flows, problems = load(folder)
    if problems:
        raise FlowError(problems)
    return Catalog.of(flows)


def load_flows(folder: Path, hooks: Hooks, zone: tzinfo) -> CompiledFlows:
    """Return the compiled flows of `folder`; raises FlowError with every mistake where there is one."""
    flows, problems = load(folder)
    problems += check_loaded(flows, problems, hooks, zone)
    if problems:
        raise FlowError(problems)
    return compile_flows(Catalog.of(flows), hooks, zone)
