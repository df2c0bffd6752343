"""Checks of hooks: every guard, role, action and source exists and takes its arguments."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from engine.hooks.declarations import Action, Hook
from engine.hooks.registry import Hooks
from engine.language.base import Call
from engine.language.status import TIMER
from engine.problems import did_you_mean
from engine.reading.catalog import BranchAt, Catalog, KeyPath, outcome_branches

_TIME = Call.model_validate(TIMER)


def check_hooks(catalog: Catalog, hooks: Hooks) -> None:
    """Report unknown names, wrong arguments and unhandled outcomes."""
    for kind, call, path in _calls(catalog):
        _check_call(catalog, hooks, kind, call, path)
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            if outcome and (branch.do or branch.when):
                hint = "lead to a step that does it"
                catalog.report(path, 'an outcome leads on without a "do" or a "when" of its own', hint, key=True)
            if branch.do and branch.do.name in hooks.actions:
                _check_outcomes(catalog, hooks.actions[branch.do.name], branch.otherwise, path)
            elif branch.otherwise and not branch.do:
                catalog.report(path.inside("else"), '"else" answers the outcomes of an action', 'add "do"', key=True)


def _check_call(catalog: Catalog, hooks: Hooks, kind: str, call: Call, path: KeyPath) -> None:
    known = _known(hooks, kind)
    if call.name not in known:
        if kind == "audience" and call.name in hooks.audiences:
            catalog.report(path, f'nobody can be told as "{call.name}"', did_you_mean(call.name, known))
            return
        word = "role" if kind == "audience" else kind
        catalog.report(path, f'unknown {word} "{call.name}"', did_you_mean(call.name, known))
        return
    if call.negated and kind != "guard":
        catalog.report(path, f'"not" serves with guards only, not with the {kind} "{call.name}"')
    hook = known[call.name]
    if hook is None or not hook.parameters.model_fields:
        if call.arguments is not None:
            catalog.report(path.inside(call.name), f'"{call.name}" takes no arguments', key=True)
        return
    try:
        hook.bind(call.arguments)
    except ValidationError as error:
        for detail in error.errors():
            where = path.inside(call.name, *detail["loc"])
            message = detail["msg"].removeprefix("Value error, ")
            part = ".".join(map(str, detail["loc"])) or "arguments"
            catalog.report(where, f'wrong arguments of {kind} "{call.name}": {part}: {message}'.lower())


def _known(hooks: Hooks, kind: str) -> Mapping[str, Hook | None]:
    """Return the names that may be used as `kind`, with their hooks; a role has none."""
    roles: dict[str, Hook | None] = dict.fromkeys(hooks.audiences)
    if kind == "role":
        return roles
    if kind == "audience":
        return dict.fromkeys(name for name, audience in hooks.audiences.items() if audience.members)
    if kind == "guard":
        return {**roles, **hooks.guards}
    if kind == "source":
        return {name: source for name, source in hooks.sources.items() if not source.rows}
    if kind == "source of rows":
        return {name: source for name, source in hooks.sources.items() if source.rows}
    return dict(hooks.actions) if kind == "action" else dict(hooks.file_sources)


def _calls(catalog: Catalog) -> Iterator[tuple[str, Call, KeyPath]]:
    for at in catalog.branches():
        yield from _branch_calls(at)
    for name, step in catalog.steps().items():
        yield from _each("source", step.step.source, step.path.inside("source"))
        if step.step.list_:
            yield "source of rows", step.step.list_.rows, step.path.inside("list", "rows")
        if step.step.choose and not _is_list(catalog, step.step.choose.from_.name):
            yield "source of rows", step.step.choose.from_, catalog.steps()[name].path.inside("choose", "from")
    for file in catalog.files():
        yield from _each("role", file.may_see, KeyPath(file.flow, ("may_see",)))
    yield from _status_calls(catalog)
    for _, _, notice, path in catalog.notices():
        yield from _each("audience", notice.to, path.inside("to"))


def _status_calls(catalog: Catalog) -> Iterator[tuple[str, Call, KeyPath]]:
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            yield from (each for each in _each("role", transition.by, path.inside("by")) if each[1] != _TIME)
            yield from _each("guard", transition.when, path.inside("when"))
            if transition.do:
                yield "action", transition.do, path.inside("do")
    for _, _, deadline, path in catalog.deadlines():
        yield from _each("guard", deadline.when, path.inside("when"))


def _is_list(catalog: Catalog, name: str) -> bool:
    """Return whether a choice is from a fixed list, or may be, where a file could not be read."""
    return (
        catalog.partial
        or name in catalog.labels()
        or any(name in catalog.raw_keys(flow, "lists") for flow in catalog.flows)
    )


def _branch_calls(at: BranchAt) -> Iterator[tuple[str, Call, KeyPath]]:
    for _, branch, path in outcome_branches(at):
        yield from _each("guard", branch.when, path.inside("when"))
        if branch.do:
            yield "action", branch.do, path.inside("do")
        if branch.send:
            yield "source of files", branch.send.from_, path.inside("send", "from")


def _each(kind: str, calls: Iterable[Call], path: KeyPath) -> Iterator[tuple[str, Call, KeyPath]]:
    for index, call in enumerate(calls):
        yield kind, call, path.inside(index)


def _check_outcomes(catalog: Catalog, action: Action, handled: Iterable[str], path: KeyPath) -> None:
    for outcome in handled:
        if outcome not in action.outcomes:
            hint = did_you_mean(outcome, action.outcomes)
            catalog.report(path.inside("else", outcome), f'"{action.name}" has no outcome "{outcome}"', hint, key=True)
    for outcome in sorted(action.outcomes - set(handled)):
        catalog.report(
            path.inside("do"), f'the outcome "{outcome}" of "{action.name}" leads nowhere', 'name it under "else"'
        )
