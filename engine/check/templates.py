"""Checks of templates: their variables, their HTML, and their greatest length."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.i18n import Message, message
from engine.language.file import Phrases
from engine.problems import Position, Problem
from engine.reading.catalog import Catalog, KeyPath, StepAt, outcome_branches
from engine.reading.scopes import BOUND, Scope, Scopes
from engine.templates.check import Fault, check_template
from engine.templates.shapes import Number, Record, Shape
from engine.templates.templates import Templates

MESSAGE = 4096
"""Characters of a message after its entities are parsed, by the Bot API."""
CAPTION = 1024
"""Characters of a caption, by the Bot API."""
TOAST = 200
"""Characters of the answer to a press, by the Bot API."""
GAP = 2
"""Line ends between a hint, the text of a step and the text for an empty list."""
LABEL = 200
"""Characters of a button: the Bot API names no limit, and more cannot be read."""

_PHRASE_SCOPE: dict[str, dict[str, Shape]] = {
    "too_short": {"length": Number(6), "min": BOUND, "max": BOUND},
    "too_long": {"length": Number(6), "min": BOUND, "max": BOUND},
    "too_big": {"max_mb": BOUND},
    "too_many": {"max": BOUND},
}
_MESSAGE = message("message")


@dataclass(frozen=True, slots=True)
class _TemplateAt:
    """A template with its path, its scope and the limit of its length."""

    text: str
    path: KeyPath
    scope: Scope
    limit: int
    html: bool = False
    what: Message = _MESSAGE


def check_templates(catalog: Catalog, scopes: Scopes, templates: Templates) -> None:
    """Report all faults of all templates."""
    for at in _templates(catalog, scopes, templates):
        checked = check_template(templates, at.text, at.scope, html=at.html)
        for fault in checked.faults if not catalog.lacking else filter(_is_sure, checked.faults):
            catalog.problems.append(Problem(_position(catalog, at.path, fault), fault.what, fault.hint))
        if checked.blank:
            blank = message("people would see nothing of these words")
            catalog.report(at.path, blank, message("say something, or take the key out"))
        if checked.longest > at.limit:
            what = message(
                "these words could pass {limit} characters of a {kind} ({longest})",
                limit=at.limit,
                kind=at.what,
                longest=checked.longest,
            )
            catalog.report(at.path, what, message("shorten them, or cut a value: {{{{ value | short(100) }}}}"))


def _is_sure(fault: Fault) -> bool:
    """Return whether a fault stands also where pieces of the flows are lacking, which may fill variables."""
    return not fault.unfilled


def _position(catalog: Catalog, path: KeyPath, fault: Fault) -> Position:
    document = catalog.flows[path.flow].document
    return document.text_position(path.location, fault.line, fault.needle, fault.column)


def _templates(catalog: Catalog, scopes: Scopes, templates: Templates) -> Iterator[_TemplateAt]:
    for file in catalog.files():
        for name in Phrases.model_fields if file.phrases else ():
            known = set() if name in {"busy", "failed"} else {"draft", "person"}
            scope = {key: shape for key, shape in scopes.dialog(file.flow).items() if key in known}
            scope = {**scope, **_PHRASE_SCOPE.get(name, {})}
            path = KeyPath(file.flow, ("phrases", name))
            yield _TemplateAt(getattr(file.phrases, name), path, scope, TOAST, what=message("phrase"))
    for step in catalog.steps().values():
        yield from _step(scopes, step, templates)
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            if branch.say:
                yield _TemplateAt(
                    branch.say, path.inside("say"), scopes.branch(at, outcome), TOAST, what=message("toast")
                )
            if branch.send and branch.send.caption:
                where, known_here = path.inside("send", "caption"), scopes.branch(at, outcome)
                yield _TemplateAt(branch.send.caption, where, known_here, CAPTION, html=True, what=message("caption"))
    yield from _status_texts(catalog, scopes)


def _step(scopes: Scopes, step: StepAt, templates: Templates) -> Iterator[_TemplateAt]:
    scope, path = scopes.step(step), step.path
    empty = step.step.list_.empty if step.step.list_ else None
    below = check_template(templates, empty, scope, html=False).longest + GAP if empty else 0
    yield _TemplateAt(step.step.text, path.inside("text"), scope, MESSAGE - TOAST - GAP - below, html=True)
    if step.step.unexpected:
        yield _TemplateAt(step.step.unexpected, path.inside("unexpected"), scope, TOAST, what=message("hint"))
    for name, question in step.step.needs.items():
        yield _TemplateAt(question, path.inside("needs", name), scope, TOAST, what=message("hint"))
    for index, button in enumerate(step.step.buttons):
        if button.text:
            yield _TemplateAt(button.text, path.inside("buttons", index, "text"), scope, LABEL, what=message("button"))
    if step.step.choose and (shape := scopes.row(step.step.choose.from_)) and _has_label(shape, step):
        row = {"row": shape}
        where = path.inside("choose", "label")
        yield _TemplateAt(step.step.choose.label, where, {**scope, **row}, LABEL, what=message("button"))
    if step.step.list_:
        row = {"row": scopes.row(step.step.list_.rows)}
        yield _TemplateAt(
            step.step.list_.label, path.inside("list", "label"), {**scope, **row}, LABEL, what=message("button")
        )
        if step.step.list_.empty:
            yield _TemplateAt(step.step.list_.empty, path.inside("list", "empty"), scope, TOAST, what=message("hint"))


def _has_label(row: Shape, step: StepAt) -> bool:
    """Return whether the label of a choice can be checked: the default one needs rows with a label."""
    is_explicit = step.step.choose is not None and "label" in step.step.choose.model_fields_set
    return is_explicit or not isinstance(row, Record) or "label" in row.fields


def _status_texts(catalog: Catalog, scopes: Scopes) -> Iterator[_TemplateAt]:
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            scope = {**scopes.dialog(file.flow), **scopes.subject(file.subject)}
            yield _TemplateAt(transition.label, path.inside("label"), scope, LABEL, what=message("button"))
            for name in ("say", "late"):
                if getattr(transition, name):
                    yield _TemplateAt(getattr(transition, name), path.inside(name), scope, TOAST, what=message("toast"))
    for file, _, notice, path in catalog.notices():
        if notice.text:
            yield _TemplateAt(notice.text, path.inside("text"), scopes.notice(file.flow), MESSAGE, html=True)
        for index, button in enumerate(notice.buttons):
            where = path.inside("buttons", index, "text")
            yield _TemplateAt(button.text or "-", where, scopes.notice(file.flow), LABEL, what=message("button"))
