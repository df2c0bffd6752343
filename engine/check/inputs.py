"""Checks of inputs: behind every input of a hook stands a variable that fits it."""

from collections.abc import Iterator, Mapping

from engine.check.calls import HookCall, hook_calls
from engine.check.kinds import subjects_in_scope
from engine.conversation import ANSWER
from engine.hooks.declarations import Action, Hook, answer_of
from engine.hooks.inputs import Input, inputs_of
from engine.hooks.registry import HAS, Hooks
from engine.i18n import Message, joined_by_or, message
from engine.language.base import ANY, alternatives
from engine.language.dialog import Branch, Choose, Expect
from engine.problems import did_you_mean, nearest
from engine.reading.catalog import BranchAt, Catalog, KeyPath
from engine.reading.scopes import Assignment, Scopes
from engine.templates.shapes import Shape


def check_inputs(catalog: Catalog, hooks: Hooks, scopes: Scopes) -> None:
    """Report inputs without a variable, and variables that may hold what an input cannot take."""
    for each in hook_calls(catalog):
        hook = each.hook(hooks)
        if hook and not lacks_subject(catalog, hooks, hook, each):
            variables = hook.variables(each.call.arguments, each.default(hooks))
            if missed := missed_answers(each, hook, variables):
                _report_missed(catalog, scopes, each, hook, variables, missed)
                continue
            for name, variable in variables.items():
                _check_input(catalog, scopes, each, inputs_of(hook.inputs)[name], variable)
            _check_one_of(catalog, scopes, each, hook, variables)


def lacks_subject(catalog: Catalog, hooks: Hooks, hook: Hook, each: HookCall) -> bool:
    """Return whether a hook is called where there is no subject of the kind that it needs."""
    kinds: set[str | None] = {each.subject} if each.subject else set()
    if each.at:
        # The subject that an action creates is there only after it.
        kinds |= set(subjects_in_scope(catalog, hooks, each.at, ""))
    elif each.step:
        kinds |= {each.step.step.about}
    misspelt = {kind for kind in kinds if kind is not None} - hooks.subjects.keys()
    return hook.about is not None and hook.about not in kinds and not misspelt


def demands(catalog: Catalog, hooks: Hooks, scopes: Scopes, each: HookCall, action: Action) -> bool:
    """Return whether an action may find its inputs missing where it is called, and `INCOMPLETE` has to lead on.

    Where an input never has a value, or the subject is missing, that is a mistake of its own.
    """
    variables = action.variables(each.call.arguments, each.default(hooks))
    mistaken = _never_fed(scopes, each, action, variables) or missed_answers(each, action, variables)
    if not action.is_demanding or mistaken or lacks_subject(catalog, hooks, action, each):
        return False
    if each.at is None or each.branch is None:
        return True
    certain = {*_certain(each.at, each.branch)}
    required = {variables[name] for name, one in inputs_of(action.inputs).items() if one.required}
    one_of = {variables[name] for name in action.inputs.one_of}
    sets = (_answers(each.at) if _is_answered(each.at) else set(), *_any_of(each.at, each.branch))
    has_one = bool(one_of & certain) or any(any_of and any_of <= one_of for any_of in sets)
    return not required <= certain or (bool(one_of) and not has_one)


def _never_fed(scopes: Scopes, each: HookCall, hook: Hook, variables: Mapping[str, str]) -> bool:
    """Return whether nothing ever fills a required input, or all those of which one has to be there."""
    empty = {name for name, variable in variables.items() if _shape(scopes, each, variable) is None}
    required = {name for name, one in inputs_of(hook.inputs).items() if one.required}
    return bool(required & empty) or (bool(hook.inputs.one_of) and {*hook.inputs.one_of} <= empty)


