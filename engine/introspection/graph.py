"""Flows and lifecycles as Mermaid diagrams."""

from collections.abc import Iterator
from itertools import chain

from engine.durations import write_duration
from engine.language.dialog import Timed
from engine.language.file import FlowFile
from engine.language.status import Status
from engine.reading.catalog import BranchAt, Catalog, cause_of, full_name, outcome_branches


def mermaid(catalog: Catalog) -> str:
    """Return a flowchart of every flow and a state diagram of every lifecycle, as Markdown with Mermaid blocks."""
    parts: list[str] = []
    for file in catalog.files():
        parts += [f"## {file.flow}", _block(_flowchart(catalog, file))]
        if file.status:
            parts += [f"## {file.subject}: statuses", _block(_lifecycle(file))]
    return "\n\n".join(parts) + "\n"


def _block(lines: Iterator[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```"])


def _flowchart(catalog: Catalog, file: FlowFile) -> Iterator[str]:
    yield "flowchart TD"
    for name in file.steps:
        yield f'    {_node(f"{file.flow}.{name}")}["{name}"]'
    branches = [at for at in catalog.branches() if at.path.flow == file.flow]
    arrows = [*chain.from_iterable(map(_arrows, branches)), *_questions(file)]
    yield from (f"    {arrow}" for arrow in dict.fromkeys(arrows))


def _arrows(at: BranchAt) -> Iterator[str]:
    flow = at.path.flow
    start = _node(at.step.name) if at.step else _entry(at)
    for outcome, branch, _ in outcome_branches(at):
        key = cause_of(at.anywhere) if at.anywhere else at.key
        label = f"{key}: {outcome}" if outcome else key.rpartition("!")[2] if at.step or at.transition else ""
        if branch.go:
            yield f"{start} -->{_label(label)} {_target(flow, branch.go)}"
        if branch.edit:
            yield f"{start} -. edit .-> {_target(flow, branch.edit)}"
        if branch.call:
            yield f"{start} -. call .-> {_target(flow, branch.call)}"


def _questions(file: FlowFile) -> Iterator[str]:
    """Yield the arrows to the questions of transitions, which are asked from the card."""
    if file.status and file.card:
        for transition in file.status.transitions:
            for step in transition.ask.values():
                card = _node(f"{file.flow}.{file.card}")
                yield f"{card} -. {transition.name} asks .-> {_target(file.flow, step)}"


def _entry(at: BranchAt) -> str:
    """Return the node of what opens a branch: a command, a notice, a reply, a timer."""
    if isinstance(at.branch, Timed):
        return f'{_node("time." + at.key)}(("{at.key}"))'
    if at.transition:
        return f'{_node("transition." + at.transition.name)}(["{at.transition.name}"])'
    if at.notice:
        return f'{_node("notice." + at.notice)}(("notice {at.notice.partition("!")[2]}"))'
    cause = cause_of(at.anywhere) if at.anywhere else at.key
    return f'{_node("anywhere." + cause)}(("{cause.replace("command:", "/")}"))'


def _target(flow: str, reference: str) -> str:
    """Return the node of a step; one of another flow is drawn as an exit."""
    name = full_name(flow, reference)
    return _node(name) if name.startswith(f"{flow}.") else f'{_node(name)}(["{name}"])'


def _label(text: str) -> str:
    return f'|"{text}"|' if text else ""


def _node(name: str) -> str:
    """Return an id for Mermaid; with two underscores, so that `a_b.c` and `a.b_c` are two nodes."""
    return "".join(each if each.isalnum() or each == "_" else "__" for each in name)


def _lifecycle(file: FlowFile) -> Iterator[str]:
    if not file.status:
        return
    yield "stateDiagram-v2"
    yield f"    [*] --> {file.status.initial}"
    for name, state in file.status.states.items():
        yield f"    {name}: {state.label}"
    for transition in file.status.transitions:
        for source in transition.from_:
            yield f"    {source} --> {transition.to}: {transition.name}{_when(file.status, source, transition.name)}"
    left = {source for transition in file.status.transitions for source in transition.from_}
    for name in file.status.states:
        if name not in left:
            yield f"    {name} --> [*]"


def _when(status: Status, source: str, transition: str) -> str:
    """Return after how long a timer makes a transition."""
    state = status.states.get(source)
    spans = [write_duration(each.in_) for each in state.after if each.make == transition] if state else []
    return f" (after {', '.join(spans)})" if spans else ""
