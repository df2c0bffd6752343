"""Loading flows from a folder: read, check, compile."""

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
    """Return all mistakes of the flows in `folder`; FlowError where there are no flows to read."""
    flows, problems = load(folder)
    return sorted({*problems, *check_loaded(flows, problems, hooks, zone)})


def check_loaded(flows: list[LoadedFlow], problems: list[Problem], hooks: Hooks, zone: tzinfo) -> list[Problem]:
    """Return the mistakes of flows that could be read; `problems` are those of reading, of all files."""
    unread = {problem.position.path for problem in problems} - {flow.document.path for flow in flows}
    return check(Catalog.of(flows, partial=bool(unread)), hooks, zone) if flows else []


def read_catalog(folder: Path) -> Catalog:
    """Return the catalog of the flows in `folder`, read but not checked; FlowError where one cannot be read."""
    flows, problems = load(folder)
    if problems:
        raise FlowError(problems)
    return Catalog.of(flows)


def read_what_fits(folder: Path) -> Catalog:
    """Return the catalog of what can be read of the flows in `folder`, with or without mistakes.

    FlowError where there are no flows, or none of them can be read.
    """
    flows, problems = load(folder)
    if not flows:
        raise FlowError(problems)
    return Catalog.of(flows, partial=bool(problems))


def load_flows(folder: Path, hooks: Hooks, zone: tzinfo) -> CompiledFlows:
    """Return the compiled flows of `folder`; FlowError with all mistakes where there are any."""
    flows, problems = load(folder)
    problems += check_loaded(flows, problems, hooks, zone)
    if problems:
        raise FlowError(problems)
    return compile_flows(Catalog.of(flows), hooks, zone)
