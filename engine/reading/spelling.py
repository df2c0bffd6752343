"""Misspelt keys and values that the schema has a name for: each is reported, and read as it was meant."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from engine.i18n import Message, message
from engine.language.base import Model, model_in
from engine.letters import latin
from engine.problems import Problem, did_you_mean, nearest
from engine.reading.yaml_reader import Document, Location

_OWNED = re.compile(r"([a-z_]+)\.([a-z][a-z0-9_]*)")
_TRUTHS = {"true": True, "false": False}
OWNERS = ("draft", "person")
"""What a variable may be a part of."""


def respelled(document: Document, details: Iterable[ErrorDetails], root: type[Model]) -> tuple[Document, list[Problem]]:
    """Return the document as it was meant, as far as the errors of its model tell, and what is misspelt in it."""
    problems: list[Problem] = []
    # The innermost first: a piece that moves takes along what stands in it, and its errors name the old place.
    for detail in sorted(filter(_is_inside, details), key=lambda each: len(each["loc"]), reverse=True):
        found = _meant_key(document, detail, root) or _meant_value(document, detail)
        if found:
            document, problem = found
            problems.append(problem)
    return document, problems


def _is_inside(detail: ErrorDetails) -> bool:
    """Return whether an error is about a piece of the file, and not about the file as a whole."""
    return bool(detail["loc"])


def _meant_key(document: Document, detail: ErrorDetails, root: type[Model]) -> tuple[Document, Problem] | None:
    """Return the document with the key that was meant, and the problem; None where that cannot be told."""
    key, is_unknown = str(detail["loc"][-1]), detail["type"] == "extra_forbidden"
    if key == "[key]":
        location = document.find(detail["loc"])
        name = _meant_name(str(location[-1]), detail) if location else None
        if name is None or (*location[:-1], name) in document.keys:
            return None
        problem = Problem(document.position(location, key=True), *_no_name(str(location[-1]), name))
        return document.relocated(location, (*location[:-1], name)), problem
    parent = document.find(detail["loc"][:-1])
    location = (*parent, key)
    if not is_unknown or location not in document.keys:
        return None
    close = nearest(key, keys_at(detail["loc"][:-1], root) - document.at(parent).keys())
    if close:
        what = message('unknown key "{key}"', key=key)
        problem = Problem(document.position(location, key=True), what, did_you_mean(key, [close]))
        return document.relocated(location, (*parent, close)), problem
    return _meant_level(document, location, detail["input"], root)


def _meant_level(
    document: Document, location: Location, block: Any, root: type[Model]
) -> tuple[Document, Problem] | None:
    """Return the document with a block where it belongs that is indented too far: it has the keys of its owner."""
    if len(location) < 2:
        return None
    *above, owner, key = location
    siblings = tuple(above)
    model = model_at(siblings, root)
    is_like_owner = model is not None and not isinstance(owner, int) and model is model_at((*siblings, owner), root)
    if model is None or not is_like_owner or not isinstance(block, dict) or (*siblings, key) in document.keys:
        return None
    if not block or not block.keys() <= keys_of(model):
        return None
    what = message('"{key}" stands inside of "{owner}"', key=key, owner=owner)
    problem = Problem(document.position(location, key=True), what, message('indent it like "{owner}"', owner=owner))
    return document.relocated(location, (*siblings, key)), problem


def _meant_value(document: Document, detail: ErrorDetails) -> tuple[Document, Problem] | None:
    """Return the document with the value that was meant, and the problem; None where that cannot be told."""
    location, value, kind = document.find(detail["loc"]), detail["input"], detail["type"]
    if not isinstance(value, str) or location not in document.values or document.at(location) != value:
        return None
    meant: Any = None
    if kind == "literal_error":
        known = re.findall(r"'(\w+)'", str(detail.get("ctx", {}).get("expected")))
        meant, what = nearest(value, known), message('"{value}" does not serve here', value=value)
    elif kind == "bool_type":
        meant, what = nearest(value, _TRUTHS), message('expected true or false, got "{value}"', value=value)
    elif kind == "string_pattern_mismatch":
        meant, what = _meant_name(value, detail), message('"{name}" is no name', name=value)
    if meant is None:
        return None
    problem = Problem(document.position(location), what, did_you_mean(value, [meant]))
    return document.with_value(location, _TRUTHS.get(meant, meant) if kind == "bool_type" else meant), problem


def _meant_name(name: str, detail: ErrorDetails) -> str | None:
    """Return a name, or that of a variable, in letters that names have; None where it cannot be told."""
    plain, pattern = latin(name), str(detail.get("ctx", {}).get("pattern"))
    owned = _OWNED.fullmatch(plain) if "draft" in pattern else None
    if owned and (owner := nearest(owned[1], OWNERS)):
        return f"{owner}.{owned[2]}"
    return plain if re.match(pattern, plain) else None


def _no_name(name: str, meant: str) -> tuple[Message, Message | None]:
    return message('"{name}" is no name', name=name), did_you_mean(name, [meant])


def keys_at(location: Location, root: type[Model]) -> set[str]:
    """Return the keys that a file of the model `root` has at `location`."""
    model = model_at(location, root)
    return keys_of(model) if model else set()


def keys_of(model: type[BaseModel]) -> set[str]:
    """Return the keys of a block of the language."""
    return {field.alias or name for name, field in model.model_fields.items()}


def model_at(location: Location, root: type[Model]) -> type[BaseModel] | None:
    """Return the block of the language that stands at `location`, or in the list or under the names there."""
    model: type[BaseModel] | None = root
    for step in location:
        if model is None or isinstance(step, int):
            continue
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                # A branch under `else` is named before its class is complete: there it is the class itself.
                model = model_in(field.annotation) or model
                break
    return model
