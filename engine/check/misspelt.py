"""Misspelt names: each is reported where it is written, and the flows are read on as they were meant."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from engine.check.hook_names import field_names, hook_names, input_names, outcome_names, question_names
from engine.check.references import (
    FLOW,
    LIST,
    NOTICE,
    STATUS,
    STEP,
    TRANSITION,
    Definition,
    Names,
    Reference,
    flow_names,
    list_names,
    notice_names,
    status_names,
    step_names,
    subject_names,
    transition_names,
)
from engine.check.texts import WordReader
from engine.hooks.registry import Hooks
from engine.i18n import Message, counted, message
from engine.language.file import FlowFile
from engine.letters import latin
from engine.problems import did_you_mean, is_one_edit, nearest
from engine.reading.catalog import Catalog, KeyPath
from engine.reading.loader import LoadedFlow
from engine.reading.yaml_reader import Location

_DESCRIBED = {FLOW, LIST, NOTICE, STATUS, STEP, TRANSITION}
"""What flows describe themselves; the rest is declared by hooks."""
_SECTIONS = {STEP: "steps", NOTICE: "notices"}
"""What a flow describes under one key of its own."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A key, or a value, to be read as another."""

    path: KeyPath
    meant: str
    key: bool


def correct_names(catalog: Catalog, hooks: Hooks, reader: WordReader) -> Catalog:
    """Report misspelt names and return the flows as they were meant, so that nothing else follows from them."""
    # What comes first decides what the names after it are compared with.
    spaces: list[Callable[[Catalog], Names]] = [
        lambda each: subject_names(each, hooks),
        flow_names,
        step_names,
        lambda each: hook_names(each, hooks),
        lambda each: list_names(each, hooks, reader.read(each)),
        lambda each: input_names(each, hooks),
        lambda each: outcome_names(each, hooks),
        lambda each: field_names(each, hooks),
        lambda each: question_names(each, hooks, reader.read(each)),
        status_names,
        transition_names,
        lambda each: notice_names(each, hooks),
    ]
    for names in spaces:
        catalog = _corrected(catalog, *names(catalog))
        if any(kind == str(FLOW) for kind, _ in catalog.lacking) and not catalog.partial:
            catalog = replace(catalog, partial=True)
    return catalog


def _corrected(catalog: Catalog, definitions: Iterable[Definition], references: Iterable[Reference]) -> Catalog:
    used: dict[tuple[Message, str, str], list[Reference]] = defaultdict(list)
    for each in references:
        used[each.kind, each.space, each.name].append(each)
    defined = {(each.kind, each.space, each.name): each for each in definitions}
    renames: list[Rename] = []
    lacking = {*_without_any(catalog, used, {(each.kind, each.space) for each in defined.values()})}
    for (kind, space, name), places in used.items():
        if name in places[0].known or (str(kind), _full(space, name)) in lacking:
            continue
        near = nearest(name, places[0].known)
        if not (near and is_one_edit(latin(name), near)):
            written = [each for each in places if not each.fixed or kind is LIST] if kind in _DESCRIBED else []
            if len(written) > 1:
                lacking.add(_lacking(catalog, kind, space, name, written))
                continue
            near = None if kind is FLOW else near
        definition = defined.get((kind, space, near or ""))
        if definition and not used.get((kind, space, definition.name)) and _is_meant(catalog, name, places, definition):
            what = message('nothing refers to the {kind} "{name}"', kind=kind, name=definition.name)
            catalog.report(definition.path, what, did_you_mean(definition.name, [name]), key=definition.key)
            renames.append(Rename(definition.path, name, definition.key))
        elif near:
            for each in places:
                renames += _corrected_reference(catalog, each, near)
    return (
        replace(renamed(catalog, renames), lacking=catalog.lacking | lacking) if lacking else renamed(catalog, renames)
    )


