"""Names of the shipped flows misspelt by one letter, one at a time: each is found, and reported once."""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING

import yaml

from engine.flows import check_loaded
from engine.reading.loader import validate
from engine.reading.yaml_reader import read
from tests.conversation import MOSCOW, SHIPPED
from tests.test_engine.check.planting import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = {path.name: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}
WORD = re.compile(r"[a-z_][a-z0-9_]*")
REFERENCE = re.compile(r"(not )?[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
FREE = {"name", "command"}
"""Keys whose values nothing refers to: there no name is misspelt."""
STEP = 25
"""Of so many names one is misspelt here."""


def names(node: yaml.Node, key: str = "") -> Iterator[tuple[int, str]]:
    """Go through the keys and the names of a file: (index in the text, name)."""
    if isinstance(node, yaml.MappingNode):
        for key_node, value in node.value:
            yield from ((key_node.start_mark.index + each.start(), each[0]) for each in WORD.finditer(key_node.value))
            yield from names(value, key_node.value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from names(value, key)
    elif node.style is None and REFERENCE.fullmatch(node.value) and key not in FREE:
        yield from ((node.start_mark.index + each.start(), each[0]) for each in WORD.finditer(node.value))


def misspelt(name: str, kind: str) -> str:
    middle = len(name) // 2
    if kind == "dropped":
        return name[:middle] + name[middle + 1 :]
    if kind == "doubled":
        return name[:middle] + name[middle] + name[middle:]
    index = next((i for i in range(len(name) - 1) if name[i] != name[i + 1]), 0)
    return name[:index] + name[index : index + 2][::-1] + name[index + 2 :]


def test_a_letter_amiss_is_reported_once_and_the_name_that_was_meant_is_said() -> None:
    found: list[tuple[str, str, str]] = []
    for file, text in FILES.items():
        places = [each for each in names(yaml.compose(text, yaml.CSafeLoader)) if each[1] != "not"]
        for (index, name), kind in zip(places[::STEP], cycle(["dropped", "doubled", "swapped"])):
            changed = text[:index] + misspelt(name, kind) + text[index + len(name) :]
            documents = [read(each, changed if each == file else own) for each, own in FILES.items()]
            flows, problems = validate(documents)
            said = sorted({*problems, *check_loaded(flows, problems, HOOKS, MOSCOW)})
            if len(said) != 1 or name not in str(said[0]):
                found.append((name, misspelt(name, kind), "\n".join(map(str, said))))
    assert found == []
