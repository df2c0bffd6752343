"""The basic types of the language: names, references, templates, calls of hooks."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from engine.i18n import message
from engine.problems import UnfitError

T = TypeVar("T")


class Model(BaseModel):
    """Base class of the mappings of the language: unknown keys are mistakes, and types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation holds, in a list or beside None; None where it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(model_in, getattr(annotation, "__args__", ()))), None)


class TemplateMarker:
    """Marks a field as a template that people read."""


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
StepName = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$", max_length=60)]
Variable = Annotated[str, Field(pattern=r"^((draft|person)\.)?[a-z][a-z0-9_]*$", max_length=60)]
TemplateText = Annotated[str, Field(min_length=1), TemplateMarker()]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


OneOrMany = Annotated[list[T], BeforeValidator(_as_list), Field(json_schema_extra={"x-one-or-many": True})]


class Call(Model):
    """A named hook with constant arguments: `author`, `{within: 7d}`, or, for a guard, `not blocked`."""

    name: str
    arguments: Any = None
    negated: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: Any) -> Any:
        if isinstance(value, str):
            name, arguments = value, None
        elif isinstance(value, dict) and len(value) == 1 and "name" not in value:
            name, arguments = next(iter(value.items()))
        else:
            raise UnfitError(message("expected a name, or one name with its arguments such as {{within: 7d}}"))
        negated = name.startswith("not ")
        return {"name": name.removeprefix("not ").strip(), "arguments": arguments, "negated": negated}


CallForm = Annotated[
    Call,
    WithJsonSchema(
        {
            "description": "a named hook, or one name with its constant arguments",
            "oneOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}],
        }
    ),
]
Calls = OneOrMany[CallForm]

ANY = "any"
"""The guard that holds where one of those it is given holds."""


def alternatives(call: Call) -> list[Call]:
    """Return the guards that `any` is given; an empty list where something among them is none."""
    given = call.arguments if isinstance(call.arguments, list) else [call.arguments]
    try:
        return [Call.model_validate(each) for each in given]
    except ValidationError:
        return []
