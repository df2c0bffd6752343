"""The types of the language's keys, as the reference names them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.introspection.markdown import codes
from engine.language.base import CallForm, Model, Name, StepName, TemplateText, Variable
from engine.language.dialog import BranchForm
from engine.language.scenario import Called

_NAMED = (
    (BranchForm, "step or branch"),
    (Name, "name"),
    (StepName, "step"),
    (Variable, "variable"),
    (TemplateText, "words"),
    (Called, "person's name"),
)
_NAMED_FORMS = (*_NAMED, (CallForm, "call"))
_PLAIN = {
    str: "text",
    bool: "`true` or `false`",
    int: "number",
    datetime: "moment such as `2026-03-02 09:00`",
    timedelta: "span such as `30s`, `15m`, `24h`, `7d`",
}


def hints(model: type[BaseModel]) -> dict[str, Any]:
    """Return the annotations of a model's fields, with their `Annotated` types."""
    found = get_type_hints(model, include_extras=True)
    return {name: found[name] for name in model.model_fields}


def inner_models(hint: Any) -> Iterator[type[Model]]:
    """Yield the mappings of the language in an annotation."""
    if hint == CallForm:
        return
    if _is_mapping(hint):
        yield hint
    for inner in get_args(hint):
        yield from inner_models(inner)


def takes(hint: Any, info: FieldInfo) -> str:
    """Return what a key takes, with its bounds if it has any."""
    bounds = {type(each): each for each in info.metadata}
    low, high, longest = bounds.get(Ge), bounds.get(Le), bounds.get(MaxLen)
    if hint is int and low:
        return f"number, {low.ge} to {high.le}" if high else f"number, from {low.ge}"
    if longest and hint in (str, str | None):
        return f"text, {longest.max_length} characters at most"
    return form(hint)


def form(hint: Any) -> str:
    """Return the text for an annotation: `name`, `words`, `one or more: call`, a link to a mapping."""
    for named, name in _NAMED_FORMS:
        if hint == named:
            return name
    if get_origin(hint) is not None:
        return _built(get_origin(hint), get_args(hint))
    return link(hint) if _is_mapping(hint) else _PLAIN.get(hint, "anything")


def _built(origin: Any, inner: tuple[Any, ...]) -> str:
    """Return the text for a generic annotation."""
    if origin is Annotated:
        return f"one or more: {form(get_args(inner[0])[0])}" if get_origin(inner[0]) is list else form(inner[0])
    if origin is Literal:
        return codes(inner)
    if origin is dict:
        return f"{form(inner[1])} for each {form(inner[0])}"
    if origin is list:
        return f"list of: {form(inner[0])}"
    return " or ".join(dict.fromkeys(form(each) for each in inner if each is not type(None)))


def title(model: type[BaseModel]) -> str:
    """Return the heading of a mapping: `FileInput` becomes `File input`."""
    name = model.__name__
    return name[0] + "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name[1:])


def link(model: type[BaseModel]) -> str:
    """Return a link to the section of a mapping."""
    name = title(model).lower()
    return f"[{name}](#{name.replace(' ', '-')})"


def _is_mapping(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Model)
