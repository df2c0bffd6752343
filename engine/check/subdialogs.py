"""Checks of sub-dialogs: what gives a value back is called, so that the value comes somewhere."""

from engine.check.questions import unanswered
from engine.check.reach import reached_steps
from engine.i18n import message
from engine.language.dialog import Timed
from engine.reading.catalog import Catalog, full_name, outcome_branches, step_branches
from engine.reading.scopes import Scopes


def check_subdialogs(catalog: Catalog, scopes: Scopes) -> None:
    """Report what would be lost: an answer where nothing takes it, an action before a transition that is refused."""
    _check_actions(catalog)
    inside = onward(catalog, _called(catalog) | _asked(catalog))
    _check_given(catalog, inside)
    for at in catalog.branches():
        if at.step and at.step.name in inside:
            continue
        for _, branch, path in outcome_branches(at):
            target = full_name(path.flow, branch.go) if branch.go else ""
            if target in inside and scopes.given(target) is not None:
                what = message('"{step}" gives a value back, and nothing takes it here', step=branch.go)
                catalog.report(path.inside("go"), what, message("call it: {{call: {step}, into: …}}", step=branch.go))


def _check_given(catalog: Catalog, inside: set[str]) -> None:
    """Report what steps give that belong to no sub-dialog: once a step."""
    reached = reached_steps(catalog)
    for name, step in catalog.steps().items():
        given = (
            path.inside("give")
            for at in step_branches(step)
            for _, branch, path in outcome_branches(at)
            if branch.give and not isinstance(at.branch, Timed)
        )
        if name in reached and name not in inside and (path := next(given, None)):
            what = message("nothing calls this dialog: what it gives back is lost")
            catalog.report(path, what, message('lead with "back" or "go", or call it where its answer is needed'))


def _check_actions(catalog: Catalog) -> None:
    """Report actions that run as a question of a transition is answered: it may be too late for the transition."""
    asked = onward(catalog, _asked(catalog))
    for at in catalog.branches():
        if at.step and at.step.name in asked and at.branch.do and at.branch.give:
            what = message(
                '"{action}" runs here before it is known whether the transition can be made', action=at.branch.do.name
            )
            catalog.report(
                at.path.inside("do"), what, message("let the transition run it: take what is given as an answer")
            )


def _asked(catalog: Catalog) -> set[str]:
    """Return the steps that transitions ask their questions in."""
    return {
        full_name(file.flow, step)
        for file, status in catalog.statuses()
        for each in status.transitions
        for step in each.ask.values()
    }


def _called(catalog: Catalog) -> set[str]:
    """Return the steps that sub-dialogs begin with where they are called."""
    return {
        full_name(path.flow, branch.call)
        for at in catalog.branches()
        for _, branch, path in outcome_branches(at)
        if branch.call
    }


def leads_nowhere(catalog: Catalog, target: str) -> bool:
    """Return whether a dialog gives nothing back because an answer in it leads nowhere, which is reported there."""
    return not onward(catalog, {target}).isdisjoint(unanswered(catalog))


def onward(catalog: Catalog, names: set[str]) -> set[str]:
    """Return the steps of these names and those where their dialogs go on."""
    steps, found, todo = catalog.steps(), set[str](), {*names}
    while todo:
        name = todo.pop()
        if name in found or name not in steps:
            continue
        found.add(name)
        for at in step_branches(steps[name]):
            todo |= {full_name(path.flow, branch.go) for _, branch, path in outcome_branches(at) if branch.go}
    return found
