"""What hooks declare that they take must be there: every input a variable that fits it, every subject at hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.check.branches import subjects_in_scope
from engine.conversation import ANSWER
from engine.hooks.declarations import Action, Hook, Home, answer_of, home_of
from engine.hooks.inputs import INCOMPLETE, Input, input_of, inputs_of, takes_nothing
from engine.hooks.registry import Hooks
from engine.language.base import Call
from engine.language.dialog import Branch, Step
from engine.language.file import FlowFile
from engine.language.status import Transition
from engine.problems import did_you_mean
from engine.reading.catalog import BranchAt, Catalog, KeyPath, full_name, outcome_branches
from engine.reading.scopes import Filling, Scopes
from engine.templates.shapes import Moment, Number, Record, Shape

VALUES: Mapping[str, Shape | None] = {"actor": Number(of="person"), "now": Moment(), "nothing": None}
"""What a transition may set a field to, besides an answer."""


@dataclass(frozen=True, slots=True)
class _Use:
    """A hook as a flow calls it: where, with which variables behind its inputs, and the answers it may take."""

    hook: Hook
    call: Call
    path: KeyPath
    home: Home
    transition: Transition | None = None


def check_inputs(catalog: Catalog, hooks: Hooks, scopes: Scopes) -> None:
    """Report inputs without a variable, variables that an input cannot take, and hooks without their subject."""
    for use in _uses(catalog, hooks):
        for name, variable in use.hook.variables(use.call.arguments, use.home).items():
            _check_input(catalog, scopes, use, inputs_of(use.hook.inputs)[name], variable)
        _check_one_of(catalog, scopes, use)
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            _check_fields(catalog, hooks, scopes, file, transition, path)


def demands(at: BranchAt, branch: Branch, action: Action) -> bool:
    """Return whether an action may find its inputs missing where a branch leads, so that `INCOMPLETE` has to lead on."""
    if not action.is_demanding or branch.do is None:
        return False
    variables = action.variables(branch.do.arguments, home_of(action))
    certain = set(_certain(at, branch))
    required = {variables[name] for name, each in inputs_of(action.inputs).items() if each.required}
    one_of = {variables[name] for name in action.inputs.one_of}
    return not required <= certain or bool(one_of and not one_of & certain and not _answers(at) <= one_of)


def _certain(at: BranchAt, branch: Branch) -> Iterator[str]:
    """Go through the variables that have a value wherever a branch is taken."""
    for guard in {*map(id, ()), *()} or [*at.branch.when, *branch.when]:
        if guard.name == "has" and not guard.negated and isinstance(guard.arguments, str):
            yield guard.arguments
    answers = _answers(at)
    if at.step and _is_answered(at):
        yield from at.step.step.needs
    if len(answers) == 1:
        yield from answers


def _is_answered(at: BranchAt) -> bool:
    return at.key == "next" or bool(getattr(at.branch, "next_", False))


def _answers(at: BranchAt) -> set[str]:
    """Return the variables of which one is filled by the answer that a branch follows; none where it follows none."""
    if at.anywhere and at.anywhere.expect:
        return _filled_by(Step(text="-", expect=at.anywhere.expect))
    if at.step is None or not _is_answered(at):
        return {""}
    return _filled_by(at.step.step)


def _filled_by(step: Step) -> set[str]:
    inputs = (step.expect.text, step.expect.photo, step.expect.document, step.choose)
    return {each.into for each in inputs if each} or {""}


def _uses(catalog: Catalog, hooks: Hooks) -> Iterator[_Use]:
    """Go through the calls of hooks that are known."""
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            action = hooks.actions.get(branch.do.name) if branch.do else None
            if action and branch.do:
                yield _Use(action, branch.do, path.inside("do"), home_of(action))
            for index, guard in enumerate(branch.when):
                if guard.name in hooks.guards:
                    yield _Use(hooks.guards[guard.name], guard, path.inside("when", index), str)
            source = hooks.file_sources.get(branch.send.from_.name) if branch.send else None
            if source and branch.send:
                yield _Use(source, branch.send.from_, path.inside("send", "from"), str)
    for step in catalog.steps().values():
        calls = [(call, step.path.inside("source", index)) for index, call in enumerate(step.step.source)]
        if step.step.list_:
            calls.append((step.step.list_.rows, step.path.inside("list", "rows")))
        if step.step.choose:
            calls.append((step.step.choose.from_, step.path.inside("choose", "from")))
        yield from (_Use(hooks.sources[call.name], call, path, str) for call, path in calls if call.name in hooks.sources)
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            if transition.do and transition.do.name in hooks.actions:
                path = KeyPath(file.flow, ("status", "transitions", index, "do"))
                yield _Use(hooks.actions[transition.do.name], transition.do, path, answer_of, transition)


def _check_input(catalog: Catalog, scopes: Scopes, use: _Use, declared: Input, variable: str) -> None:
    named = isinstance(use.call.arguments, Mapping) and declared.name in use.call.arguments
    where = use.path.inside(use.call.name, declared.name) if named else use.path
    if use.transition and not variable.startswith(ANSWER):
        catalog.report(where, f'"{use.call.name}" takes answers here, and "{variable}" is none', "ask for it: answer.…")
        return
    shape = _shape(scopes, use, variable)
    if shape is None:
        if named or declared.required:
            _report_unfilled(catalog, scopes, use, declared, variable, where)
        return
    wanted = declared.misfit(shape)
    if wanted is None:
        return
    fillings = [] if use.transition else [*scopes.filled(use.path.flow, variable)]
    wrong = [each for each in fillings if declared.misfit(each.shape)]
    if wrong and len(wrong) < len(fillings) or (wrong and _only_bounds(declared, wrong)):
        for filling in wrong:
            _report_filling(catalog, scopes, use, declared, filling, wanted)
    else:
        what = f'"{declared.name}" of "{use.call.name}" takes {wanted}, and "{variable}" may be something else'
        catalog.report(where, what, "name another variable, or fill it in another way")


def _shape(scopes: Scopes, use: _Use, variable: str) -> Shape | None:
    if use.transition is None:
        return scopes.variable(use.path.flow, variable)
    return scopes.answers(use.path.flow, use.transition).get(variable.removeprefix(ANSWER))


def _only_bounds(declared: Input, fillings: list[Filling]) -> bool:
    """Return whether what fills a variable is of the right kind, and only its length or one of its values is not."""
    return all(declared.is_of_kind(each.shape) for each in fillings)


def _report_unfilled(
    catalog: Catalog, scopes: Scopes, use: _Use, declared: Input, variable: str, where: KeyPath
) -> None:
    if not catalog.whole():
        return
    owner = variable.rpartition(".")[0]
    known = {f"{owner}.{name}" if owner else name for name in scopes.kept.get(owner or use.path.flow, {})}
    if use.transition:
        known = {answer_of(name) for name in use.transition.ask}
    what = f'"{use.call.name}" needs "{declared.name}", and nothing fills "{variable}"'
    hint = did_you_mean(variable, known) or f"say which variable it is: {{{use.call.name}: {{{declared.name}: …}}}}"
    catalog.report(where, what, hint)


def _report_filling(
    catalog: Catalog, scopes: Scopes, use: _Use, declared: Input, filling: Filling, wanted: str
) -> None:
    what = f'"{declared.name}" of "{use.call.name}" takes {wanted}'
    values = scopes.list_values(filling.path, declared.misfit_values(filling.shape))
    for path in values:
        catalog.report(path, f'{what}, and not "{path.location[-1]}"', "take it out of the list", key=True)
    if not values:
        bound = "max" if declared.is_too_long(filling.shape) else "min"
        catalog.report(filling.path.beside(bound), f"{what}: more or less is not kept", f'set "{bound}" so')


def _check_one_of(catalog: Catalog, scopes: Scopes, use: _Use) -> None:
    names = use.hook.inputs.one_of
    variables = use.hook.variables(use.call.arguments, use.home)
    if names and catalog.whole() and all(_shape(scopes, use, variables[name]) is None for name in names):
        what = f'"{use.call.name}" needs {" or ".join(names)}, and nothing fills {" or ".join(variables[n] for n in names)}'
        catalog.report(use.path, what, f"say which variable it is: {{{use.call.name}: {{{names[0]}: …}}}}")


def _check_fields(
    catalog: Catalog, hooks: Hooks, scopes: Scopes, file: FlowFile, transition: Transition, path: KeyPath
) -> None:
    """Report fields that a transition sets to what they cannot take."""
    port = hooks.subjects.get(file.subject or "")
    answers = {f"{ANSWER}{name}" for name in transition.ask}
    for field, value in transition.set.items():
        where = path.inside("set", field)
        if port and field not in port.fields.model_fields:
            what = f'a {port.kind} has no field "{field}" to set'
            catalog.report(where, what, did_you_mean(field, port.fields.model_fields), key=True)
        if value not in VALUES and value not in answers:
            catalog.report(where, f'"{value}" is no value to set', did_you_mean(value, {*VALUES, *answers}))
        elif port and field in port.fields.model_fields:
            shape = VALUES[value] if value in VALUES else scopes.answers(file.flow, transition)[value.removeprefix(ANSWER)]
            _check_field(catalog, port.kind, port.fields.model_fields[field], field, value, shape, where)
    for name, step in transition.ask.items():
        target = full_name(file.flow, step)
        if target in catalog.steps() and scopes.given(target) is None and catalog.whole():
            catalog.report(
                path.inside("ask", name), f'the dialog at "{step}" gives nothing back', 'end it with "give"'
            )


def _check_field(
    catalog: Catalog, kind: str, info: object, field: str, value: str, shape: Shape | None, where: KeyPath
) -> None:
    declared = input_of(field, info)  # type: ignore[arg-type] # a field of a model
    if shape is None:
        if not takes_nothing(info):  # type: ignore[arg-type]
            catalog.report(where, f'"{field}" of a {kind} cannot be nothing', "set it to a value")
        return
    if wanted := declared.misfit(shape):
        catalog.report(where, f'"{field}" of a {kind} takes {wanted}, and "{value}" is something else', "set another value")


__all__ = ["INCOMPLETE", "Record", "check_inputs", "demands", "subjects_in_scope"]
