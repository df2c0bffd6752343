"""The JSON Schema of a flow file, for editors that validate and complete."""

from typing import Any

from engine.language.file import FlowFile


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a flow file as it is written.

    It allows the short forms: a list of one item without its dash, the name of a step for a branch that only leads
    there, and the name of a variable for a caption.
    """
    schema = FlowFile.model_json_schema(by_alias=True, mode="validation")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    _loosen(schema)
    return schema


def _loosen(node: Any) -> None:
    """Allow one item wherever the language takes one or many, and a name wherever it has a short form."""
    if isinstance(node, list):
        for item in node:
            _loosen(item)
        return
    if not isinstance(node, dict):
        return
    for value in list(node.values()):
        _loosen(value)
    if node.pop("x-one-or-many", None):
        items = node["items"]
        node["anyOf"] = [items, {"type": "array", "items": items}]
        for key in ("type", "items"):
            node.pop(key)
    if "patternProperties" in node:
        # Pydantic describes the keys that fit, but does not exclude the others.
        node["additionalProperties"] = False
    if node.pop("x-name-for-short", None):
        node["anyOf"] = [{"type": "string"}, {"$ref": node.pop("$ref")}]
