"""Checks of variables: every one that is used is set somewhere, and to one kind of value."""

from engine.check.calls import HookCall, hook_calls
from engine.check.subdialogs import leads_nowhere
from engine.hooks.registry import HAS
from engine.i18n import message
from engine.language.dialog import Branch
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath, full_name, outcome_branches
from engine.reading.scopes import Assignment, Scopes


def check_variables(catalog: Catalog, scopes: Scopes) -> None:
    """Report variables that nothing sets or that are set to two kinds of values, and calls that give nothing."""
    for assignment in scopes.assignments.values():
        _check_assignment(catalog, scopes, assignment)
    for step in catalog.steps().values():
        for name in step.step.needs:
            check_set(catalog, scopes, step.path.inside("needs", name), name)
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            _check_branch(catalog, scopes, branch, path)
    for call in hook_calls(catalog):
        # A deadline asks about no person, which is reported as such.
        if call.kind == "guard" and (call.branch or call.transition):
            _check_guard(catalog, scopes, call)


def _check_branch(catalog: Catalog, scopes: Scopes, branch: Branch, path: KeyPath) -> None:
    if branch.give:
        check_set(catalog, scopes, path.inside("give"), branch.give)
    if branch.call and full_name(path.flow, branch.call) in catalog.steps():
        target = full_name(path.flow, branch.call)
        if scopes.given(target) is None and catalog.complete():
            if not leads_nowhere(catalog, target):
                what = message('the dialog at "{step}" gives nothing back', step=branch.call)
                catalog.report(path.inside("call"), what, message('end it with "give"'))
        elif branch.into is None and catalog.complete():
            catalog.report(path.inside("call"), message('"into" is missing: where does the value go?'))
    for name, target in branch.move.items():
        check_set(catalog, scopes, path.inside("move", name), name)
        if "." not in target:
            what = message('"{target}" is in no draft, and the dialog that holds it may end here', target=target)
            catalog.report(path.inside("move", name), what, message("move it to draft.{target}", target=target))
    for index, name in enumerate(branch.forget):
        if name not in {"draft", "person"}:
            check_set(catalog, scopes, path.inside("forget", index), name)


def _check_assignment(catalog: Catalog, scopes: Scopes, assignment: Assignment) -> None:
    name, path = assignment.name, assignment.path
    is_key = path.location[-1] == name
    owner, _, short = name.rpartition(".")
    reserved = set(scopes.hooks.person.fields) if owner == "person" else set() if owner else _reserved_names(scopes)
    if assignment.conflict:
        here, there = assignment.conflict
        catalog.report(
            path,
            message('"{name}" gets {here} here and {there} elsewhere', name=name, here=here, there=there),
            message("keep them in two variables"),
            key=is_key,
        )
    if short in reserved:
        catalog.report(
            path,
            message('the name "{name}" is taken', name=name),
            message("words would print something else by it"),
            key=is_key,
        )


def _reserved_names(scopes: Scopes) -> set[str]:
    """Return the names that templates can use without any variable."""
    own = {"draft", "person", "actor", "answer", "row", "loop"}
    return {*own, *scopes.hooks.subjects, *(name for name, source in scopes.hooks.sources.items() if not source.rows)}


def _check_guard(catalog: Catalog, scopes: Scopes, guard: HookCall) -> None:
    arguments = guard.call.arguments
    if guard.call.name == HAS:
        name = arguments.get("name") if isinstance(arguments, dict) else arguments
        if isinstance(name, str):
            check_set(catalog, scopes, guard.path, name)


def check_set(catalog: Catalog, scopes: Scopes, path: KeyPath, name: str) -> None:
    """Report a variable that nothing sets."""
    elsewhere = bool(catalog.lacking) or (catalog.partial and "." in name)
    if name != "draft" and not elsewhere and scopes.variable(path.flow, name) is None:
        known = {*scopes.variables.get(path.flow, {})}
        known |= {f"{owner}.{key}" for owner in ("draft", "person") for key in scopes.variables.get(owner, {})}
        is_key = path.location[-1] == name
        catalog.report(
            path, message('nothing fills the variable "{name}"', name=name), did_you_mean(name, known), key=is_key
        )
