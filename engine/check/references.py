"""Every name that a flow gives to something, and every place where something is called by its name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.check.calls import names_of
from engine.check.kinds import subjects_in_scope
from engine.check.texts import Words
from engine.hooks.registry import Hooks
from engine.i18n import Message, message
from engine.language.base import Call
from engine.language.dialog import Rows
from engine.reading.catalog import Catalog, KeyPath, full_name, outcome_branches
from engine.reading.yaml_reader import Location

FLOW, STEP, NOTICE = message("flow"), message("step"), message("notice")
STATUS, TRANSITION, SUBJECT, LIST = message("status"), message("transition"), message("subject"), message("list")


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a flow gives, as a key or as a value at `path`, to something of a kind in `space`."""

    kind: Message
    name: str
    path: KeyPath
    space: str = ""
    key: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names something of a kind in `space`: by a key, or by a value, between `prefix` and `suffix`.

    `known` are the names that may stand there. What is `fixed` stands in words, or is meant without being written.
    """

    kind: Message
    name: str
    path: KeyPath
    known: frozenset[str]
    space: str = ""
    key: bool = False
    prefix: str = ""
    suffix: str = ""
    fixed: bool = False


Names: TypeAlias = tuple[list[Definition], list[Reference]]


def subject_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return where a kind of subject is named; `subject:` itself is checked before."""
    return [], [*_subject_references(catalog, frozenset(hooks.subjects))]


def _subject_references(catalog: Catalog, known: frozenset[str]) -> Iterator[Reference]:
    for step in catalog.steps().values():
        if step.step.about:
            yield Reference(SUBJECT, step.step.about, step.path.inside("about"), known)
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            if entry.reply_to:
                yield Reference(SUBJECT, entry.reply_to, KeyPath(file.flow, ("anywhere", index, "reply_to")), known)
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at) if isinstance(at.branch, Rows) else ():
            for kind in branch.with_:
                yield Reference(SUBJECT, kind, path.inside("with", kind), known, key=True)


def flow_names(catalog: Catalog) -> Names:
    """Return the flows, and where steps are looked for in them."""
    known = frozenset(catalog.flows)
    references = []
    # Where a file could not be read, its flow is there all the same.
    for path, step in step_references(catalog) if not catalog.partial else ():
        flow, dot, name = step.partition(".")
        if dot:
            references.append(Reference(FLOW, flow, path, known, suffix=f".{name}"))
    return [Definition(FLOW, flow, KeyPath(flow, ("flow",)), key=False) for flow in catalog.flows], references


def step_names(catalog: Catalog) -> Names:
    """Return the steps, and where they are named."""
    own = {flow: frozenset(catalog.raw_keys(flow, "steps")) for flow in catalog.flows}
    references = []
    for path, step in step_references(catalog):
        flow, _, name = full_name(path.flow, step).partition(".")
        if flow in own:
            references.append(Reference(STEP, name, path, own[flow], flow, prefix=step.removesuffix(name)))
    return [*_keys(own, STEP, ("steps",))], references


def _keys(own: Mapping[str, Iterable[str]], kind: Message, location: Location) -> Iterator[Definition]:
    """Go through what flows define by the keys of a block of theirs."""
    for flow, names in own.items():
        for name in names:
            yield Definition(kind, name, KeyPath(flow, (*location, name)), flow)


def step_references(catalog: Catalog) -> Iterator[tuple[KeyPath, str]]:
    """Go through all references to steps, as they are written: (path, reference)."""
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            yield from ((path.inside(key), step) for key in ("go", "edit", "call") if (step := getattr(branch, key)))
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            for name, step in transition.ask.items():
                yield KeyPath(file.flow, ("status", "transitions", index, "ask", name)), step
    for file in catalog.files():
        here = KeyPath(file.flow, ())
        yield from ((here.inside("moved", old), new) for old, new in file.moved.items())
        yield from ((here.inside(key), step) for key in ("start", "card") if (step := getattr(file, key)))


def status_names(catalog: Catalog) -> Names:
    """Return the statuses, and where they are named."""
    own = {file.flow: frozenset(catalog.raw_keys(file.flow, "status", "states")) for file, _ in catalog.statuses()}
    definitions = [*_keys(own, STATUS, ("status", "states"))]
    return definitions, [
        Reference(STATUS, name, path, own[path.flow], path.flow) for path, name in status_references(catalog)
    ]


