"""What a hook takes of a conversation: fields of a pydantic model, compared with the flows before anybody talks.

A flow names the variable behind each input; the hook gets typed values and reads no variable by itself.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import chain
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo

from engine.events import KeptFile
from engine.i18n import Message, message
from engine.problems import UnfitError
from engine.templates.shapes import IdOf, Many, Moment, Number, Record, Shape, Text, Unknown

V = TypeVar("V")

INCOMPLETE = "incomplete"
"""The outcome of an action whose inputs are missing, or are what it cannot take: the engine gives it, nothing runs."""


class Inputs(BaseModel):
    """Base of what a hook takes of variables. A field without a default is required.

    `one_of` names fields of which at least one has a value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    one_of: ClassVar[tuple[str, ...]] = ()


class Choice(BaseModel, Generic[V]):
    """A row that was chosen: its value, and what it was called.

    Words that a step takes in place of a row have the value None: declare `Choice[int | None]` to take them too, and
    in a subclass how long they are, `typed`.
    """

    model_config = ConfigDict(frozen=True)
    typed: ClassVar[tuple[int, int]] = (0, 4096)

    value: V
    label: str

    @model_validator(mode="after")
    def _words_in_bounds(self) -> Self:
        least, most = self.typed
        if self.value is None and not least <= len(self.label) <= most:
            raise UnfitError(
                message("words in place of a row have {least} to {most} characters", least=least, most=most)
            )
        return self


class IncompleteInputsError(Exception):
    """A required input has no value, or one that the hook cannot take; `names` are the inputs."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        super().__init__(", ".join(sorted(names)))


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input; `unwraps` says that the hook wants the value alone of a row that was chosen."""

    name: str
    required: bool
    unwraps: bool
    annotation: Any
    metadata: tuple[Any, ...]

    @property
    def wanted(self) -> Message:
        """What the input takes, in words."""
        if get_origin(self.annotation) is list:
            (item, metadata) = _bare(get_args(self.annotation)[0], ())
            if item is KeptFile:
                return message("files")
            return message("several of a choice: {wanted}", wanted=_wanted(item, metadata))
        return _wanted(self.annotation, self.metadata)

    def is_of_kind(self, shape: Shape) -> bool:
        """Return whether a variable of `shape` is of the right kind, whatever its bounds or the items of its list."""
        value = shape.fields.get("value", shape) if isinstance(shape, Record) else shape
        wants_text = self.annotation is str or values_of(self.annotation) is not None
        return (
            wants_text and isinstance(value, Text) and (values_of(self.annotation) is None or value.values is not None)
        )

    def values_too_many(self, shape: Shape) -> frozenset[str]:
        """Return the items of a list that the input does not take."""
        value = shape.fields.get("value", shape) if isinstance(shape, Record) else shape
        taken = values_of(self.annotation)
        known = value.values if isinstance(value, Text) else None
        return frozenset() if taken is None or known is None else known - taken

    @property
    def values(self) -> frozenset[str]:
        """The values that the input takes, where it takes those of a closed list; none otherwise."""
        choice = self.annotation.model_fields["value"].annotation if _is_choice(self.annotation) else self.annotation
        return values_of(_bare(choice, ())[0]) or frozenset()

    def is_too_long(self, shape: Shape) -> bool:
        """Return whether a text may be longer than the input takes."""
        return isinstance(shape, Text) and shape.max > bounds(self.metadata)[1]

    def misfit(self, shape: Shape) -> Message | None:
        """Return what the input takes, in words, where a variable of `shape` may hold something else, or None."""
        return None if _fits_value(self.annotation, self.metadata, shape) else self.wanted


def inputs_of(model: type[Inputs]) -> Mapping[str, Input]:
    """Return the declared inputs of a model by their names."""
    return _inputs_of(model)


@cache
def _inputs_of(model: type[Inputs]) -> Mapping[str, Input]:
    return {name: input_of(name, info) for name, info in model.model_fields.items()}


def input_of(name: str, info: FieldInfo) -> Input:
    """Return a field of a model as an input."""
    annotation, metadata = _bare(info.annotation, tuple(info.metadata))
    item = _bare(get_args(annotation)[0], ())[0] if get_origin(annotation) is list else annotation
    return Input(name, info.is_required(), not _is_choice(item), annotation, metadata)


def check_declared(model: type[Inputs]) -> None:
    """Raise TypeError where no variable can be what a field asks for, or `check` could not tell whether it is."""
    declared = inputs_of(model)
    for name in model.one_of:
        if name not in declared or declared[name].required:
            raise TypeError(f'"{name}" is one of several inputs: declare it, with a default')
    for each in declared.values():
        annotation, metadata = each.annotation, each.metadata
        if get_origin(annotation) is list and not metadata:
            annotation, metadata = _bare(get_args(annotation)[0], ())
            if annotation is KeptFile:
                continue
        if _is_choice(annotation) and not metadata:
            info = annotation.model_fields["value"]
            annotation, metadata = _bare(info.annotation, tuple(info.metadata))
        if not _is_comparable(annotation, metadata):
            raise TypeError(f'no variable can be compared with the input "{each.name}": {annotation} {[*metadata]}')


def _is_comparable(annotation: Any, metadata: tuple[Any, ...]) -> bool:
    """Return whether `check` knows the values of a type, and all that bounds them."""
    bounded_by: Mapping[Any, tuple[type, ...]] = {str: (MinLen, MaxLen), int: (IdOf,), datetime: ()}
    if values_of(annotation) is not None:
        return not metadata
    return annotation in bounded_by and all(isinstance(each, bounded_by[annotation]) for each in metadata)