def _certain(at: BranchAt, branch: Branch) -> Iterator[str]:
    """Go through the variables that have a value wherever a branch is taken."""
    for guard in (*at.branch.when, *branch.when):
        if guard.name == HAS and not guard.negated and isinstance(guard.arguments, str):
            yield guard.arguments
    if at.step and at.key == "next":
        yield from at.step.step.needs
    if len(answers := _answers(at)) == 1 and _is_answered(at):
        yield from answers


def _any_of(at: BranchAt, branch: Branch) -> Iterator[set[str]]:
    """Go through sets of variables of which at least one has a value: `any: [{has: a}, {has: b}]`."""
    for guard in (*at.branch.when, *branch.when):
        if guard.name == ANY and not guard.negated:
            inner = alternatives(guard)
            if all(each.name == HAS and not each.negated for each in inner):
                yield {str(each.arguments) for each in inner}


def _is_answer(at: BranchAt) -> bool:
    return at.key == "next" or bool(getattr(at.branch, "next_", False))


def _is_answered(at: BranchAt) -> bool:
    """Return whether a branch always follows an answer: no button says that the answer is complete, given or not."""
    if at.step is None:
        return at.anywhere is not None
    return at.key == "next" and not any(button.next_ for button in at.step.step.buttons)


def _answers(at: BranchAt) -> set[str]:
    """Return the variables of which the answer that a branch follows fills one; none where it follows no answer."""
    if at.anywhere and at.anywhere.expect:
        return _filled_by(at.anywhere.expect, None)
    return _filled_by(at.step.step.expect, at.step.step.choose) if at.step and _is_answer(at) else set()


def _filled_by(expect: Expect, choose: Choose | None) -> set[str]:
    return {each.into for each in (expect.text, expect.photo, expect.document, choose) if each}


def _check_input(catalog: Catalog, scopes: Scopes, each: HookCall, declared: Input, variable: str) -> None:
    named = isinstance(each.call.arguments, Mapping) and declared.name in each.call.arguments
    if named and not isinstance(each.call.arguments[declared.name], str):
        return
    where = each.path.inside(each.call.name, declared.name) if named else each.path
    if each.transition and each.kind == "action" and not variable.startswith(ANSWER):
        what = message('"{hook}" takes answers here, and "{variable}" is none', hook=each.call.name, variable=variable)
        catalog.report(where, what, did_you_mean(variable, map(answer_of, each.transition.ask)))
        return
    shape = _shape(scopes, each, variable)
    if shape is None:
        if (named or declared.required) and catalog.complete():
            _report_unfilled(catalog, scopes, each, declared, variable, where)
        return
    wanted = declared.misfit(shape)
    if wanted is None:
        return
    assigned = [] if variable.startswith(ANSWER) else [*scopes.assigned(each.path.flow, variable)]
    wrong = [one for one in assigned if declared.misfit(one.shape)]
    if wrong and (len(wrong) < len(assigned) or all(declared.is_of_kind(one.shape) for one in wrong)):
        for one in wrong:
            _report_assignment(catalog, scopes, each, declared, one)
    else:
        what = message(
            '"{input}" of "{hook}" takes {wanted}, and "{variable}" may be something else',
            input=declared.name,
            hook=each.call.name,
            wanted=wanted,
            variable=variable,
        )
        catalog.report(where, what, message("name another variable, or fill it otherwise"))


def _shape(scopes: Scopes, each: HookCall, variable: str) -> Shape | None:
    if each.transition and variable.startswith(ANSWER):
        return scopes.answers(each.path.flow, each.transition).get(variable.removeprefix(ANSWER))
    return scopes.variable(each.path.flow, variable)


def _report_unfilled(
    catalog: Catalog, scopes: Scopes, each: HookCall, declared: Input, variable: str, where: KeyPath
) -> None:
    owner = variable.rpartition(".")[0]
    known = {f"{owner}.{name}" if owner else name for name in scopes.variables.get(owner or each.path.flow, {})}
    if each.transition:
        known = {answer_of(name) for name in each.transition.ask}
    what = message(
        '"{hook}" needs "{input}", and nothing fills "{variable}"',
        hook=each.call.name,
        input=declared.name,
        variable=variable,
    )
    hint = did_you_mean(variable, known) or message(
        "say which variable it is: {{{hook}: {{{input}: …}}}}", hook=each.call.name, input=declared.name
    )
    catalog.report(where, what, hint)


