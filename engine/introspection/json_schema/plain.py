"""The schema of the language alone: its keys and the types of their values."""

from collections.abc import Iterable
from typing import Any

from engine.language.base import Model
from engine.language.file import FlowFile
from engine.language.scenario import HAPPENS, SEEN, ScenarioFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHORT = "x-name-for-short"
"""Marks a mapping that may be written as a name, until it is put into the standard's words."""


def json_schema() -> dict[str, Any]:
    """Return the schema of a flow file as it is written.

    It allows the short forms: a list of one item without its dash, the name of a step for a branch that only leads
    there, and the name of a variable for a caption.
    """
    return {"$schema": DIALECT, **loosened(FlowFile, {"type": "string"})}


def scenario_schema(roles: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a scenario as it is written; `roles` are those that people can have.

    In a line a person's name is a key, too.
    """
    schema = loosened(ScenarioFile, {"type": "string"})
    defined = schema["$defs"]
    line, act = defined["Line"], {"$ref": "#/$defs/Act"}
    line["properties"] = {key: line["properties"][key] for key in (*HAPPENS, *SEEN)}
    line["additionalProperties"] = act
    defined["Line"] = {"anyOf": [{"enum": ["again", "restart"]}, line]}
    words = {"type": ["string", "integer"]}
    defined["Act"] = {"anyOf": [words, {"type": "array", "items": words}, defined["Act"]]}
    role = {"enum": sorted(roles)}
    defined["Player"]["properties"]["role"] |= role
    defined["Player"] = {"anyOf": [role, defined["Player"]]}
    defined["Trouble"] = {"anyOf": [{"type": ["string", "integer"]}, defined["Trouble"]]}
    return {"$schema": DIALECT, **schema}


def loosened(model: type[Model], short: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a model with the short forms; `short` is the schema of a name in place of a mapping."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    _loosen(schema, short)
    return schema


def _loosen(node: Any, short: dict[str, Any]) -> None:
    """Allow one item wherever the language takes one or many, and a name wherever it has a short form."""
    if isinstance(node, list):
        for item in node:
            _loosen(item, short)
        return
    if not isinstance(node, dict):
        return
    for value in list(node.values()):
        _loosen(value, short)
    if node.pop("x-one-or-many", None):
        items = node["items"]
        node["anyOf"] = [items, {"type": "array", "items": items}]
        for key in ("type", "items"):
            node.pop(key)
    if "patternProperties" in node:
        # Pydantic describes the keys that fit, but does not exclude the others.
        node["additionalProperties"] = False
    if node.pop(SHORT, None):
        target = node.pop("$ref")
        # A branch leads to a step, a caption goes into a variable.
        node["anyOf"] = [short if target.endswith("Branch") else {"type": "string"}, {"$ref": target}]
