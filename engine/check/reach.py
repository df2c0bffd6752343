"""Every step must be reachable, and nobody may be caught in one."""

from collections.abc import Iterator

from engine.language.dialog import Timed
from engine.reading.catalog import Book, StepAt, full_name, step_ways, turns


def check_reach(book: Book, *, names_are_known: bool) -> None:
    """Report steps that nobody can leave and, where no misspelt name may mean them, steps that nothing leads to."""
    reached = _reached(book)
    for name, step in book.steps().items():
        if names_are_known and name not in reached:
            what = f'nothing leads to the step "{step.place.location[1]}"'
            book.report(step.place, what, "add a way, or take it out", key=True)
        if not any(_leads_away(step)):
            hint = 'add a button with "back: true" or "go"'
            book.report(step.place, f'nobody can leave the step "{step.place.location[1]}"', hint, key=True)


def _leads_away(step: StepAt) -> Iterator[bool]:
    """Go through the ways of a step: whether each leads away. Those that time opens are none that a person can take."""
    for at in step_ways(step):
        for _, way, _ in turns(at) if not isinstance(at.way, Timed) else ():
            yield bool(way.go or way.back or way.cancel or way.give)


def _reached(book: Book) -> set[str]:
    """Return the names of the steps that can be come to, beginning with what is open to everybody."""
    onward: dict[str, set[str]] = {name: set() for name in book.steps()}
    todo: set[str] = {full_name(file.flow, file.start) for file in book.files() if file.start}
    for at in book.ways():
        targets = {
            full_name(place.flow, target)
            for _, way, place in turns(at)
            for target in (way.go, way.edit, way.call)
            if target
        }
        if at.step:
            onward[at.step.name] |= targets
        else:
            todo |= targets
    for file, status in book.statuses():
        todo |= {full_name(file.flow, step) for each in status.transitions for step in each.ask.values()}
        todo |= {full_name(file.flow, file.card)} if file.card else set()
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name in onward and name not in reached:
            reached.add(name)
            todo |= onward[name]
    return reached
