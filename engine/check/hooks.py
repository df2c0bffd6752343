"""Checks of hooks: every guard, role, action and source exists, takes its constants and has its subject."""

import re
from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.check.calls import HookCall, hook_calls, is_outcome, names_of
from engine.check.hook_names import CALLED
from engine.check.inputs import demands, lacks_subject
from engine.check.references import LIST
from engine.hooks.declarations import Action, Hook
from engine.hooks.inputs import INCOMPLETE, inputs_of
from engine.hooks.registry import IS, Hooks
from engine.i18n import Message, message
from engine.language.base import ANY
from engine.problems import did_you_mean
from engine.reading.catalog import BranchAt, Catalog, KeyPath, outcome_branches
from engine.reading.misfits import misfit
from engine.reading.scopes import Scopes


def check_hooks(catalog: Catalog, hooks: Hooks, scopes: Scopes) -> None:
    """Report unknown names, wrong constants, hooks without their subject, and unhandled outcomes."""
    for each in hook_calls(catalog):
        if _is_known(catalog, hooks, each) and (hook := each.hook(hooks)):
            _check_constants(catalog, hook, each)
            if lacks_subject(catalog, hooks, hook, each):
                what = message('"{hook}" needs a {kind}, and here is none', hook=each.call.name, kind=hook.about)
                catalog.report(each.path, what, message('name it in a step that is "about: {kind}"', kind=hook.about))
    for at in catalog.branches():
        _check_outcomes(catalog, hooks, scopes, at)
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            do = transition.do
            action = hooks.actions.get(do.name) if do else None
            if do and action:
                call = HookCall("action", do, path.inside("do"), transition=transition, subject=file.subject)
                wanted = _wanted(catalog, hooks, scopes, call, action)
                _check_handled(catalog, action, wanted, transition.otherwise, path)
            elif transition.otherwise and not do:
                _report_without_action(catalog, path)


def _is_known(catalog: Catalog, hooks: Hooks, each: HookCall) -> bool:
    """Report a name that nothing bears; return whether the call may be looked into."""
    name, known = each.call.name, names_of(hooks, each.kind)
    if name not in known:
        if catalog.lacks(LIST, name) or catalog.lacks(CALLED[each.kind], name):
            return False
        if each.kind == "audience" and name in hooks.audiences:
            catalog.report(each.path, message('nobody can be told as "{name}"', name=name), did_you_mean(name, known))
        else:
            catalog.report(
                each.path, message('unknown {kind} "{name}"', kind=each.words, name=name), did_you_mean(name, known)
            )
        return False
    if each.call.negated and each.kind != "guard":
        catalog.report(
            each.path,
            message('"not" serves with guards only, not with the {kind} "{name}"', kind=each.words, name=name),
        )
    if each.kind == "guard" and name == ANY:
        catalog.report(each.path, message('"any" takes guards, of which one has to hold'))
    elif known[name] is None and each.call.arguments is not None:
        catalog.report(each.path.inside(name), message('"{name}" takes no arguments', name=name), key=True)
    return True


