"""What the keys of one block have to do with each other, as far as a schema can tell."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, TypeAlias

from engine.language.dialog import NAVIGATIONS

Schema: TypeAlias = dict[str, Any]

BRANCHES = ("Branch", "Button", "Timed", "Rows", "Anywhere")
_NEEDS: Mapping[str, Mapping[str, list[str]]] = {
    **{name: {"into": ["call"], "else": ["do"]} for name in BRANCHES},
    "Transition": {"else": ["do"]},
}
_ANYWHERE = {"reply_to": ["expect"], "value": ["payload"], "label": ["command"]}


COMMAND = 32
"""Characters of a command at most (https://core.telegram.org/bots/api#botcommand)."""
_ASKS = {"anyOf": [{"required": ["expect"]}, {"required": ["choose"]}]}
_ENDS = {"required": ["buttons"], "properties": {"buttons": {"contains": {"required": ["next"]}}}}
_ASKING: list[Schema] = [
    {"if": {"required": ["next"]}, "then": {"anyOf": [_ASKS, _ENDS]}},
    {"if": {"required": ["needs"]}, "then": _ASKS},
]
"""Only an answer leads on, or a button that says that it is complete."""
_BOUNDS = (*range(1, 11), 20, 30, 50, 100, 200, 300, 400, 500, 1000, 1024, 2000, 3000, 4000)
"""Where the least is compared with the most: a schema compares a number only with one that is written in it."""


def _in_bounds(block: Schema) -> list[Schema]:
    """Return that the least number of characters is not more than the most."""
    most = block["properties"]["max"].get("default")
    rules: list[Schema] = [
        {
            "if": {"required": ["max"], "properties": {"max": {"maximum": bound}}},
            "then": {"properties": {"min": {"maximum": bound}}},
        }
        for bound in _BOUNDS
    ]
    if isinstance(most, int):
        rules.append({"if": {"not": {"required": ["max"]}}, "then": {"properties": {"min": {"maximum": most}}}})
    return rules


def add_rules(definitions: dict[str, Schema], outcomes: Mapping[str, list[str]]) -> None:
    """Add to the schemas of blocks which of their keys belong together, and which exclude each other."""
    for name, needs in _NEEDS.items():
        definitions[name]["dependentRequired"] = dict(needs)
    definitions["Anywhere"]["dependentRequired"] |= _ANYWHERE
    for name in BRANCHES:
        ways = [*NAVIGATIONS, *(["next"] if name == "Button" else [])]
        definitions[name].setdefault("allOf", []).extend(
            {"not": {"required": [*pair]}} for pair in combinations(ways, 2) if {"back", "cancel", "next"} - {*pair}
        )
    for name in (*BRANCHES, "Transition"):
        definitions[name].setdefault("allOf", []).extend(_by_action(outcomes))
    definitions["Anywhere"]["oneOf"] = [{"required": [each]} for each in ("command", "payload", "expect")]
    definitions["Button"]["anyOf"] = [{"required": ["text"]}, {"required": ["status"]}]
    definitions["Deadline"]["anyOf"] = [{"required": ["tell"]}, {"required": ["make"]}]
    definitions["Notice"]["oneOf"] = [{"required": ["text"]}, {"required": ["show"], "not": {"required": ["buttons"]}}]
    definitions["Rows"]["anyOf"] = [
        {"required": [key]} for key in ("do", "say", "send", "tell", "set", "forget", *NAVIGATIONS)
    ]
    definitions["Step"]["allOf"] = _ASKING
    definitions["TextInput"]["allOf"] = _in_bounds(definitions["TextInput"])
    definitions["Caption"]["allOf"] = _in_bounds(definitions["Caption"])
    definitions["Anywhere"]["properties"]["command"] |= {"maxLength": COMMAND}
    definitions["Transition"]["properties"]["name"] |= {"not": {"const": "all"}}
    for inner in definitions["FlowFile"]["properties"]["lists"]["patternProperties"].values():
        inner["minProperties"] = 1


def _by_action(outcomes: Mapping[str, list[str]]) -> list[Schema]:
    """Return, for each action, that `else` names its outcomes, all of them where it has any."""
    found = []
    for action, names in outcomes.items():
        called = {"anyOf": [{"const": action}, {"type": "object", "required": [action]}]}
        asked = {"required": ["do"], "properties": {"do": called}}
        handled: Schema = {"properties": {"else": {"propertyNames": {"enum": names}}}}
        found.append({"if": asked, "then": handled})
    return found
