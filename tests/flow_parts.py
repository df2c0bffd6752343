"""The parts of flows that people can meet, each with the place in its file: what a walk through a bot has to cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.catalog import Book, Place, deadline_key
from engine.reading.loader import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.compiled import CompiledFlows

Part = tuple[str, Place]


def missing(folder: Path, flows: CompiledFlows, met: set[str]) -> list[str]:
    """Return a line with file and line for every part of the flows in `folder` that is not among those `met`."""
    loaded, _ = load(folder)
    book = Book.of(loaded)
    found = []
    for name, place in (*_steps(book), *_ways(flows), *_transitions(book), *_deadlines(book), *_notices(book)):
        if name not in met:
            mark = book.mark(place)
            found.append((mark.path, mark.line, name))
    return [f"{path}:{line}: {name}" for path, line, name in sorted(found)]


def _steps(book: Book) -> Iterator[Part]:
    """Every step, drawn."""
    return ((f"step:{name}", step.place) for name, step in book.steps().items())


def _ways(flows: CompiledFlows) -> Iterator[Part]:
    """Every way, and every turn by an outcome of its action.

    A button of status transitions stands for these: nobody goes its way.
    """
    standing = {button.way.name for step in flows.steps.values() for button in step.buttons if button.status}
    return ((f"way:{name}", way.place) for name, way in flows.ways.items() if name not in standing)


def _transitions(book: Book) -> Iterator[Part]:
    """Every status transition, from every status that it leads from."""
    for file, status in book.statuses():
        for index, each in enumerate(status.transitions):
            place = Place(file.flow, ("status", "transitions", index))
            yield f"transition:{file.flow}.{each.name}", place
            for state in each.from_:
                yield f"left:{each.name}:{state}", place


def _deadlines(book: Book) -> Iterator[Part]:
    """Every deadline, gone off."""
    for file, state, deadline, place in book.deadlines():
        yield f"deadline:{file.flow}.{state}.{deadline_key(deadline)}", place


def _notices(book: Book) -> Iterator[Part]:
    """Every notice, told; one with words of its own also shown to somebody."""
    for file, name, notice, place in book.notices():
        yield f"notice:{file.flow}!{name}", place
        if notice.text:
            yield f"shown:{file.flow}!{name}", place