def _report_assignment(catalog: Catalog, scopes: Scopes, each: HookCall, declared: Input, one: Assignment) -> None:
    """Report a value of the right kind that is out of bounds where it is filled in, or at the list's item."""
    name, hook, wanted = declared.name, each.call.name, declared.wanted
    items = scopes.items(one.path, declared.values_too_many(one.shape))
    for path in items:
        item = str(path.location[-1])
        near = nearest(item, declared.values)
        hint = did_you_mean(item, [near]) if near else message("take it out of the list")
        catalog.report(path, _surplus(name, hook, wanted, item), hint, key=True)
    constants = sorted(declared.values_too_many(one.shape))
    if constants and not items:
        surplus = _surplus(name, hook, wanted, constants[0])
        catalog.report(one.path, surplus, did_you_mean(constants[0], declared.values))
    elif not items:
        bound = "max" if declared.is_too_long(one.shape) else "min"
        what = (
            message(
                '"{input}" of "{hook}" takes {wanted}, and here it may be longer', input=name, hook=hook, wanted=wanted
            )
            if bound == "max"
            else message(
                '"{input}" of "{hook}" takes {wanted}, and here it may be shorter', input=name, hook=hook, wanted=wanted
            )
        )
        catalog.report(one.path.beside(bound), what, message('set "{bound}" accordingly', bound=bound))


def _surplus(name: str, hook: str, wanted: Message, value: str) -> Message:
    return message(
        '"{input}" of "{hook}" takes {wanted}, and not "{value}"', input=name, hook=hook, wanted=wanted, value=value
    )


def missed_answers(each: HookCall, hook: Hook, variables: Mapping[str, str]) -> set[str]:
    """Return those variables that an answer may fill just before an action which takes nothing of them.

    What goes past an action of several inputs may serve a later step; but one that needs any of them would have none.
    """
    if each.kind != "action" or each.at is None or each.branch is None or not variables:
        return set()
    answers = _answers(each.at)
    missed = answers - {*variables.values()}
    if missed == answers:
        return missed
    one_of = {variables[name] for name in hook.inputs.one_of}
    return missed if one_of and not one_of & {*_certain(each.at, each.branch)} else set()


def _report_missed(
    catalog: Catalog, scopes: Scopes, each: HookCall, hook: Hook, variables: Mapping[str, str], missed: set[str]
) -> None:
    answer = min(missed)
    shape = scopes.variable(each.path.flow, answer)
    fitting = (name for name, one in inputs_of(hook.inputs).items() if shape and one.misfit(shape) is None)
    name = next(fitting, next(iter(variables)))
    what = message(
        '"{hook}" takes nothing of what is answered here: {variables}',
        hook=each.call.name,
        variables=", ".join(sorted(missed)),
    )
    catalog.report(
        each.path,
        what,
        message(
            "say which input it is: {{{hook}: {{{name}: {answer}}}}}", hook=each.call.name, name=name, answer=answer
        ),
    )


def _check_one_of(catalog: Catalog, scopes: Scopes, each: HookCall, hook: Hook, variables: Mapping[str, str]) -> None:
    names = hook.inputs.one_of
    if names and catalog.complete() and all(_shape(scopes, each, variables[name]) is None for name in names):
        unfilled = joined_by_or(message('"{name}"', name=variables[name]) for name in names)
        what = message(
            '"{hook}" needs {inputs}, and nothing fills {unfilled}',
            hook=each.call.name,
            inputs=joined_by_or(names),
            unfilled=unfilled,
        )
        catalog.report(
            each.path,
            what,
            message("say which variable it is: {{{hook}: {{{input}: …}}}}", hook=each.call.name, input=names[0]),
        )
