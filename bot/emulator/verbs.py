"""Verbs: the methods by which a person acts, each declared once, where `Person` implements it.

`@verb("photo")` makes a method a verb. All else follows from its parameters: `Verb.from_json` reads them from the body
of `POST /control/photo`, `Verb.to_json` writes that body for a caller in another process. So a new verb is a new
method, and nothing else has to be changed.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, create_model
from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

Method = TypeVar("Method", bound="Callable[..., Any]")

_PATH = "__verb_path__"

BY_ID = GetPydanticSchema(
    lambda _source, _handler: core_schema.int_schema(
        serialization=core_schema.plain_serializer_function_ser_schema(lambda value: getattr(value, "id", value))
    )
)
"""Annotates a parameter that takes an object or its id: in JSON it is the id."""


def verb(path: str | None = None) -> Callable[[Method], Method]:
    """Make a method a verb; `path` is its name in the control API.

    A verb without a path is a short form of another one, for callers in this process.
    """

    def mark(method: Method) -> Method:
        setattr(method, _PATH, path)
        return method

    return mark


@dataclass(frozen=True)
class Verb:
    """One thing that a person can do."""

    name: str
    path: str | None
    method: Callable[..., Any]

    @cached_property
    def arguments_model(self) -> type[BaseModel]:
        """The parameters of the method as a JSON object, without `self`; unknown names are errors."""
        hints = get_type_hints(self.method, include_extras=True)
        _, *parameters = inspect.signature(self.method).parameters.values()
        fields: dict[str, Any] = {
            each.name: (hints[each.name], ... if each.default is each.empty else each.default) for each in parameters
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    def to_json(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Return a call's arguments as the JSON object; raises `TypeError` where the method would."""
        bound = inspect.signature(self.method).bind(None, *arguments, **named).arguments
        _, *given = bound.items()
        model = self.arguments_model.model_construct(**dict(given))
        return model.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def from_json(self, source: Any) -> dict[str, Any]:
        """Return the JSON object as named arguments of the method; raises pydantic's `ValidationError`."""
        model = self.arguments_model.model_validate(source)
        given = model.model_fields_set
        return {name: getattr(model, name) for name in self.arguments_model.model_fields if name in given}


def verbs_of(owner: type) -> dict[str, Verb]:
    """Return the verbs of a class by the names of their methods."""
    methods = {name: method for name, method in vars(owner).items() if hasattr(method, _PATH)}
    return {name: Verb(name, getattr(method, _PATH), method) for name, method in methods.items()}
