"""Every step that is named must exist, and must be given what it is about."""

from collections.abc import Iterator

from engine.book import Book, Place, WayAt, full_name, turns
from engine.hooks import Hooks
from engine.language.dialog import Anywhere, Rows, Way
from engine.problems import did_you_mean


def check_steps(book: Book, hooks: Hooks) -> None:
    """Report unknown steps, unknown kinds of subjects, and steps reached without their subject."""
    steps = book.steps()
    for at in book.ways():
        for outcome, way, place in turns(at):
            _check_targets(book, way, place)
            target = steps.get(full_name(place.flow, way.go)) if way.go else None
            needed = target.step.about if target else None
            if needed and needed not in _at_hand(book, hooks, at, way, outcome):
                hint = f'say which: "with: {{{needed}: …}}"'
                book.report(place.inside("go"), f'"{way.go}" is about a {needed}, and here is none', hint)
    for kind, place in _kinds(book):
        if kind not in hooks.subjects:
            book.report(place, f'unknown subject "{kind}"', did_you_mean(kind, hooks.subjects))
    for file in book.files():
        for old, new in file.moved.items():
            place = Place(file.flow, ("moved", old))
            _known(book, place, new)
            if old in file.steps:
                book.report(place, f'"{old}" is still a step of this flow', "take it out of moved", key=True)


def _check_targets(book: Book, way: Way, place: Place) -> None:
    for key in ("go", "edit", "call"):
        if getattr(way, key):
            _known(book, place.inside(key), getattr(way, key))


def _kinds(book: Book) -> Iterator[tuple[str, Place]]:
    """Go through every kind of subject that the flows name."""
    for step in book.steps().values():
        if step.step.about:
            yield step.step.about, step.place.inside("about")
    for file in book.files():
        if file.subject:
            yield file.subject, Place(file.flow, ("subject",))
        for index, way in enumerate(file.anywhere):
            if way.reply_to:
                yield way.reply_to, Place(file.flow, ("anywhere", index, "reply_to"))


def _known(book: Book, place: Place, reference: str) -> None:
    steps = book.step_names()
    name = full_name(place.flow, reference)
    if name not in steps:
        near = {known.removeprefix(f"{place.flow}.") for known in steps}
        book.report(place, f'unknown step "{reference}"', did_you_mean(reference, near))


def _at_hand(book: Book, hooks: Hooks, at: WayAt, way: Way, outcome: str | None) -> set[str]:
    """Return the kinds of subjects that a way can hand on."""
    found = set(way.with_) | set(at.way.with_ if isinstance(at.way, Rows) else ())
    if at.step and at.step.step.about:
        found.add(at.step.step.about)
    if at.notice:
        found.add(book.flows[at.place.flow].file.subject or "")
    if isinstance(at.way, Anywhere) and at.way.reply_to:
        found.add(at.way.reply_to)
    for do in (way.do, at.way.do):
        gives = hooks.actions[do.name].gives if do and do.name in hooks.actions else None
        if gives and outcome is None:
            found.add(gives)
    return found