def status_references(catalog: Catalog) -> Iterator[tuple[KeyPath, str]]:
    """Go through all references to statuses: (path, name)."""
    for file, status in catalog.statuses():
        here = KeyPath(file.flow, ("status",))
        yield here.inside("initial"), status.initial
        for old, new in status.moved.items():
            yield here.inside("moved", old), new
        for number, transition in enumerate(status.transitions):
            path = here.inside("transitions", number)
            yield path.inside("to"), transition.to
            for index, name in enumerate(transition.from_):
                yield path.inside("from", index), name


def transition_names(catalog: Catalog) -> Names:
    """Return the status transitions, and the buttons and deadlines that make them."""
    own = {file.flow: frozenset(each.name for each in status.transitions) for file, status in catalog.statuses()}
    definitions = [
        Definition(
            TRANSITION, each.name, KeyPath(file.flow, ("status", "transitions", index, "name")), file.flow, False
        )
        for file, status in catalog.statuses()
        for index, each in enumerate(status.transitions)
    ]
    references = [
        Reference(TRANSITION, deadline.make, path.inside("make"), own[file.flow], file.flow)
        for file, _, deadline, path in catalog.deadlines()
        if deadline.make
    ]
    for step in catalog.steps().values():
        flow = catalog.subject_flow(step.step.about or "")
        for index, button in enumerate(step.step.buttons if flow and flow.status else ()):
            if flow and button.status:
                path = step.path.inside("buttons", index, "status")
                references.append(Reference(TRANSITION, button.status, path, own[flow.flow] | {"all"}, flow.flow))
    return definitions, references


def notice_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return the notices, and where they are sent."""
    own = {flow: frozenset(catalog.raw_keys(flow, "notices")) for flow in catalog.flows}
    references = [Reference(NOTICE, name, path, own[flow], flow) for path, flow, name in _notices(catalog, hooks)]
    return [*_keys(own, NOTICE, ("notices",))], references


def _notices(catalog: Catalog, hooks: Hooks) -> Iterator[tuple[KeyPath, str, str]]:
    """Go through all references to notices, where it is known whose they are: (path, flow, name)."""
    for file, status in catalog.statuses():
        for number, transition in enumerate(status.transitions):
            for index, name in enumerate(transition.tell):
                yield KeyPath(file.flow, ("status", "transitions", number, "tell", index)), file.flow, name
    for file, _, deadline, path in catalog.deadlines():
        for index, name in enumerate(deadline.tell):
            yield path.inside("tell", index), file.flow, name
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            kinds = sorted(set(subjects_in_scope(catalog, hooks, at, outcome))) if branch.tell else []
            flows = [flow.flow for kind in kinds if (flow := catalog.subject_flow(kind))]
            for index, name in enumerate(branch.tell if flows else ()):
                having = (flow for flow in flows if name in catalog.raw_keys(flow, "notices"))
                yield path.inside("tell", index), next(having, flows[0]), name


def list_names(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> Names:
    """Return the fixed lists, and where they are named: in choices, and in words."""
    own = {flow: frozenset(catalog.raw_keys(flow, "lists")) for flow in catalog.flows}
    if catalog.partial:
        return [], []
    # The statuses of a subject are a list also where they are missing, which is reported as such.
    statuses = {f"{file.subject}_status" for file in catalog.files() if file.subject}
    labels = frozenset(catalog.labels()).union(statuses, *own.values())
    choices = labels | names_of(hooks, "source of rows").keys()
    references = [
        call_reference(LIST, step.step.choose.from_, step.path.inside("choose", "from"), choices)
        for step in catalog.steps().values()
        if step.step.choose
    ]
    for each in words:
        names = each.lists | (each.perhaps & labels)
        references += [Reference(LIST, name, each.path, labels, fixed=True) for name in names]
    return [replace(each, space="") for each in _keys(own, LIST, ("lists",))], references


def call_reference(kind: Message, call: Call, path: KeyPath, known: frozenset[str]) -> Reference:
    """Return the reference of a call at `path`: its name is a value of its own, or the key of its arguments."""
    prefix = "not " if call.negated else ""
    if call.arguments is None:
        return Reference(kind, call.name, path, known, prefix=prefix)
    return Reference(kind, call.name, path.inside(f"{prefix}{call.name}"), known, key=True, prefix=prefix)
