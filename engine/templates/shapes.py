"""Shapes: the types of the values that templates print, with their fields and greatest lengths."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from annotated_types import Len, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.i18n import Message, message
from engine.markup import length


@dataclass(frozen=True, slots=True)
class Text:
    """Text of `min` to `max` characters; one of `values`, where they are known."""

    max: int
    min: int = 0
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number, printed in at most `max` characters; 20 are enough for 64 bits. An id says of what kind it is: `of`."""

    max: int = 20
    of: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    max: int = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time; printed through `date`, `time` or `moment`."""

    max: int = 32


@dataclass(frozen=True, slots=True)
class Record:
    """A value with named fields; only its fields can be printed.

    Of a row that may be chosen, `typed` are the words that may stand in its place: it has no value then.
    """

    name: str
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    typed: Text | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """At most `max` values of one shape."""

    item: "Shape"
    max: int


@dataclass(frozen=True, slots=True)
class IdOf:
    """Marks an annotated number as the id of something: `Annotated[int, IdOf("person")]`."""

    kind: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks an annotated text as one of a closed list of values, which are not validated again where it is shown."""

    values: frozenset[str]


FLOAT_LENGTH = 24
"""Characters of the longest float: a sign, 17 digits, a point and e-308."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value whose shape is unknown because of another mistake: nothing more is reported of it."""

    max: int = 0


Shape: TypeAlias = Text | Number | Flag | Moment | Record | Many | Unknown


def join(first: Shape, second: Shape) -> Shape:
    """Return a shape for either of two values: the longer one; of two records, the fields that both have.

    ValueError for two that no template can treat alike: a list and a single value, a record and a text.
    """
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        return second if isinstance(first, Unknown) else first
    if isinstance(first, Many) and isinstance(second, Many):
        return Many(join(first.item, second.item), max(first.max, second.max))
    if isinstance(first, Record) and isinstance(second, Record):
        shared = first.fields.keys() & second.fields.keys()
        fields = {name: join(first.fields[name], second.fields[name]) for name in sorted(shared)}
        return Record(first.name, fields, _joined_words(first.typed, second.typed))
    if isinstance(first, Record | Many) or isinstance(second, Record | Many):
        raise ValueError(f"{kind_of(first)} cannot stand for {kind_of(second)}")
    if isinstance(first, Text) and isinstance(second, Text):
        return _joined_words(first, second) or first
    if isinstance(first, Number) and isinstance(second, Number):
        return Number(max(first.max, second.max), first.of if first.of == second.of else "")
    return first if type(first) is type(second) else Text(max(first.max, second.max))


def fits(value: Any, shape: Shape) -> bool:
    """Return whether JSON data has a shape, its type and its bounds; None fits any."""
    if value is None or isinstance(shape, Unknown):
        return True
    if isinstance(shape, Many):
        return isinstance(value, list) and len(value) <= shape.max and all(fits(each, shape.item) for each in value)
    if isinstance(shape, Record):
        return isinstance(value, Mapping) and all(fits(value.get(name), each) for name, each in shape.fields.items())
    if isinstance(shape, Text):
        is_bounded = isinstance(value, str) and shape.min <= length(value) <= shape.max
        return is_bounded and (shape.values is None or value in shape.values)
    kinds = {Number: int | float, Flag: bool, Moment: str | datetime}
    is_of_kind = isinstance(value, kinds[type(shape)]) and isinstance(value, bool) == isinstance(shape, Flag)
    return is_of_kind and length(str(value)) <= shape.max


def _joined_words(first: Text | None, second: Text | None) -> Text | None:
    if first is None or second is None:
        return first or second
    known = first.values is not None and second.values is not None
    values = (first.values or frozenset()) | (second.values or frozenset()) if known else None
    return Text(max(first.max, second.max), min(first.min, second.min), values)


def kind_of(shape: Shape) -> Message:
    """Return the name of a shape in messages."""
    if isinstance(shape, Many):
        return message("a list")
    return message("a choice") if isinstance(shape, Record) else message("words")


def of_model(model: type[BaseModel]) -> Record:
    """Return the shape of a pydantic model.

    TypeError where a text or a list does not declare its greatest length (`Field(max_length=…)`), which is needed to
    check that messages fit Telegram's limits.
    """
    fields = {
        name: _shape_of(info.annotation, info.metadata, f"{model.__name__}.{name}")
        for name, info in model.model_fields.items()
    }
    return Record(model.__name__, fields)


def _shape_of(annotation: Any, metadata: list[Any], where: str) -> Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _shape_of(inner, [*metadata, *more], where)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        shape = _shape_of(kinds[0], metadata, where)
        for kind in kinds[1:]:
            shape = join(shape, _shape_of(kind, metadata, where))
        return shape
    if origin is Literal:
        values = frozenset(map(str, get_args(annotation)))
        return Text(max(map(len, values)), min(map(len, values)), values)
    if origin in (list, tuple):
        return Many(_shape_of(get_args(annotation)[0], [], where), _longest(metadata, where))
    return _shape_of_class(annotation, metadata, where)


def _shape_of_class(kind: type, metadata: list[Any], where: str) -> Shape:
    if issubclass(kind, BaseModel):
        return of_model(kind)
    if issubclass(kind, bool):
        return Flag()
    if issubclass(kind, str):
        known = next((each.values for each in metadata if isinstance(each, OneOf)), None)
        return Text(_longest(metadata, where), values=known)
    if issubclass(kind, int):
        return Number(of=next((each.kind for each in metadata if isinstance(each, IdOf)), ""))
    if issubclass(kind, float):
        return Number(FLOAT_LENGTH)
    if issubclass(kind, datetime | date):
        return Moment()
    raise TypeError(f"{where}: words cannot print a {kind.__name__}")


def _longest(metadata: list[Any], where: str) -> int:
    for item in metadata:
        for constraint in item.metadata if isinstance(item, FieldInfo) else [item]:
            if isinstance(constraint, MaxLen | Len) and constraint.max_length is not None:
                return constraint.max_length
    raise TypeError(f"{where}: declare the greatest length with Field(max_length=…)")
