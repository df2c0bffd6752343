"""Every step that is named must exist, and must be given what it is about."""

from collections.abc import Iterator

from engine.check.branches import at_hand
from engine.hooks import Hooks
from engine.language.dialog import Rows, Way
from engine.language.file import FlowFile
from engine.problems import did_you_mean
from engine.reading.catalog import Book, Place, WayAt, full_name, turns


def check_steps(book: Book, hooks: Hooks) -> bool:
    """Report unknown steps, unknown kinds of subjects, and steps reached without their subject.

    Return whether every step that is named exists, so that it makes sense to ask which ones nothing leads to.
    """
    references = (*_targets(book), *_names(book))
    unknown = [reference for place, reference in references if not _known(book, place, reference)]
    steps = book.steps()
    for at in book.ways():
        for outcome, way, place in turns(at):
            target = steps.get(full_name(place.flow, way.go)) if way.go else None
            needed = target.step.about if target else None
            if needed and needed in hooks.subjects and needed not in _handed_on(book, hooks, at, way, outcome):
                hint = f'say which: "with: {{{needed}: …}}"' if isinstance(at.way, Rows) else "lead there from one"
                book.report(place.inside("go"), f'"{way.go}" is about a {needed}, and here is none', hint)
    for kind, place in _kinds(book):
        if kind not in hooks.subjects:
            book.report(place, f'unknown subject "{kind}"', did_you_mean(kind, hooks.subjects))
    for file in book.files():
        _check_heads(book, file)
    return not unknown


def _check_heads(book: Book, file: FlowFile) -> None:
    first = file.steps.get(file.start or "")
    if first and first.about:
        what = f'"{file.start}" is about a {first.about}, and here is none'
        book.report(Place(file.flow, ("start",)), what, "begin with a step that is about nothing")
    for old in file.moved:
        if old in file.steps:
            place = Place(file.flow, ("moved", old))
            book.report(place, f'"{old}" is still a step of this flow', "take it out of moved", key=True)


def _targets(book: Book) -> Iterator[tuple[Place, str]]:
    """Go through the steps that ways lead to."""
    for at in book.ways():
        for _, way, place in turns(at):
            for key in ("go", "edit", "call"):
                if getattr(way, key):
                    yield place.inside(key), getattr(way, key)


def _names(book: Book) -> Iterator[tuple[Place, str]]:
    """Go through the steps that are named outside of ways."""
    for file, status in book.statuses():
        for index, transition in enumerate(status.transitions):
            for name, step in transition.ask.items():
                yield Place(file.flow, ("status", "transitions", index, "ask", name)), step
    for file in book.files():
        for old, new in file.moved.items():
            yield Place(file.flow, ("moved", old)), new
        for key in ("start", "card"):
            if getattr(file, key):
                yield Place(file.flow, (key,)), getattr(file, key)


def _known(book: Book, place: Place, reference: str) -> bool:
    found = book.is_step(place.flow, reference)
    if not found:
        near = {known.removeprefix(f"{place.flow}.") for known in book.step_names()}
        book.report(place, f'unknown step "{reference}"', did_you_mean(reference, near))
    return found


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


def _handed_on(book: Book, hooks: Hooks, at: WayAt, way: Way, outcome: str | None) -> set[str]:
    """Return the kinds of subjects that a way can hand on to its step."""
    rows = {*way.with_, *at.way.with_} if isinstance(at.way, Rows) else set()
    return rows | set(at_hand(book, hooks, at, outcome))