def field_value(model: type[BaseModel], name: str, value: Any) -> Any:
    """Return what a conversation keeps as the value that a field declares; None stays None."""
    declared = input_of(name, model.model_fields[name])
    if value is None or not _is_choice(declared.annotation):
        return _unwrapped(declared, value)
    return declared.annotation.model_validate(value)


def read(model: type[Inputs], values: Mapping[str, Any]) -> Inputs:
    """Return the inputs with their values, which conversations keep as plain data.

    None and empty values count as missing. Raises IncompleteInputsError.
    """
    declared = inputs_of(model)
    present = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    given = {name: _unwrapped(declared[name], value) for name, value in present.items()}
    if model.one_of and not any(name in given for name in model.one_of):
        raise IncompleteInputsError(frozenset(model.one_of))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise IncompleteInputsError(frozenset(str(each["loc"][0]) for each in error.errors())) from None


def _unwrapped(declared: Input, value: Any) -> Any:
    if not declared.unwraps:
        return value
    if isinstance(value, list):
        return [value_alone(each) for each in value]
    return value_alone(value)


def value_alone(value: Any) -> Any:
    """Return the value of a row that was chosen, and any other value as it is."""
    return value["value"] if isinstance(value, Mapping) and "value" in value else value


def _bare(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return an annotation without `Annotated` and `| None`, and all that was annotated."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            bounds_of = (each.metadata if isinstance(each, FieldInfo) else [each] for each in more)
            metadata = (*metadata, *chain.from_iterable(bounds_of))
        elif get_origin(annotation) in (Union, types.UnionType):
            kinds = [each for each in get_args(annotation) if each is not types.NoneType]
            if len(kinds) > 1:
                raise TypeError(f"{annotation} is of several kinds, and a variable of one")
            annotation = kinds[0]
        else:
            return annotation, metadata


def takes_nothing(info: FieldInfo) -> bool:
    """Return whether a field takes None."""
    return types.NoneType in get_args(info.annotation)


def _is_choice(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Choice)


def _fits_value(annotation: Any, metadata: tuple[Any, ...], shape: Shape) -> bool:
    if isinstance(shape, Unknown):
        return True
    if get_origin(annotation) is list:
        return _fits_list(get_args(annotation)[0], shape)
    if _is_choice(annotation):
        return _fits_choice(annotation, shape)
    if isinstance(shape, Record) and "value" in shape.fields:
        # Of a row that was chosen the hook gets the value; words typed in its place have none.
        return shape.typed is None and _fits(annotation, metadata, shape.fields["value"])
    return _fits(annotation, metadata, shape)


def _fits_list(annotation: Any, shape: Shape) -> bool:
    item, metadata = _bare(annotation, ())
    if not isinstance(shape, Many):
        return False
    return _is_file(shape.item) if item is KeptFile else _fits_value(item, metadata, shape.item)


def _fits_choice(annotation: type[Choice[Any]], shape: Shape) -> bool:
    info = annotation.model_fields["value"]
    if not isinstance(shape, Record) or not {"value", "label"} <= shape.fields.keys():
        return False
    if not _fits(*_bare(info.annotation, tuple(info.metadata)), shape.fields["value"]):
        return False
    return shape.typed is None or (takes_nothing(info) and _fits(str, _bounded(*annotation.typed), shape.typed))


def _is_file(shape: Shape) -> bool:
    return isinstance(shape, Record) and shape.name == "file"


def _fits(annotation: Any, metadata: tuple[Any, ...], shape: Shape) -> bool:
    if isinstance(shape, Unknown):
        return True
    if (values := values_of(annotation)) is not None:
        return isinstance(shape, Text) and shape.values is not None and shape.values <= values
    if annotation is str:
        least, most = bounds(metadata)
        return isinstance(shape, Text) and shape.max <= most and shape.min >= least
    if annotation is int:
        return isinstance(shape, Number) and shape.of == _id_of(metadata)
    return isinstance(shape, Moment)


def values_of(annotation: Any) -> frozenset[str] | None:
    """Return the values of a closed list, None for anything else."""
    if get_origin(annotation) is Literal:
        return frozenset(map(str, get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return frozenset(str(each.value) for each in annotation)
    return None


def bounds(metadata: tuple[Any, ...]) -> tuple[int, int]:
    """Return the least and the greatest length that a text may have."""
    least = next((each.min_length for each in metadata if isinstance(each, MinLen)), 0)
    most = next((each.max_length for each in metadata if isinstance(each, MaxLen)), 4096)
    return least, most


def _bounded(least: int, most: int) -> tuple[Any, ...]:
    return MinLen(least), MaxLen(most)


def _id_of(metadata: tuple[Any, ...]) -> str:
    return next((each.kind for each in metadata if isinstance(each, IdOf)), "")


def _wanted(annotation: Any, metadata: tuple[Any, ...]) -> Message:
    if _is_choice(annotation):
        info = annotation.model_fields["value"]
        row = message("a chosen row: {wanted}", wanted=_wanted(*_bare(info.annotation, tuple(info.metadata))))
        typed = _wanted(str, _bounded(*annotation.typed))
        return message("{row} or {typed}", row=row, typed=typed) if takes_nothing(info) else row
    if (values := values_of(annotation)) is not None:
        return message("one of {values}", values=", ".join(sorted(values)))
    if annotation is str:
        least, most = bounds(metadata)
        if least:
            return message("words of {least} to {most} characters", least=least, most=most)
        return message("words of at most {most} characters", most=most)
    if annotation is int:
        return message("a {kind}", kind=_id_of(metadata)) if _id_of(metadata) else message("a number")
    return message("a moment")