def _lacking(catalog: Catalog, kind: Message, space: str, name: str, places: list[Reference]) -> tuple[str, str]:
    """Report what several places name, and nothing is called, at the first of them."""
    first = min(places, key=lambda each: (each.fixed, catalog.position(each.path, key=each.key)))
    what = counted(
        '{number} place names the {kind} "{name}", and there is none',
        '{number} places name the {kind} "{name}", and there is none',
        len(places),
        kind=kind,
        name=name,
    )
    catalog.report(first.path, what, message("describe it, or name another"), key=first.key)
    return str(kind), _full(space, name)


def _full(space: str, name: str) -> str:
    return f"{space}.{name}" if space else name


def _without_any(
    catalog: Catalog, used: Mapping[tuple[Message, str, str], list[Reference]], defined: Set[tuple[Message, str]]
) -> Iterator[tuple[str, str]]:
    """Report a flow that describes nothing of a kind, of which several are named; go through their names."""
    spaces: dict[tuple[Message, str], list[Reference]] = defaultdict(list)
    for (kind, space, name), places in used.items():
        if kind in _SECTIONS and (kind, space) not in defined and name not in places[0].known:
            spaces[kind, space] += places
    for (kind, space), places in spaces.items():
        names = sorted({each.name for each in places})
        if len(names) > 1:
            what = message('"{section}" is missing in the flow "{flow}"', section=_SECTIONS[kind], flow=space)
            named = message("these are named: {names}", names=", ".join(names))
            catalog.report(KeyPath(space, ("flow",)), what, named, key=True)
            yield from ((str(kind), _full(space, name)) for name in names)


def _is_meant(catalog: Catalog, name: str, places: list[Reference], definition: Definition) -> bool:
    """Return whether a name is right where it is referred to, and misspelt where it is defined."""
    return len(places) > 1 or occurrences(catalog, name) > occurrences(catalog, definition.name)


def occurrences(catalog: Catalog, name: str) -> int:
    """Return how often a name is written in the flows, as whatever: the misspelt one of two is the rarer."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return sum(len(word.findall(line)) for flow in catalog.flows.values() for line in flow.document.lines)


def _corrected_reference(catalog: Catalog, each: Reference, near: str) -> Iterable[Rename]:
    if each.fixed:
        return
    owner = each.prefix if each.prefix.endswith(".") else ""
    what = message('unknown {kind} "{name}"', kind=each.kind, name=f"{owner}{each.name}")
    catalog.report(each.path, what, did_you_mean(f"{owner}{each.name}", [f"{owner}{near}"]), key=each.key)
    yield Rename(each.path, f"{each.prefix}{near}{each.suffix}", each.key)


def renamed(catalog: Catalog, renames: Iterable[Rename]) -> Catalog:
    """Return the flows with other names in some places, which are still found where they are written."""
    by_flow: dict[str, list[Rename]] = defaultdict(list)
    for each in renames:
        by_flow[each.path.flow].append(each)
    if not by_flow:
        return catalog
    flows = [_rewritten(flow, by_flow[name]) if name in by_flow else flow for name, flow in catalog.flows.items()]
    return replace(catalog, flows={flow.file.flow: flow for flow in flows})


def _rewritten(flow: LoadedFlow, renames: Iterable[Rename]) -> LoadedFlow:
    document, raw = flow.document, replace(flow.document, data=flow.raw)
    for each in renames:
        location = document.find(each.path.location)
        if each.key and location in document.keys:
            target = (*location[:-1], each.meant)
            document = document.relocated(location, target)
            raw = raw.relocated(location, target) if flow.complete or _is_in(raw.data, location) else raw
        elif not each.key and location in document.values:
            document = document.with_value(location, each.meant)
    try:
        file = FlowFile.model_validate(document.data)
    except ValidationError:
        return flow
    return replace(flow, file=file, document=document, raw=raw.data)


def _is_in(data: Any, location: Location) -> bool:
    """Return whether a location, which pieces that do not fit the schema may have shifted, leads through keys alone."""
    for step in location:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True
