"""Read a YAML file into plain data that remembers where each piece stood.

Scalars follow the JSON schema of YAML 1.2: only `true` and `false` are booleans, only JSON numbers of at most 18
digits are numbers, everything else is text. Anchors, aliases and tags are refused: behaviour is names only.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import yaml

from engine.problems import Position, Problem

Location: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_SWALLOWED = re.compile(r"[^\n]* #\S")


@dataclass(slots=True)
class Document:
    """One flow file: its data, the mark of every key and value, and what was wrong in the reading.

    `inline` are the places of mappings in braces, `blocks` of words below a | or >, `broken` of what was complained of.
    """

    path: str
    data: Any = None
    keys: dict[Location, Position] = field(default_factory=dict)
    values: dict[Location, Position] = field(default_factory=dict)
    inline: set[Location] = field(default_factory=set)
    blocks: set[Location] = field(default_factory=set)
    broken: set[Location] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def find(self, location: Location) -> Location:
        """Return the longest part of `location` that stands in the file; steps that do not are skipped."""
        found: Location = ()
        for step in location:
            if (*found, step) in self.values:
                found = (*found, step)
        return found

    def position(self, location: Location, *, key: bool = False) -> Position:
        """Return where the value (or, with `key`, the key) of `location` stands."""
        found = self.find(location)
        positions = self.keys if key and found in self.keys else self.values
        return positions.get(found, Position(self.path, 1, 1))

    def without(self, places: set[Location]) -> "Document":
        """Return the document without the pieces at `places`; items behind a piece of a list move up."""
        left = self
        for place in sorted(places, key=lambda each: self.values[each], reverse=True):
            left = left._without(place) if place in left.values else left
        return left

    def _without(self, place: Location) -> "Document":
        kept = {at: new for at in self.values if (new := _moved(at, place)) is not None}
        return replace(
            self,
            data=_pruned(self.data, place),
            keys={kept[at]: position for at, position in self.keys.items() if at in kept},
            values={kept[at]: position for at, position in self.values.items() if at in kept},
            inline={kept[at] for at in self.inline if at in kept},
            blocks={kept[at] for at in self.blocks if at in kept},
        )

    def word_position(self, location: Location, line: int, needle: str) -> Position:
        """Return where `needle` stands in line `line` (from 1) of the words at `location`."""
        start = self.position(location)
        if self.find(location) in self.blocks:
            start = Position(self.path, start.line + 1, 1)
        row = start.line + line - 1
        text = self.lines[row - 1] if row <= len(self.lines) else ""
        begin = start.column - 1 if line == 1 else 0
        found = text.find(needle, begin) if needle else -1
        indent = len(text) - len(text.lstrip()) + 1
        return Position(self.path, row, found + 1 if found >= 0 else start.column if line == 1 and begin else indent)


def read(path: str, text: str) -> Document:
    """Parse `text`; mistakes of the YAML itself are in the document's `problems`, never raised."""
    document = Document(path, lines=text.splitlines())
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(document, error))
        return document
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        where = Position(path, line, column)
        document.problems.append(Problem(where, f"this is no YAML: {error.reason}", "take the invisible character out"))
        return document
    if node is None:
        document.problems.append(Problem(Position(path, 1, 1), "the file is empty", 'start with "flow: name"'))
        return document
    _Builder(document).build(node)
    return document


def _moved(location: Location, place: Location) -> Location | None:
    """Return where `location` is when the piece at `place` is gone, or None for what goes with it."""
    depth = len(place) - 1
    if location[:depth] != place[:depth] or len(location) <= depth:
        return location
    step, gone = location[depth], place[depth]
    if step == gone:
        return None
    if isinstance(step, int) and isinstance(gone, int) and step > gone:
        return (*location[:depth], step - 1, *location[depth + 1 :])
    return location


def _pruned(data: Any, place: Location) -> Any:
    """Return `data` without the piece at `place`."""
    step, rest = place[0], place[1:]
    items = data.items() if isinstance(data, dict) else enumerate(data)
    kept = [(key, _pruned(value, rest) if key == step else value) for key, value in items if rest or key != step]
    return dict(kept) if isinstance(data, dict) else [value for _, value in kept]


def _syntax_problem(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    """Say where YAML breaks off; where the file ended first, where the piece began that has no end."""
    position, what = error.problem_mark, str(error.problem)
    if error.context_mark and (position is None or position.line >= len(document.lines)):
        position, what = error.context_mark, f"{error.context}, {error.problem}"
    if what.startswith("but "):
        what = f"{error.context} {what}"
    where = (
        Position(document.path, position.line + 1, position.column + 1) if position else Position(document.path, 1, 1)
    )
    return Problem(where, f"this is no YAML: {what}", _syntax_hint(document.lines, where))


def _syntax_hint(lines: list[str], position: Position) -> str:
    line = lines[position.line - 1] if position.line <= len(lines) else ""
    if "\t" in line:
        return "indent with spaces, not with tabs"
    if _SWALLOWED.match(line):
        return "everything after a # is a comment: put the words in quotes"
    if line.count(": ") > 1 or "{{" in line or "?" in line:
        return "put words that hold a colon, braces or a question mark in quotes, or below after a |"
    return "look at the indentation and the quotes of this line and the one above"


class _Builder:
    """Turns the nodes of one file into data and marks."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build(self, root: yaml.Node) -> None:
        self.document.data = self._value(root, ())

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.document.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def _problem(self, node: yaml.Node, what: str, hint: str = "") -> None:
        problem = Problem(self._position(node), what, hint)
        if problem not in self.document.problems:
            self.document.problems.append(problem)

    def _value(self, node: Any, at: Location) -> Any:
        self.document.values[at] = self._position(node)
        if id(node) not in self.seen:
            self._without_properties(node)
        elif not isinstance(node, yaml.ScalarNode):
            self.document.broken.add(at)
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*at, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, at)

    def _without_properties(self, node: yaml.Node) -> None:
        """Report the anchor or the tag that stands before a node; an alias leads to a node with an anchor."""
        lines, start = self.document.lines, node.start_mark
        written = lines[start.line][start.column :] if start.line < len(lines) else ""
        if written.startswith("&"):
            self._problem(node, "anchors and aliases are not part of the language", "write it out")
        elif written.startswith("!"):
            self._problem(node, f'the tag "{written.split()[0]}" is not part of the language', "leave it out")

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        if node.flow_style:
            self.document.inline.add(at)
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "a key must be one word", "put words with braces in quotes")
                self.document.broken.add(at)
                continue
            self._without_properties(key_node)
            key = str(key_node.value)
            if key in data:
                first = self.document.keys[(*at, key)]
                self._problem(key_node, f'the key "{key}" stands here twice', f"the first is in line {first.line}")
                continue
            self.document.keys[(*at, key)] = self._position(key_node)
            data[key] = self._value(value_node, (*at, key))
        return data

    def _scalar(self, node: yaml.ScalarNode, at: Location) -> Any:
        if node.style in {"|", ">"}:
            self.document.blocks.add(at)
        if node.style is not None:
            return node.value
        end = node.end_mark
        rest = self.document.lines[end.line][end.column :] if end.line < len(self.document.lines) else ""
        if node.value and _SWALLOWED.match(rest):
            self._problem(
                node, f'everything after "{node.value[-20:]}" is a comment to YAML', "put the words in quotes"
            )
        if node.value in _WORDS:
            return _WORDS[node.value]
        if _NUMBER.fullmatch(node.value):
            return float(node.value) if re.search(r"[.eE]", node.value) else int(node.value)
        return node.value
