"""Buttons must be told apart when pressed, and their data must fit."""

from collections.abc import Sequence

from engine.callback import ABOUT_LIMIT, LIMIT, TOKEN_LIMIT
from engine.language.dialog import Button
from engine.problems import did_you_mean
from engine.reading.catalog import Book, Place, StepAt, button_key, full_name
from engine.reading.scopes import Scopes
from engine.templates.shapes import Number, Record, Shape, Text

PAGE_KEY = 17
"""Characters of the key that turns a page."""
COMMAND_LIMIT = 32
"""Characters of a command, by the Bot API."""
RESERVED = {"next", "row", "pick", "page"}
"""What presses of rows, choices and pages answer to."""


def check_buttons(book: Book, scopes: Scopes) -> None:
    """Report buttons that cannot be told apart, data over 64 bytes, and rows that lack what is taken of them."""
    for step in book.steps().values():
        _unique(book, step.step.buttons, step.place, _transitions(book, step))
        if step.step.choose and step.step.list_:
            what = "a step has a choice or a list, not both: their rows and pages could not be told apart"
            book.report(step.place.inside("list"), what, "lead from one to the other", key=True)
        _fits_step(book, scopes, step)
        _check_rows(book, scopes, step)
    for file, name, notice, place in book.notices():
        _unique(book, notice.buttons, place, [])
        for index, button in enumerate(notice.buttons):
            _fits(book, place.inside("buttons", index), f"{file.flow}!{name}", button_key(button), ABOUT_LIMIT, 0)
            if button.status:
                book.report(
                    place.inside("buttons", index), "a notice has no status buttons", 'lead to the card with "go"'
                )
    for file in book.files():
        for index, way in enumerate(file.anywhere):
            if way.command and len(way.command) > COMMAND_LIMIT:
                place = Place(file.flow, ("anywhere", index, "command"))
                book.report(place, f"a command has {COMMAND_LIMIT} characters at most", "shorten it")


def _transitions(book: Book, step: StepAt) -> list[str]:
    """Return the names of the status transitions that can be pressed in a step about a subject."""
    flow = book.subject_flow(step.step.about or "")
    return [transition.name for transition in flow.status.transitions] if flow and flow.status else []


def _unique(book: Book, buttons: Sequence[Button], place: Place, transitions: Sequence[str]) -> None:
    seen: set[str] = set()
    for index, button in enumerate(buttons):
        keys = transitions if button.status == "all" else [button_key(button)]
        where = place.inside("buttons", index)
        for key in keys:
            if key in seen:
                book.report(where, f'two buttons here answer to "{key}"', 'give one of them a "name"')
            if key in RESERVED and not button.status:
                book.report(where, f'no button can answer to "{key}", for rows and pages do', 'give it a "name"')
        seen.update(keys)


def _fits_step(book: Book, scopes: Scopes, step: StepAt) -> None:
    about = ABOUT_LIMIT if step.step.about else 0
    for index, button in enumerate(step.step.buttons):
        keys = _transitions(book, step) if button.status == "all" else [button_key(button)]
        _fits(book, step.place.inside("buttons", index), step.name, max(keys, key=len, default=""), about, 0)
    if step.step.choose:
        value = _value(scopes.row(step.step.choose.from_))
        _fits(book, step.place.inside("choose"), step.name, "pick", about, max(value, PAGE_KEY))
    if step.step.list_:
        value = _value(scopes.row(step.step.list_.rows))
        _fits(book, step.place.inside("list"), step.name, "page", about, max(value, PAGE_KEY))


def _value(row: Shape) -> int:
    """Return the greatest size of the value a row stands for; it is plain ASCII."""
    value = row.fields.get("value") if isinstance(row, Record) else None
    return value.max if isinstance(value, Text | Number) else 0


def _fits(book: Book, place: Place, owner: str, key: str, about: int, value: int) -> None:
    size = len(owner) + len(key) + about + value + TOKEN_LIMIT + len(":::~")
    if size > LIMIT:
        what = f'the data of the button "{key}" could pass {LIMIT} bytes ({size})'
        book.report(place, what, "shorten the names of the flow, the step or the button")


def _check_rows(book: Book, scopes: Scopes, step: StepAt) -> None:
    rows = step.step.list_
    if step.step.choose:
        source = scopes.rows(step.step.choose.from_)
        if source and not {"value", "label"} <= set(source.shape.fields):
            place = step.place.inside("choose", "from")
            book.report(place, f'the rows of "{source.name}" have no value and label to choose by')
    source = scopes.rows(rows.rows) if rows else None
    if not rows or not source:
        return
    if "value" not in source.shape.fields:
        book.report(step.place.inside("list", "rows"), f'the rows of "{source.name}" have no value to press by')
    target = book.steps().get(full_name(step.place.flow, rows.go)) if rows.go else None
    for kind, field in rows.with_.items():
        place = step.place.inside("list", "with", kind)
        if field not in source.shape.fields:
            book.report(place, f'a row has no field "{field}"', did_you_mean(field, source.shape.fields))
        if kind not in scopes.hooks.subjects:
            book.report(place, f'unknown subject "{kind}"', did_you_mean(kind, scopes.hooks.subjects), key=True)
        elif target and target.step.about != kind:
            book.report(place, f'"{rows.go}" is not about a {kind}', key=True)
