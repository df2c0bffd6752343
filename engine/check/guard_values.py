"""Checks of the guard `is`: each variable that it looks at may have the values that it names."""

from collections.abc import Mapping
from typing import Any

from engine.check.calls import HookCall, hook_calls
from engine.check.variables import check_set
from engine.hooks.registry import IS
from engine.i18n import Message, message
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath
from engine.reading.scopes import Scopes
from engine.templates.shapes import Flag, Many, Number, Record, Shape, Text


def check_values(catalog: Catalog, scopes: Scopes) -> None:
    """Report variables that nothing sets, and values that they never have."""
    for call in hook_calls(catalog):
        # A deadline asks about no person, which is reported as such.
        if call.kind == "guard" and call.call.name == IS and (call.branch or call.transition):
            _check_guard(catalog, scopes, call)


def _check_guard(catalog: Catalog, scopes: Scopes, guard: HookCall) -> None:
    arguments = guard.call.arguments
    for name, values in arguments.items() if isinstance(arguments, Mapping) else ():
        path = guard.path.inside(IS, name)
        check_set(catalog, scopes, path, name)
        for index, value in enumerate(values if isinstance(values, list) else [values]):
            _check_value(catalog, scopes, path.inside(index), name, value)


def _check_value(catalog: Catalog, scopes: Scopes, path: KeyPath, name: str, value: Any) -> None:
    shape = scopes.variable(path.flow, name)
    if isinstance(shape, Record):
        shape = shape.fields.get("value")
    if isinstance(shape, Many) or name == "draft":
        what = message('"{name}" is no single value, and never "{value}"', name=name, value=str(value))
        catalog.report(path, what, message('ask "has: {name}"', name=name))
    elif not _may_be(shape, value) and not _is_mixed(scopes, path.flow, name):
        what = message('"{name}" is never "{value}"', name=name, value=str(value))
        catalog.report(path, what, _hint(shape, value))


def _may_be(shape: Shape | None, value: Any) -> bool:
    """Return whether a variable of this shape may have the value; that it is empty may always be asked."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(shape, Text):
        return value is None or (isinstance(value, str) and (shape.values is None or value in shape.values))
    if isinstance(shape, Number):
        return value is None or is_number
    return not isinstance(shape, Flag) or value is None or isinstance(value, bool)


def _is_mixed(scopes: Scopes, flow: str, name: str) -> bool:
    """Return whether a variable gets values of several types, of which its shape does not tell."""
    return len({type(each.shape) for each in scopes.assigned(flow, name)}) > 1


def _hint(shape: Shape | None, value: Any) -> Message | None:
    if isinstance(shape, Number):
        is_quoted = isinstance(value, str) and value.isdecimal()
        return message("write it without quotes") if is_quoted else message("it is a number")
    if isinstance(shape, Flag):
        return message("it is true or false")
    known = shape.values if isinstance(shape, Text) else None
    return did_you_mean(str(value), known) if known else message("it is words: put them in quotes")
