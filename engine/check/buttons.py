"""Checks of buttons: unique keys, and the length of their callback data."""

from collections.abc import Sequence

from engine.callback import LIMIT, SUBJECT_LIMIT, TOKEN_LIMIT
from engine.i18n import message
from engine.language.dialog import Button
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath, StepAt, button_key, full_name
from engine.reading.scopes import Scopes
from engine.templates.shapes import Number, Record, Shape, Text

PAGE_KEY = 17
"""Characters of the key of a page."""
RESERVED = {"next", "row", "pick", "page"}
"""The keys of rows, choices and pages."""


def check_buttons(catalog: Catalog, scopes: Scopes) -> None:
    """Report buttons with the same key, data over 64 bytes, and rows without the fields that are used."""
    for step in catalog.steps().values():
        _unique(catalog, step.step.buttons, step.path, _transitions(catalog, step))
        if step.step.choose and step.step.list_:
            what = message("a step has a choice or a list, not both: their rows and pages could not be told apart")
            catalog.report(step.path.inside("list"), what, message("lead from one to the other"), key=True)
        _fits_step(catalog, scopes, step)
        _check_rows(catalog, scopes, step)
    for file, name, notice, path in catalog.notices():
        _unique(catalog, notice.buttons, path, [])
        for index, button in enumerate(notice.buttons):
            _fits(catalog, path.inside("buttons", index), f"{file.flow}!{name}", button_key(button), SUBJECT_LIMIT, 0)
            if button.status:
                catalog.report(
                    path.inside("buttons", index),
                    message("a notice has no status buttons"),
                    message('lead to the card with "go"'),
                )


def _transitions(catalog: Catalog, step: StepAt) -> list[str]:
    """Return the names of the status transitions that a step with a subject may have buttons for."""
    flow = catalog.subject_flow(step.step.about or "")
    return [transition.name for transition in flow.status.transitions] if flow and flow.status else []


def _unique(catalog: Catalog, buttons: Sequence[Button], path: KeyPath, transitions: Sequence[str]) -> None:
    seen: set[str] = set()
    for index, button in enumerate(buttons):
        keys = transitions if button.status == "all" else [button_key(button)]
        where = path.inside("buttons", index)
        for key in keys:
            if key in seen:
                catalog.report(
                    where, message('two buttons here answer to "{key}"', key=key), message('give one of them a "name"')
                )
            if key in RESERVED and not button.status:
                catalog.report(
                    where,
                    message('no button can answer to "{key}", for rows and pages do', key=key),
                    message('give it a "name"'),
                )
        seen.update(keys)


def _fits_step(catalog: Catalog, scopes: Scopes, step: StepAt) -> None:
    about = SUBJECT_LIMIT if step.step.about else 0
    for index, button in enumerate(step.step.buttons):
        keys = _transitions(catalog, step) if button.status == "all" else [button_key(button)]
        _fits(catalog, step.path.inside("buttons", index), step.name, max(keys, key=len, default=""), about, 0)
    if step.step.choose:
        value = _value(scopes.row(step.step.choose.from_))
        _fits(catalog, step.path.inside("choose"), step.name, "pick", about, max(value, PAGE_KEY))
    if step.step.list_:
        value = _value(scopes.row(step.step.list_.rows))
        _fits(catalog, step.path.inside("list"), step.name, "page", about, max(value, PAGE_KEY))


def _value(row: Shape) -> int:
    """Return the greatest size of the value of a row, which is ASCII."""
    value = row.fields.get("value") if isinstance(row, Record) else None
    return value.max if isinstance(value, Text | Number) else 0


def _fits(catalog: Catalog, path: KeyPath, owner: str, key: str, about: int, value: int) -> None:
    size = len(owner) + len(key) + about + value + TOKEN_LIMIT + len(":::~")
    if size > LIMIT:
        what = message(
            'the data of the button "{key}" could pass {limit} bytes ({size})', key=key, limit=LIMIT, size=size
        )
        catalog.report(path, what, message("shorten the names of the flow, the step or the button"))


def _check_rows(catalog: Catalog, scopes: Scopes, step: StepAt) -> None:
    rows = step.step.list_
    if step.step.choose:
        source = scopes.rows(step.step.choose.from_)
        if source and not {"value", "label"} <= set(source.shape.fields):
            path = step.path.inside("choose", "from")
            catalog.report(
                path, message('the rows of "{source}" have no value and label to choose by', source=source.name)
            )
    source = scopes.rows(rows.rows) if rows else None
    if not rows or not source:
        return
    if "value" not in source.shape.fields:
        catalog.report(
            step.path.inside("list", "rows"),
            message('the rows of "{source}" have no value to press by', source=source.name),
        )
    target = catalog.steps().get(full_name(step.path.flow, rows.go)) if rows.go else None
    for kind, field in rows.with_.items():
        path = step.path.inside("list", "with", kind)
        if field not in source.shape.fields:
            catalog.report(
                path, message('a row has no field "{field}"', field=field), did_you_mean(field, source.shape.fields)
            )
        if kind not in scopes.hooks.subjects:
            catalog.report(
                path,
                message('unknown subject "{kind}"', kind=kind),
                did_you_mean(kind, scopes.hooks.subjects),
                key=True,
            )
        elif target and target.step.about != kind:
            catalog.report(path, message('"{step}" is not about a {kind}', step=rows.go, kind=kind), key=True)
