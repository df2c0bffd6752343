"""The schema of the files of one folder: it knows the names that they and the hooks give."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_origin

from engine.hooks.registry import Hooks
from engine.introspection.json_schema.calls import call_schemas, one_or_many_of, opposed, outcomes_of
from engine.introspection.json_schema.names import KnownNames
from engine.introspection.json_schema.plain import DIALECT, json_schema, loosened
from engine.introspection.json_schema.rules import BRANCHES, add_rules
from engine.introspection.json_schema.words import LABELS, PLAIN, PLAIN_WORDS, words_schema
from engine.language.base import TemplateMarker, model_in
from engine.language.file import FlowFile
from engine.reading.catalog import Catalog

Schema: TypeAlias = dict[str, Any]

_DEFINITIONS = "#/$defs/"


def folder_schema(catalog: Catalog, hooks: Hooks) -> Schema:
    """Return the schema of the flow files of a folder; of a flow that is not among them it is that of the language.

    Which names there are depends on the flow, so that the schema has a part for each.
    """
    flows = sorted(catalog.flows)
    definitions: dict[str, Schema] = {}
    for flow in flows:
        definitions |= _of_flow(KnownNames(catalog, hooks, flow))
    plain = json_schema()
    for name, schema in plain.pop("$defs").items():
        definitions[f"any.{name}"] = _moved(schema, "any.")
    definitions["any.FlowFile"] = {key: each for key, each in _moved(plain, "any.").items() if key != "$schema"}
    known = {"properties": {"flow": {"enum": flows}}, "required": ["flow"]}
    return {
        "$schema": DIALECT,
        "title": "FlowFile",
        "type": "object",
        "if": known,
        "then": {
            "allOf": [
                {
                    "if": {"properties": {"flow": {"const": flow}}},
                    "then": {"$ref": f"{_DEFINITIONS}{flow}.FlowFile"},
                }
                for flow in flows
            ]
        },
        "else": {"$ref": f"{_DEFINITIONS}any.FlowFile"},
        "$defs": definitions,
    }


def _of_flow(names: KnownNames) -> dict[str, Schema]:
    """Return the definitions of one flow's file, each under a name that begins with the flow's."""
    prefix = f"{names.flow}."
    whole = loosened(FlowFile, {"enum": names.steps})
    definitions: dict[str, Schema] = whole.pop("$defs")
    definitions["FlowFile"] = whole
    for (model, key), change in _changes(names, f"{_DEFINITIONS}{prefix}").items():
        for name in (*BRANCHES,) if model == "Branch" else (model,):
            properties = definitions[name]["properties"]
            if key in properties:
                described = {"description": properties[key]["description"]} if "description" in properties[key] else {}
                properties[key] = {**described, **change(properties[key])}
    _with_words(definitions, {"$ref": f"{_DEFINITIONS}words"})
    add_rules(definitions, outcomes_of(names.hooks))
    _without_nothing(definitions)
    calls = call_schemas(names, f"{_DEFINITIONS}{prefix}")
    moved = {f"{prefix}{name}": _moved(schema, prefix) for name, schema in definitions.items()}
    return {**moved, **{f"{prefix}{kind}": each for kind, each in calls.items()}, f"{prefix}words": words_schema(names)}


Change: TypeAlias = Callable[[Schema], Schema]


def _changes(names: KnownNames, at: str) -> Mapping[tuple[str, str], Change]:
    """Return what stands in the place of the schema of a key, by the block and the key."""

    def one(values: list[str]) -> Change:
        return lambda _: {"enum": values}

    def many(values: list[str]) -> Change:
        return lambda _: one_or_many_of({"enum": values})

    def call(kind: str) -> Change:
        return lambda _: {"$ref": f"{at}{kind}"}

    def calls(kind: str) -> Change:
        return lambda _: one_or_many_of({"$ref": f"{at}{kind}"})

    def mapping(keys: list[str] | None = None, values: list[str] | None = None) -> Change:
        def change(before: Schema) -> Schema:
            inside = {"enum": values} if values is not None else {}
            named = {"propertyNames": {"enum": keys}} if keys is not None else {}
            kept = {key: each for key, each in before.items() if key not in ("patternProperties", "propertyNames")}
            old = next(iter(before.get("patternProperties", {}).values()), True)
            return {**kept, **named, "additionalProperties": inside or old}

        return change

    def guards(_: Schema) -> Schema:
        found = one_or_many_of({"$ref": f"{at}guard"})
        found["anyOf"][1]["allOf"] = opposed(names)
        return found

    answers = [f"answer.{each}" for each in names.questions]
    return {
        ("FlowFile", "start"): one(names.own_steps),
        ("FlowFile", "card"): one(names.own_steps),
        ("FlowFile", "subject"): one(names.subjects),
        ("FlowFile", "may_see"): calls("role"),
        ("FlowFile", "moved"): mapping(values=names.steps),
        ("Branch", "when"): guards,
        ("Branch", "do"): call("action"),
        ("Branch", "go"): one(names.steps),
        ("Branch", "edit"): one(names.asking),
        ("Branch", "call"): one(names.steps),
        ("Branch", "give"): one(names.filled),
        ("Branch", "with"): mapping(keys=names.subjects),
        ("Branch", "move"): mapping(keys=names.filled, values=names.filled),
        ("Branch", "forget"): many([*names.filled, "draft"]),
        ("Branch", "tell"): many(names.notices),
        ("Button", "status"): one(["all", *names.transitions]),
        ("Send", "from"): call("source of files"),
        ("Choose", "from"): call("source of rows"),
        ("Rows", "rows"): call("source of rows"),
        ("Step", "about"): one(names.subjects),
        ("Step", "source"): calls("source"),
        ("Step", "needs"): mapping(keys=names.readable),
        ("Anywhere", "reply_to"): one(names.subjects),
        ("Status", "initial"): one(names.statuses),
        ("Status", "moved"): mapping(values=names.statuses),
        ("Transition", "from"): many(names.statuses),
        ("Transition", "to"): one(names.statuses),
        ("Transition", "by"): calls("role"),
        ("Transition", "when"): guards,
        ("Transition", "ask"): mapping(values=names.steps),
        ("Transition", "set"): mapping(keys=names.fields, values=["actor", "now", "nothing", *answers]),
        ("Transition", "do"): call("action"),
        ("Transition", "tell"): many(names.own_notices),
        ("Deadline", "when"): guards,
        ("Deadline", "tell"): many(names.own_notices),
        ("Deadline", "make"): one(names.timed),
        ("Notice", "to"): calls("audience"),
    }


def _with_words(definitions: Mapping[str, Schema], words: Schema) -> None:
    """Put the schema of words in the place of that of every template."""
    models = {name: model for name, model in _models().items() if name in definitions}
    for name, model in models.items():
        for key, field in model.model_fields.items():
            if any(isinstance(each, TemplateMarker) for each in _metadata(field)):
                alias = field.alias or key
                described = {"description": field.description} if field.description else {}
                shown = {"allOf": [words, PLAIN]} if _is_plain(name, alias) else words
                definitions[name]["properties"][alias] = {**described, **shown}
    for name, key in LABELS:
        definitions[name]["properties"][key] |= PLAIN


def _is_plain(name: str, key: str) -> bool:
    return (name, key) in PLAIN_WORDS or (name in BRANCHES and ("Branch", key) in PLAIN_WORDS)


def _metadata(field: Any) -> list[Any]:
    if get_origin(field.annotation) is dict:
        return []
    inner = [
        each for argument in getattr(field.annotation, "__args__", ()) for each in getattr(argument, "__metadata__", ())
    ]
    return [*field.metadata, *inner]


def _models() -> Mapping[str, Any]:
    """Return the blocks of the language by their names."""
    found: dict[str, Any] = {}
    waiting: list[Any] = [FlowFile]
    while waiting:
        model = waiting.pop()
        if model.__name__ in found:
            continue
        found[model.__name__] = model
        waiting += filter(None, (model_in(field.annotation) for field in model.model_fields.values()))
    return found


def _without_nothing(node: Any) -> None:
    """Let no list be empty, and no key: whoever writes one means that nobody, or nothing, is meant."""
    if isinstance(node, list):
        for each in node:
            _without_nothing(each)
    elif isinstance(node, dict):
        if node.get("type") == "array":
            node.setdefault("minItems", 1)
        if "anyOf" in node:
            node["anyOf"] = [each for each in node["anyOf"] if each != {"type": "null"}]
        for each in node.values():
            _without_nothing(each)


def _moved(node: Any, prefix: str) -> Any:
    """Return a schema whose references lead to definitions with names that begin with `prefix`."""
    if isinstance(node, list):
        return [_moved(each, prefix) for each in node]
    if not isinstance(node, dict):
        return node
    moved = {key: _moved(each, prefix) for key, each in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith(f"{_DEFINITIONS}{prefix}"):
        moved["$ref"] = f"{_DEFINITIONS}{prefix}{reference.removeprefix(_DEFINITIONS)}"
    return moved
