"""Checks of sub-dialogs: what gives a value back is called, so that the value comes somewhere."""

from engine.language.dialog import Timed
from engine.reading.catalog import Catalog, full_name, outcome_branches, step_branches
from engine.reading.scopes import Scopes


def check_subdialogs(catalog: Catalog, scopes: Scopes) -> None:
    """Report branches outside of any sub-dialog that go into one: what is answered there would be lost."""
    inside = _inside(catalog)
    for at in catalog.branches():
        if at.step and at.step.name in inside:
            continue
        for _, branch, path in outcome_branches(at):
            target = full_name(path.flow, branch.go) if branch.go else ""
            if target in inside and scopes.given(target) is not None:
                what = f'"{branch.go}" gives a value back, and nothing takes it here'
                catalog.report(path.inside("go"), what, f"call it: {{call: {branch.go}, into: …}}")


def _inside(catalog: Catalog) -> set[str]:
    """Return the steps of all sub-dialogs: those that are called or asked, and where they go on."""
    steps, found = catalog.steps(), set[str]()
    todo = {
        full_name(path.flow, branch.call)
        for at in catalog.branches()
        for _, branch, path in outcome_branches(at)
        if branch.call
    }
    for file, status in catalog.statuses():
        todo |= {full_name(file.flow, step) for each in status.transitions for step in each.ask.values()}
    todo |= {
        at.step.name for at in catalog.branches() if at.step and at.branch.give and not isinstance(at.branch, Timed)
    }
    while todo:
        name = todo.pop()
        if name in found or name not in steps:
            continue
        found.add(name)
        for at in step_branches(steps[name]):
            todo |= {full_name(path.flow, branch.go) for _, branch, path in outcome_branches(at) if branch.go}
    return found
