"""The JSON Schema for editors knows exactly the keys of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.introspection.json_schema import json_schema
from engine.language.base import Model
from engine.language.file import FlowFile
from engine.language.scenario import ScenarioFile

if TYPE_CHECKING:
    from collections.abc import Iterator


def models(model: type[Model] = Model) -> Iterator[type[Model]]:
    """Go through all models of the language."""
    for each in model.__subclasses__():
        yield each
        yield from models(each)


def test_each_model_has_its_keys_in_the_schema() -> None:
    wholes = [each.model_json_schema(by_alias=True) for each in (FlowFile, ScenarioFile)]
    defined = {name: each for whole in (json_schema(), *wholes) for name, each in whole["$defs"].items()}
    defined |= {whole["title"]: whole for whole in wholes}
    for model in models():
        keys = {field.alias or name for name, field in model.model_fields.items()}
        if model.__name__ != "Call":
            assert set(defined[model.__name__]["properties"]) == keys, model.__name__
            assert defined[model.__name__]["additionalProperties"] is False
