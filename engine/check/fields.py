"""Checks of what status transitions set: fields that the subject has, to values that they take."""

from collections.abc import Mapping

from pydantic.fields import FieldInfo

from engine.check.subdialogs import leads_nowhere
from engine.conversation import ANSWER
from engine.hooks.inputs import input_of, takes_nothing
from engine.hooks.registry import Hooks
from engine.i18n import Message, message
from engine.language.file import FlowFile
from engine.language.status import Transition
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath, full_name
from engine.reading.scopes import Scopes
from engine.templates.shapes import Moment, Number, Shape

VALUES: Mapping[str, Shape | None] = {"actor": Number(of="person"), "now": Moment(), "nothing": None}
"""What a transition may set a field to, besides an answer."""


def check_fields(catalog: Catalog, hooks: Hooks, scopes: Scopes) -> None:
    """Report fields and values that do not go together, and questions whose dialog gives no answer."""
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            for name, value in transition.set.items():
                _check_field(catalog, hooks, scopes, file, transition, path.inside("set", name), value)
            _check_questions(catalog, scopes, file, transition, path)


def _check_field(
    catalog: Catalog,
    hooks: Hooks,
    scopes: Scopes,
    file: FlowFile,
    transition: Transition,
    path: KeyPath,
    value: str,
) -> None:
    name, port = str(path.location[-1]), hooks.subjects.get(file.subject or "")
    fields = port.fields.model_fields if port else {}
    if port and name not in fields:
        catalog.report(
            path,
            message('a {kind} has no field "{name}" to set', kind=port.kind, name=name),
            did_you_mean(name, fields),
            key=True,
        )
    answers = scopes.answers(file.flow, transition)
    if value not in VALUES and value.removeprefix(ANSWER) not in answers:
        known = {*VALUES, *(f"{ANSWER}{each}" for each in answers)}
        catalog.report(path, message('"{value}" is no value to set', value=value), did_you_mean(value, known))
    elif port and name in fields:
        shape = VALUES[value] if value in VALUES else answers[value.removeprefix(ANSWER)]
        wanted = _misfit(name, fields[name], shape)
        if wanted:
            what = message(
                '"{name}" of a {kind} takes {wanted}, and "{value}" is something else',
                name=name,
                kind=port.kind,
                wanted=wanted,
                value=value,
            )
            catalog.report(path, what, message("set another value"))


def _misfit(name: str, info: FieldInfo, shape: Shape | None) -> Message | None:
    if shape is None:
        return None if takes_nothing(info) else message("a value")
    return input_of(name, info).misfit(shape)


def _check_questions(catalog: Catalog, scopes: Scopes, file: FlowFile, transition: Transition, path: KeyPath) -> None:
    for name, step in transition.ask.items():
        target = full_name(file.flow, step)
        gives_nothing = target in catalog.steps() and scopes.given(target) is None and catalog.complete()
        if gives_nothing and not leads_nowhere(catalog, target):
            where = path.inside("ask", name)
            catalog.report(
                where, message('the dialog at "{step}" gives nothing back', step=step), message('end it with "give"')
            )
