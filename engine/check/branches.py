"""Ways must lead where the place they begin at allows: a notice, a reply, a command and a row differ."""

from collections.abc import Iterator

from engine.hooks import Hooks
from engine.language.dialog import Button, Rows, Timed, Way
from engine.problems import did_you_mean
from engine.reading.catalog import Book, Place, WayAt, turns

FROM_ANYWHERE = {"go", "back", "cancel"}
"""Where a way that is open in every step may lead: it knows nothing of the step it is taken in."""


def check_ways(book: Book, hooks: Hooks) -> None:
    """Report directions, notices and subjects that do not serve where they are named."""
    for at in book.ways():
        for outcome, way, place in turns(at):
            direction = way.direction()
            if direction and direction not in _allowed(at):
                hint = f"lead with {' or '.join(sorted(_allowed(at)))}" if _allowed(at) else "take it out"
                book.report(place.inside(direction), f'"{direction}" does not serve {_where(at)}', hint, key=True)
            if way.with_ and not isinstance(at.way, Rows):
                book.report(place.inside("with"), '"with" names fields of a row, and here is none', key=True)
            _check_told(book, hooks, at, way, outcome, place)
            _check_relations(book, hooks, at, way, place)
        if isinstance(at.way, Button) and at.way.next_:
            _check_next(book, at)


def _allowed(at: WayAt) -> set[str]:
    if at.notice:
        return {"go"}
    if at.anywhere:
        return set() if at.anywhere.reply_to else FROM_ANYWHERE
    if isinstance(at.way, Timed):
        return {"go", "edit", "call", "back", "cancel"} if at.step else FROM_ANYWHERE
    return {"go", "edit", "call", "give", "back", "cancel"}


def _where(at: WayAt) -> str:
    if at.notice:
        return "on a notice, which stands in no dialog"
    if at.anywhere and at.anywhere.reply_to:
        return "after a reply, which leaves the person in their step"
    if isinstance(at.way, Timed) and at.step:
        return "where time leads on, and nobody answers"
    return "in a way that is open in every step"


def _check_next(book: Book, at: WayAt) -> None:
    if at.step is None:
        book.report(at.place.inside("next"), '"next" does not serve on a notice, which asks nothing', key=True)
    elif not at.step.step.next_:
        book.report(at.place.inside("next"), 'the step has no "next" to go on with', 'lead with "go"', key=True)


def _check_told(book: Book, hooks: Hooks, at: WayAt, way: Way, outcome: str | None, place: Place) -> None:
    kinds = set(at_hand(book, hooks, at, outcome))
    flows = [flow for kind in kinds if (flow := book.subject_flow(kind))]
    known = {name for flow in flows for name in book.written(flow.flow, "notices")}
    for index, name in enumerate(way.tell):
        if not kinds:
            what = f'the notice "{name}" is about a subject, and here is none'
            book.report(place.inside("tell", index), what, "tell it where a step or an action has one")
        elif name not in known and not (book.lost and not flows) and kinds <= hooks.subjects.keys():
            book.report(place.inside("tell", index), f'unknown notice "{name}"', did_you_mean(name, known))


def _check_relations(book: Book, hooks: Hooks, at: WayAt, way: Way, place: Place) -> None:
    for index, guard in enumerate(way.when):
        audience = hooks.audiences.get(guard.name)
        if audience and audience.needs_subject and not set(at_hand(book, hooks, at, "")):
            what = f'"{guard.name}" is a relation to a subject, and here is none'
            book.report(place.inside("when", index), what, "ask for it in a step that is about one")


def at_hand(book: Book, hooks: Hooks, at: WayAt, outcome: str | None) -> Iterator[str]:
    """Go through the kinds of the subjects that are at hand when a way, or an outcome of its action, is taken."""
    action = hooks.actions.get(at.way.do.name) if at.way.do else None
    if at.way.do and outcome is None:
        # An action that is misspelt may bring about anything.
        yield from hooks.subjects if action is None else [action.gives] if action.gives else []
    if at.step and at.step.step.about:
        yield at.step.step.about
    if at.notice and (kind := book.flows[at.place.flow].file.subject):
        yield kind
    if at.anywhere and at.anywhere.reply_to:
        yield at.anywhere.reply_to
