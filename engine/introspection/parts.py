"""The parts of flows that a conversation can meet, named as the engine's trace names them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from engine.compiled import CompiledFlows
from engine.problems import Position
from engine.reading.catalog import Catalog, KeyPath, deadline_key

PartKind: TypeAlias = Literal["step", "way", "transition", "left", "deadline", "notice", "phrase"]
KINDS: tuple[PartKind, ...] = get_args(PartKind)
NOT_IN_A_TALK = ("busy", "failed", "moved", "older")
"""Phrases that no talk can bring about with flows that are in order and stay as they are."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part, and where it is written; `name` is that in the trace, which begins with the kind.

    A `way` is a branch or what an outcome of its action leads to, and so every button; `left` is a transition from one
    of the statuses that it leads from.
    """

    position: Position
    kind: PartKind
    name: str


def parts(catalog: Catalog, flows: CompiledFlows) -> list[Part]:
    """Return every part of the flows, in the order of the files."""
    found = (*_steps(catalog), *_ways(flows), *_transitions(catalog), *_deadlines(catalog), *_notices(catalog))
    named = [(name, catalog.position(path, key=True)) for name, path in (*found, *_phrases(catalog))]
    return sorted(Part(position, _kind(name), name) for name, position in named)


def _kind(name: str) -> PartKind:
    return next(kind for kind in KINDS if name.startswith(f"{kind}:"))


def _steps(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Every step, drawn."""
    return ((f"step:{name}", step.path) for name, step in catalog.steps().items())


def _ways(flows: CompiledFlows) -> Iterator[tuple[str, KeyPath]]:
    """Every way, and every turn by an outcome of its action.

    A button of status transitions stands for these: nobody goes its way.
    """
    standing = {button.branch.name for step in flows.steps.values() for button in step.buttons if button.status}
    return ((f"way:{name}", branch.path) for name, branch in flows.branches.items() if name not in standing)


def _transitions(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Every status transition, from every status that it leads from."""
    for file, status in catalog.statuses():
        for index, each in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            yield f"transition:{file.flow}.{each.name}", path
            yield from ((f"left:{each.name}:{state}", path) for state in each.from_)


def _deadlines(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Every deadline, gone off."""
    for file, state, deadline, path in catalog.deadlines():
        yield f"deadline:{file.flow}.{state}.{deadline_key(deadline)}", path


def _notices(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Every notice, told."""
    return ((f"notice:{file.flow}!{name}", path) for file, name, _, path in catalog.notices())


def _phrases(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Every phrase that a conversation can meet."""
    for file in catalog.files():
        if file.phrases:
            for name in type(file.phrases).model_fields.keys() - NOT_IN_A_TALK:
                yield f"phrase:{name}", KeyPath(file.flow, ("phrases", name))
