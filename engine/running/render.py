"""Rendering a step: its text, its rows, its buttons."""

from collections.abc import Iterable, Iterator

from markupsafe import escape

from engine.callback import Callback
from engine.compiled import CompiledChoice, CompiledRows
from engine.conversation import listed
from engine.hooks.paging import Page, PageQuery
from engine.running.context import Context
from engine.running.permissions import allowed
from engine.running.phrases import phrase, plain
from engine.screen import Screen, ScreenButton

TICK = "✅ "
PAGE_VARIABLE = "@page"
"""The variable with the page of the list that is shown: `step|a|key` (after) or `step|b|key` (before)."""

PlacedButton = tuple[bool, ScreenButton]


def draw(context: Context, token: str, hint: str | None = None) -> Screen:
    """Return the screen of the frame's step; `hint` is plain text to put above the step's."""
    step = context.flows.steps[context.frame.step]
    if context.trace:
        context.trace(f"step:{step.name}")
    buttons: list[PlacedButton] = []
    empty = ""
    if step.choice:
        buttons += _choices(context, step.choice, token)
    if step.rows:
        # Rows are shown only where their branch is open: its guards protect what the rows say, too.
        rows = list(_rows(context, step.rows, token)) if step.rows.branch.is_open(context) else []
        empty = "" if rows or not step.rows.empty else f"\n\n{escape(plain(context, step.rows.empty))}"
        buttons += rows
    buttons += _buttons(context, token)
    text = step.text.render(context.values(step.text.uses)) + empty
    lifecycle = context.flows.lifecycles.get(step.about or "")
    above = f"{escape(hint)}\n\n" if hint else ""
    card = bool(lifecycle and lifecycle.card == step.name)
    version = context.subject.version if card else ""
    return Screen(step.name, above + text, keyboard(buttons), context.subject_ref, card, version)


def keyboard(buttons: Iterable[PlacedButton]) -> tuple[tuple[ScreenButton, ...], ...]:
    """Arrange buttons in rows: each starts a row unless it is to be beside the one before."""
    rows: list[list[ScreenButton]] = []
    for beside, button in buttons:
        if beside and rows:
            rows[-1].append(button)
        else:
            rows.append([button])
    return tuple(map(tuple, rows))


def _data(context: Context, key: str, token: str, value: str = "") -> str:
    ref = context.subject_ref
    return Callback(context.frame.step, key, ref.id if ref else None, value, token).encode()


def _buttons(context: Context, token: str) -> Iterator[PlacedButton]:
    for button in context.flows.steps[context.frame.step].buttons:
        if button.status:
            for number, transition in enumerate(allowed(context, [button.status])):
                beside = number % button.columns > 0 if number else button.beside
                label = plain(context, transition.label)
                yield beside, ScreenButton(label, _data(context, transition.name, token))
        elif button.text and button.branch.is_open(context):
            yield button.beside, ScreenButton(plain(context, button.text), _data(context, button.key, token))


def page_of(context: Context, size: int) -> PageQuery:
    """Return the query for the page of the step's list that is shown."""
    step, _, tail = str(context.frame.data.get(PAGE_VARIABLE, "")).partition("|")
    side, _, key = tail.partition("|")
    if step != context.frame.step or not key:
        return PageQuery(limit=size)
    return PageQuery(after=key, limit=size) if side == "a" else PageQuery(before=key, limit=size)


def _choices(context: Context, choice: CompiledChoice, token: str) -> Iterator[PlacedButton]:
    page = choice.rows(context, page_of(context, choice.page))
    chosen = context.get(choice.into)
    ticked = {str(item["value"]) for item in listed(chosen)} if choice.many else set()
    for number, row in enumerate(page.rows):
        value = str(getattr(row, "value"))  # noqa: B009 - the check made sure that rows have it
        label = (TICK if value in ticked else "") + plain(context, choice.label, row=row)
        yield number % choice.columns > 0, ScreenButton(label, _data(context, "pick", token, value))
    yield from _page_buttons(context, page, token)


def _rows(context: Context, rows: CompiledRows, token: str) -> Iterator[PlacedButton]:
    page = rows.rows(context, page_of(context, rows.page))
    for row in page.rows:
        value = str(getattr(row, "value"))  # noqa: B009 - the check made sure that rows have it
        yield False, ScreenButton(plain(context, rows.label, row=row), _data(context, "row", token, value))
    yield from _page_buttons(context, page, token)


def _page_buttons(context: Context, page: Page, token: str) -> Iterator[PlacedButton]:
    beside = False
    for name, side, key in (("back", "b", page.previous), ("forward", "a", page.next)):
        if key is not None:
            yield beside, ScreenButton(phrase(context, name), _data(context, "page", token, f"{side}{key}"))
            beside = True
