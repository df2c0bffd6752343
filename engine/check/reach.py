"""Checks of reachability: every step can be reached and left."""

from collections.abc import Iterator

from engine.check.questions import unanswered
from engine.check.traps import traps
from engine.i18n import message
from engine.language.dialog import Branch, Timed
from engine.reading.catalog import Catalog, KeyPath, StepAt, full_name, outcome_branches, step_branches


def check_reach(catalog: Catalog, *, names_are_known: bool) -> None:
    """Report steps that nobody can leave and, unless a misspelt name may mean them, steps that nothing leads to.

    Several steps that lead only to each other are one mistake.
    """
    reached = reached_steps(catalog)
    # Where an answer leads nowhere, it may have been meant to lead to any step.
    is_known = names_are_known and not unanswered(catalog)
    dead_ends = {name for name, step in catalog.steps().items() if not any(_leads_away(step))}
    for name, step in catalog.steps().items():
        if is_known and name not in reached:
            what = message('nothing leads to the step "{step}"', step=step.path.location[1])
            catalog.report(step.path, what, message("add a way, or take it out"), key=True)
        if name in dead_ends and not _is_emptied(step):
            what = message('nobody can leave the step "{step}"', step=step.path.location[1])
            catalog.report(step.path, what, message('add a button with "back: true" or "go"'), key=True)
    start = next((full_name(file.flow, file.start) for file in catalog.files() if file.start), None)
    if start and start in catalog.steps() and names_are_known:
        _check_traps(catalog, start, dead_ends, reached)


def _check_traps(catalog: Catalog, start: str, dead_ends: set[str], reached: set[str]) -> None:
    onward, ends = _around(catalog)
    for group in traps(onward, {start} | ends | dead_ends):
        if not reached.issuperset(group):
            continue
        path = catalog.steps()[group[0]].path
        names = [name.removeprefix(f"{path.flow}.") for name in group]
        if len(group) == 1:
            what = message('the step "{name}" leads only to itself', name=names[0])
        else:
            what = message("these steps lead only to each other: {names}", names=", ".join(names))
        menu = start.removeprefix(f"{path.flow}.")
        catalog.report(path, what, message('add a button with "go: {menu}"', menu=menu), key=True)


def _around(catalog: Catalog) -> tuple[dict[str, set[str]], set[str]]:
    """Return where a person may get from each step, and the steps from which they may get anywhere.

    The way back leads to the steps before; from a step that is opened in any other way, it leads to wherever the person
    has been.
    """
    steps, onward = catalog.steps(), {name: set[str]() for name in catalog.steps()}
    opened, returning, ends = _opened(catalog), set[str](), set[str]()
    for name, step in steps.items():
        for at in step_branches(step):
            for _, branch, path in outcome_branches(at):
                targets = steps.keys() & {*_targets(branch, path)}
                if isinstance(at.branch, Timed):
                    opened |= targets
                    continue
                onward[name] |= targets
                ends |= {name} if branch.cancel or branch.give else set()
                returning |= {name} if branch.back else set()
    before: dict[str, set[str]] = {name: set() for name in steps}
    for name, targets in onward.items():
        for target in targets & returning:
            before[target].add(name)
    for name in returning:
        onward[name] |= before[name]
    return onward, ends | (returning & opened)


def _leads_away(step: StepAt) -> Iterator[bool]:
    """Yield for each branch of a step whether it leads away; timers do not count, a person cannot take them."""
    for at in step_branches(step):
        for _, branch, _ in outcome_branches(at) if not isinstance(at.branch, Timed) else ():
            yield bool(branch.go or branch.back or branch.cancel or branch.give)


def _is_emptied(step: StepAt) -> bool:
    """Return whether a list of its ways is empty, which is reported as such."""
    written = step.step.model_fields_set
    return ("buttons" in written and not step.step.buttons) or ("next_" in written and not step.step.next_)


def _opened(catalog: Catalog) -> set[str]:
    """Return the steps that are opened from outside of any step: the first one, cards, commands, notices, questions."""
    found: set[str] = {full_name(file.flow, file.start) for file in catalog.files() if file.start}
    for at in catalog.branches():
        if not at.step:
            found |= {target for _, branch, path in outcome_branches(at) for target in _targets(branch, path)}
    for file, status in catalog.statuses():
        found |= {full_name(file.flow, step) for each in status.transitions for step in each.ask.values()}
        found |= {full_name(file.flow, file.card)} if file.card else set()
    return found


def _targets(branch: Branch, path: KeyPath) -> Iterator[str]:
    """Yield the steps that a branch leads to."""
    yield from (full_name(path.flow, target) for target in (branch.go, branch.edit, branch.call) if target)


def reached_steps(catalog: Catalog) -> set[str]:
    """Return the names of the steps that can be reached from where everybody begins."""
    onward: dict[str, set[str]] = {name: set() for name in catalog.steps()}
    for at in catalog.branches():
        if at.step:
            onward[at.step.name].update(*(_targets(branch, path) for _, branch, path in outcome_branches(at)))
    reached, todo = set[str](), _opened(catalog)
    while todo:
        name = todo.pop()
        if name in onward and name not in reached:
            reached.add(name)
            todo |= onward[name]
    return reached
