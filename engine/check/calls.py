"""Every place where a flow calls a hook, with what is known there: its step, its branch, its transition."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.hooks.declarations import DefaultVariable, Hook, answer_of, default_variable_of
from engine.hooks.registry import Hooks
from engine.i18n import Message, message
from engine.language.base import ANY, Call, alternatives
from engine.language.dialog import Branch
from engine.language.status import TIMER, Transition
from engine.reading.catalog import BranchAt, Catalog, KeyPath, StepAt, outcome_branches

_TIME = Call.model_validate(TIMER)
_KINDS = {
    "guard": message("guard"),
    "role": message("role"),
    "audience": message("role"),
    "action": message("action"),
    "source": message("source"),
    "source of rows": message("source of rows"),
    "source of files": message("source of files"),
}


@dataclass(frozen=True, slots=True)
class HookCall:
    """A call of a hook as `kind`: a guard, a role, an audience, an action, or a source of values, of rows or of files.

    `at` and `branch` are the branch that it belongs to, `step` the step that it is drawn with, `transition` the status
    transition, `subject` the kind of subject whose flow it stands in, where it is called for that.
    """

    kind: str
    call: Call
    path: KeyPath
    at: BranchAt | None = None
    branch: Branch | None = None
    step: StepAt | None = None
    transition: Transition | None = None
    subject: str | None = None

    @property
    def words(self) -> Message:
        """What it is called as, for messages; an audience is a role to who writes flows."""
        return _KINDS[self.kind]

    def hook(self, hooks: Hooks) -> Hook | None:
        """Return the hook that is called; None for roles and relations, and where there is none of this name."""
        if self.kind in {"source", "source of rows"}:
            source = hooks.sources.get(self.call.name)
            return source if source and source.rows == (self.kind == "source of rows") else None
        known: Mapping[str, Mapping[str, Hook]] = {
            "guard": hooks.guards,
            "action": hooks.actions,
            "source of files": hooks.file_sources,
        }
        return known.get(self.kind, {}).get(self.call.name)

    def default(self, hooks: Hooks) -> DefaultVariable:
        """Return what names the variable of an input that the flow names none for."""
        if self.kind != "action":
            return str
        return answer_of if self.transition else default_variable_of(hooks.actions[self.call.name])


def hook_calls(catalog: Catalog) -> Iterator[HookCall]:
    """Go through all calls; instead of `any`, through the guards inside of it, where it has any."""
    for each in _outer_calls(catalog):
        yield from _with_alternatives(each)


def names_of(hooks: Hooks, kind: str) -> Mapping[str, Hook | None]:
    """Return the names that may be used as `kind`, with their hooks; a role has none."""
    roles: dict[str, Hook | None] = dict.fromkeys(hooks.audiences)
    if kind == "role":
        return roles
    if kind == "audience":
        return dict.fromkeys(name for name, audience in hooks.audiences.items() if audience.members)
    if kind == "guard":
        return {**roles, **hooks.guards, ANY: None}
    if kind.startswith("source") and kind != "source of files":
        return {name: each for name, each in hooks.sources.items() if each.rows == (kind == "source of rows")}
    return dict(hooks.actions) if kind == "action" else dict(hooks.file_sources)


def _with_alternatives(outer: HookCall) -> Iterator[HookCall]:
    inner = alternatives(outer.call) if outer.kind == "guard" and outer.call.name == ANY else []
    if not inner:
        yield outer
    for index, call in enumerate(inner):
        path = outer.path.inside(ANY, index)
        yield from _with_alternatives(
            HookCall("guard", call, path, outer.at, outer.branch, outer.step, outer.transition, outer.subject)
        )


def _outer_calls(catalog: Catalog) -> Iterator[HookCall]:
    for at in catalog.branches():
        yield from _of_branch(at)
    for step in catalog.steps().values():
        yield from _of_step(catalog, step)
    for file in catalog.files():
        yield from _each("role", file.may_see, KeyPath(file.flow, ("may_see",)), subject=file.subject)
    yield from _of_statuses(catalog)
    for file, _, notice, path in catalog.notices():
        yield from _each("audience", notice.to, path.inside("to"), subject=file.subject)


def _of_branch(at: BranchAt) -> Iterator[HookCall]:
    for outcome, branch, path in outcome_branches(at):
        if not is_outcome(at, outcome):
            for index, call in enumerate(branch.when):
                yield HookCall("guard", call, path.inside("when", index), at, branch, at.step)
            if branch.do:
                yield HookCall("action", branch.do, path.inside("do"), at, branch, at.step)
        if branch.send:
            yield HookCall("source of files", branch.send.from_, path.inside("send", "from"), at, branch, at.step)


def is_outcome(at: BranchAt, outcome: str | None) -> bool:
    """Return whether a branch follows an outcome of an action: it chooses and does nothing itself."""
    return outcome is not None or at.transition is not None


def _of_step(catalog: Catalog, at: StepAt) -> Iterator[HookCall]:
    for index, call in enumerate(at.step.source):
        yield HookCall("source", call, at.path.inside("source", index), step=at)
    if at.step.list_:
        yield HookCall("source of rows", at.step.list_.rows, at.path.inside("list", "rows"), step=at)
    if at.step.choose and not _is_list(catalog, at.step.choose.from_.name):
        yield HookCall("source of rows", at.step.choose.from_, at.path.inside("choose", "from"), step=at)


def _of_statuses(catalog: Catalog) -> Iterator[HookCall]:
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            by = _each("role", transition.by, path.inside("by"), transition, file.subject)
            yield from (each for each in by if each.call != _TIME)
            yield from _each("guard", transition.when, path.inside("when"), transition, file.subject)
            if transition.do:
                yield HookCall("action", transition.do, path.inside("do"), transition=transition, subject=file.subject)
    for file, _, deadline, path in catalog.deadlines():
        yield from _each("guard", deadline.when, path.inside("when"), subject=file.subject)


def _each(
    kind: str,
    calls: Iterable[Call],
    path: KeyPath,
    transition: Transition | None = None,
    subject: str | None = None,
) -> Iterator[HookCall]:
    for index, call in enumerate(calls):
        yield HookCall(kind, call, path.inside(index), transition=transition, subject=subject)


def _is_list(catalog: Catalog, name: str) -> bool:
    """Return whether a choice is from a fixed list, or may be, where a file could not be read."""
    return (
        catalog.partial
        or name in catalog.labels()
        or any(name in catalog.raw_keys(flow, "lists") for flow in catalog.flows)
    )
