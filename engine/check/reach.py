"""Checks of reachability: every step can be reached and left."""

from collections.abc import Iterator

from engine.i18n import message
from engine.language.dialog import Timed
from engine.reading.catalog import Catalog, StepAt, full_name, outcome_branches, step_branches


def check_reach(catalog: Catalog, *, names_are_known: bool) -> None:
    """Report steps that nobody can leave and, unless a misspelt name may mean them, steps that nothing leads to."""
    reached = _reached(catalog)
    for name, step in catalog.steps().items():
        if names_are_known and name not in reached:
            what = message('nothing leads to the step "{step}"', step=step.path.location[1])
            catalog.report(step.path, what, message("add a way, or take it out"), key=True)
        if not any(_leads_away(step)):
            hint = message('add a button with "back: true" or "go"')
            catalog.report(
                step.path, message('nobody can leave the step "{step}"', step=step.path.location[1]), hint, key=True
            )


def _leads_away(step: StepAt) -> Iterator[bool]:
    """Yield for each branch of a step whether it leads away; timers do not count, a person cannot take them."""
    for at in step_branches(step):
        for _, branch, _ in outcome_branches(at) if not isinstance(at.branch, Timed) else ():
            yield bool(branch.go or branch.back or branch.cancel or branch.give)


def _reached(catalog: Catalog) -> set[str]:
    """Return the names of the steps that can be reached from where everybody begins."""
    onward: dict[str, set[str]] = {name: set() for name in catalog.steps()}
    todo: set[str] = {full_name(file.flow, file.start) for file in catalog.files() if file.start}
    for at in catalog.branches():
        targets = {
            full_name(path.flow, target)
            for _, branch, path in outcome_branches(at)
            for target in (branch.go, branch.edit, branch.call)
            if target
        }
        if at.step:
            onward[at.step.name] |= targets
        else:
            todo |= targets
    for file, status in catalog.statuses():
        todo |= {full_name(file.flow, step) for each in status.transitions for step in each.ask.values()}
        todo |= {full_name(file.flow, file.card)} if file.card else set()
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name in onward and name not in reached:
            reached.add(name)
            todo |= onward[name]
    return reached
