"""All words of the flows with the names that they use, read before anything is known of what these names stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import nodes
from pydantic import BaseModel

from engine.language.base import TemplateMarker
from engine.reading.catalog import Catalog, KeyPath
from engine.templates.filters import SHAPES
from engine.templates.templates import TemplateError, Templates

OWNERS = {"draft", "person", "answer"}
"""What a template names together with its part: `draft.place`."""
_NAME = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?")
_OF_A_LIST = {"icon", "label"}
"""Filters whose argument is the name of a list; that of a misspelt filter may be one."""


@dataclass(frozen=True, slots=True)
class Words:
    """A template with its path, the names that it uses, the lists that its filters name, and those that it may name."""

    text: str
    path: KeyPath
    uses: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()


class WordReader:
    """Reads all words of a catalog, once as long as it stays the same."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._read: tuple[Catalog, list[Words]] | None = None

    def read(self, catalog: Catalog) -> list[Words]:
        """Return all templates; one that cannot be parsed may use whatever is written in it."""
        if self._read is None or self._read[0] is not catalog:
            self._read = catalog, [*_all_words(catalog, self._templates)]
        return self._read[1]


def _all_words(catalog: Catalog, templates: Templates) -> Iterator[Words]:
    for file in catalog.files():
        for text, location in _texts(file, ()):
            yield _words(templates, text, KeyPath(file.flow, location))


def _words(templates: Templates, text: str, path: KeyPath) -> Words:
    if "{" not in text:
        return Words(text, path)
    try:
        tree = templates.parse(text)
    except TemplateError:
        written = _NAME.findall(text)
        names = frozenset(part for name in written for part in (name, *name.split(".")))
        return Words(text, path, names, perhaps=names)
    named = [
        (each.name, argument.value)
        for each in tree.find_all(nodes.Filter)
        for argument in each.args
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str)
    ]
    lists = frozenset(value for name, value in named if name in _OF_A_LIST)
    perhaps = frozenset(value for name, value in named if name not in SHAPES)
    return Words(text, path, frozenset(_names(tree, frozenset())), lists, perhaps)


def _names(node: nodes.Node, bound: frozenset[str]) -> Iterator[str]:
    """Go through the names that a template takes from outside; `bound` are those of the loops around."""
    if isinstance(node, nodes.Name):
        if node.name not in bound:
            yield node.name
    elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in OWNERS - bound:
        yield f"{node.node.name}.{node.attr}"
    elif isinstance(node, nodes.For):
        yield from _names(node.iter, bound)
        inner = bound | {
            each.name for each in (node.target, *node.target.find_all(nodes.Name)) if hasattr(each, "name")
        }
        for child in (*node.body, *node.else_):
            yield from _names(child, inner)
    else:
        for child in node.iter_child_nodes():
            yield from _names(child, bound)


def _texts(model: BaseModel, location: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for name, key, is_template in _fields(type(model)):
        yield from _texts_in(getattr(model, name), (*location, key), is_template=is_template)


def _texts_in(
    value: Any, location: tuple[str | int, ...], *, is_template: bool
) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    if isinstance(value, BaseModel):
        yield from _texts(value, location)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts_in(each, (*location, key), is_template=is_template)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts_in(each, (*location, index), is_template=is_template)
    elif is_template and isinstance(value, str):
        yield value, location


@cache
def _fields(model: type[BaseModel]) -> list[tuple[str, str, bool]]:
    """Return the fields of a block that may hold words: (name, key, whether it holds words itself)."""
    found = []
    for name, info in model.model_fields.items():
        is_template = _is_template(info.annotation) or any(isinstance(each, TemplateMarker) for each in info.metadata)
        if is_template or _holds_a_block(info.annotation):
            found.append((name, info.alias or name, is_template))
    return found


def _is_template(annotation: Any) -> bool:
    if any(isinstance(each, TemplateMarker) for each in getattr(annotation, "__metadata__", ())):
        return True
    return any(map(_is_template, getattr(annotation, "__args__", ())))


def _holds_a_block(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(map(_holds_a_block, getattr(annotation, "__args__", ())))