def _check_constants(catalog: Catalog, hook: Hook, each: HookCall) -> None:
    arguments, name = each.call.arguments, each.call.name
    inputs, constants = inputs_of(hook.inputs), hook.parameters.model_fields
    is_open = hook.parameters.model_config.get("extra") == "allow"
    if arguments is not None and not (constants or is_open or (inputs and isinstance(arguments, Mapping))):
        catalog.report(each.path.inside(name), message('"{name}" takes no arguments', name=name), key=True)
        return
    known = {*inputs, *constants}
    unknown = set(arguments) - known if isinstance(arguments, Mapping) and not is_open else set()
    for key in sorted(map(str, unknown)):
        catalog.report(
            each.path.inside(name, key),
            message('"{name}" takes no "{key}"', name=name, key=key),
            did_you_mean(key, known),
            key=True,
        )
    if unknown:
        return
    for key in inputs.keys() & (arguments if isinstance(arguments, Mapping) else {}):
        if not isinstance(arguments[key], str):
            what = message('"{key}" of "{name}" takes the name of a variable', key=key, name=name)
            catalog.report(each.path.inside(name, key), what)
    if name == IS and not (isinstance(arguments, Mapping) and arguments):
        what = message('"is" takes variables with their values')
        catalog.report(each.path, what, message("write {{is: {{variable: value}}}}"))
        return
    try:
        hook.constants(arguments)
    except ValidationError as error:
        for detail in error.errors():
            where = each.path.inside(name, *detail["loc"])
            if detail["type"] == "literal_error":
                what = message('"{name}" does not take "{value}"', name=name, value=detail["input"])
                values = re.findall(r"'(\w+)'", str(detail["ctx"]["expected"]))
                catalog.report(where, what, did_you_mean(str(detail["input"]), values))
                continue
            catalog.report(where, *_wrong(each, detail))


def _wrong(each: HookCall, detail: ErrorDetails) -> tuple[Message, Message | None]:
    reason, hint = misfit(detail)
    kind, name, part = each.words, each.call.name, ".".join(map(str, detail["loc"]))
    if detail["type"] == "missing":
        hint = message("write it: {{{name}: {{{part}: …}}}}", name=name, part=part)
    if detail["type"] == "missing" or not part:
        what = message('wrong arguments of {kind} "{name}": {reason}', kind=kind, name=name, reason=reason)
    else:
        what = message(
            'wrong arguments of {kind} "{name}": {part}: {reason}', kind=kind, name=name, part=part, reason=reason
        )
    return what, hint


def _check_outcomes(catalog: Catalog, hooks: Hooks, scopes: Scopes, at: BranchAt) -> None:
    for outcome, branch, path in outcome_branches(at):
        if is_outcome(at, outcome):
            if branch.do or branch.when or branch.otherwise:
                hint = message("lead to a step that does it")
                catalog.report(
                    path, message('an outcome leads on without a "do" or a "when" of its own'), hint, key=True
                )
            continue
        action = hooks.actions.get(branch.do.name) if branch.do else None
        if branch.do and action:
            call = HookCall("action", branch.do, path.inside("do"), at, branch, at.step)
            wanted = _wanted(catalog, hooks, scopes, call, action)
            _check_handled(catalog, action, wanted, branch.otherwise, path)
        elif branch.otherwise and not branch.do:
            _report_without_action(catalog, path)


def _wanted(catalog: Catalog, hooks: Hooks, scopes: Scopes, call: HookCall, action: Action) -> frozenset[str]:
    """Return the outcomes that have to lead somewhere; none where the action cannot do anything at all."""
    if lacks_subject(catalog, hooks, action, call):
        return frozenset()
    return action.outcomes | ({INCOMPLETE} if demands(catalog, hooks, scopes, call, action) else set())


def _report_without_action(catalog: Catalog, path: KeyPath) -> None:
    catalog.report(
        path.inside("else"), message('"else" answers the outcomes of an action'), message('add "do"'), key=True
    )


def _check_handled(
    catalog: Catalog, action: Action, wanted: Iterable[str], handled: Iterable[str], path: KeyPath
) -> None:
    known = action.outcomes | ({INCOMPLETE} if action.is_demanding else set())
    for outcome in handled:
        if outcome not in known:
            hint = did_you_mean(outcome, known)
            catalog.report(
                path.inside("else", outcome),
                message('"{action}" has no outcome "{outcome}"', action=action.name, outcome=outcome),
                hint,
                key=True,
            )
    for outcome in sorted(set(wanted) - set(handled)):
        catalog.report(
            path.inside("do"),
            message('the outcome "{outcome}" of "{action}" leads nowhere', outcome=outcome, action=action.name),
            message('name it under "else"'),
        )
