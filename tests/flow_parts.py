"""The parts of flows that people can meet, each with the place in its file: what a walk through a bot has to cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.catalog import Catalog, KeyPath, deadline_key
from engine.reading.loader import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.compiled import CompiledFlows

Part = tuple[str, KeyPath]


def missing(folder: Path, flows: CompiledFlows, met: set[str]) -> list[str]:
    """Return a line with file and line for every part of the flows in `folder` that is not among those `met`."""
    loaded, _ = load(folder)
    catalog = Catalog.of(loaded)
    found = []
    for name, path in (
        *_steps(catalog),
        *_ways(flows),
        *_transitions(catalog),
        *_deadlines(catalog),
        *_notices(catalog),
    ):
        if name not in met:
            mark = catalog.position(path)
            found.append((mark.path, mark.line, name))
    return [f"{path}:{line}: {name}" for path, line, name in sorted(found)]


def _steps(catalog: Catalog) -> Iterator[Part]:
    """Every step, drawn."""
    return ((f"step:{name}", step.path) for name, step in catalog.steps().items())


def _ways(flows: CompiledFlows) -> Iterator[Part]:
    """Every way, and every turn by an outcome of its action.

    A button of status transitions stands for these: nobody goes its way.
    """
    standing = {button.branch.name for step in flows.steps.values() for button in step.buttons if button.status}
    return ((f"way:{name}", branch.path) for name, branch in flows.branches.items() if name not in standing)


def _transitions(catalog: Catalog) -> Iterator[Part]:
    """Every status transition, from every status that it leads from."""
    for file, status in catalog.statuses():
        for index, each in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            yield f"transition:{file.flow}.{each.name}", path
            for state in each.from_:
                yield f"left:{each.name}:{state}", path


def _deadlines(catalog: Catalog) -> Iterator[Part]:
    """Every deadline, gone off."""
    for file, state, deadline, path in catalog.deadlines():
        yield f"deadline:{file.flow}.{state}.{deadline_key(deadline)}", path


def _notices(catalog: Catalog) -> Iterator[Part]:
    """Every notice, told; one with words of its own also shown to somebody."""
    for file, name, notice, path in catalog.notices():
        yield f"notice:{file.flow}!{name}", path
        if notice.text:
            yield f"shown:{file.flow}!{name}", path
