"""Schemas of calls of hooks: the names that may stand there, and what each of them takes."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from engine.check.calls import names_of
from engine.hooks.declarations import Hook
from engine.hooks.inputs import INCOMPLETE, inputs_of
from engine.hooks.registry import HAS, IS, Hooks
from engine.introspection.json_schema.names import KnownNames
from engine.language.base import ANY
from engine.language.status import TIMER

Schema: TypeAlias = dict[str, Any]

KINDS = ("guard", "role", "audience", "action", "source", "source of rows", "source of files")


def call_schemas(names: KnownNames, prefix: str) -> dict[str, Schema]:
    """Return the schema of each kind of call; `prefix` is that of references to them."""
    found = {kind: _calls(names_of(names.hooks, kind), kind, names, prefix) for kind in KINDS}
    audiences = names.hooks.audiences
    # Nobody belongs to some audiences while somebody acts: they can only be told.
    never = {name for name, each in audiences.items() if each.kinds is not None and not each.kinds}
    everybody = frozenset().union(*(each.kinds or () for each in audiences.values()))
    never |= {f"not {name}" for name, each in audiences.items() if each.kinds == everybody and not each.about}
    for kind in ("guard", "role"):
        bare = found[kind]["anyOf"][0]
        bare["enum"] = [each for each in bare["enum"] if each not in never]
    return found


def opposed(names: KnownNames) -> list[Schema]:
    """Return what excludes that a list of guards names one and its opposite."""
    return [
        {"not": {"allOf": [{"contains": {"const": name}}, {"contains": {"const": f"not {name}"}}]}}
        for name in names_of(names.hooks, "guard")
        if name not in (ANY, HAS, IS)
    ]


def _calls(known: Mapping[str, Hook | None], kind: str, names: KnownNames, prefix: str) -> Schema:
    """Return the schema of a call: a bare name, or one name with what the hook takes."""
    negations = ("", "not ") if kind == "guard" else ("",)
    bare = [f"{sign}{name}" for sign in negations for name, hook in known.items() if _stands_alone(name, hook)]
    if kind == "role":
        bare.append(TIMER)
    if kind == "source of rows":
        # Only a choice may be from a fixed list; a list of rows is told so by the check.
        bare += names.lists
    given = {
        f"{sign}{name}": taken
        for sign in negations
        for name, hook in known.items()
        if (taken := _taken(name, hook, names, prefix)) is not None
    }
    mapping = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": given,
        "additionalProperties": False,
    }
    return {"anyOf": [{"enum": sorted(bare)}, *([mapping] if given else [])]}


def _stands_alone(name: str, hook: Hook | None) -> bool:
    """Return whether a hook may be called by its bare name."""
    if hook is None:
        return name != ANY
    return name != IS and not any(field.is_required() for field in hook.parameters.model_fields.values())


def _taken(name: str, hook: Hook | None, names: KnownNames, prefix: str) -> Schema | None:
    """Return the schema of what a hook is called with, None where it takes nothing."""
    if name == ANY:
        guard = {"$ref": f"{prefix}guard"}
        return one_or_many_of(guard)
    if hook is None:
        return None
    if name == HAS:
        return {"enum": names.readable}
    if name == IS:
        return _values(names)
    fields, constants = [*hook.parameters.model_fields], _constants(hook)
    inputs = {each: {"enum": names.readable} for each in inputs_of(hook.inputs)}
    if not fields and not inputs:
        return None
    required = [each for each, field in hook.parameters.model_fields.items() if field.is_required()]
    mapping: Schema = {
        "type": "object",
        "properties": {**constants, **inputs},
        "additionalProperties": False,
        "required": required,
    }
    return {"anyOf": [mapping, constants[fields[0]]]} if fields else mapping


def _values(names: KnownNames) -> Schema:
    """Return the schema of variables with the values that they are to have."""

    def one_or_many(values: Iterable[str]) -> Schema:
        return one_or_many_of({"enum": [*sorted(values), None]})

    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            **{name: one_or_many_of({"type": ["integer", "null"]}) for name in names.numbered},
            **{name: one_or_many_of({"type": ["string", "null"]}) for name in names.typed},
            **{name: one_or_many(values) for name, values in names.choices.items()},
        },
        "propertyNames": {"enum": [each for each in names.readable if each not in ("draft", *names.files)]},
    }


def one_or_many_of(item: Schema) -> Schema:
    """Return the schema of an item, or of a list of different ones."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}]}


def _constants(hook: Hook) -> dict[str, Schema]:
    """Return the schemas of a hook's constants."""
    schema = hook.parameters.model_json_schema(mode="validation")
    definitions = schema.get("$defs", {})
    return {name: inlined(each, definitions) for name, each in schema.get("properties", {}).items()}


def inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with its definitions written in the places of their references."""
    if isinstance(node, list):
        return [inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: inlined(each, definitions) for key, each in node.items() if key != "title"}


def outcomes_of(hooks: Hooks) -> Mapping[str, list[str]]:
    """Return the outcomes of each action that has any, with the one of an action whose inputs may be missing."""
    found = {}
    for name, action in hooks.actions.items():
        outcomes = {*action.outcomes, *([INCOMPLETE] if action.is_demanding else [])}
        found[name] = sorted(outcomes)
    return found
