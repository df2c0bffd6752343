"""Reading a YAML file into plain data, with the position of each piece.

Scalars follow the JSON schema of YAML 1.2: only `true` and `false` are booleans, only JSON numbers of at most 18
digits are numbers, everything else is text. Anchors, aliases and tags are refused: behaviour is names only.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import yaml

from engine.i18n import Message, message
from engine.problems import Position, Problem
from engine.reading.word_positions import locate
from engine.reading.yaml_errors import no_break_space, refused_character, syntax_problem
from engine.reading.yaml_nodes import compose

Location: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?")
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_HALF = re.compile("[\ud800-\udfff]")
_LOST = "\ufffd"
_LONE_QUOTE = re.compile(r"[^\"]*[^\"\d\s]\"")
_COMMENT = re.compile(r"[^\n]* #\S")


@dataclass(slots=True)
class Document:
    """A flow file: its data, the positions of its keys and values, and the problems found in reading it.

    `inline` are the locations of mappings in braces, `blocks` of texts below a | or >, `reported` of pieces that a
    problem has been reported for.
    """

    path: str
    data: Any = None
    keys: dict[Location, Position] = field(default_factory=dict)
    values: dict[Location, Position] = field(default_factory=dict)
    inline: set[Location] = field(default_factory=set)
    blocks: set[Location] = field(default_factory=set)
    reported: set[Location] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def find(self, location: Location) -> Location:
        """Return the part of `location` that exists in the file; steps that do not exist are skipped."""
        found: Location = ()
        for step in location:
            if (*found, step) in self.values:
                found = (*found, step)
        return found

    def position(self, location: Location, *, key: bool = False) -> Position:
        """Return the position of the value (or, with `key`, the key) at `location`."""
        found = self.find(location)
        positions = self.keys if key and found in self.keys else self.values
        return positions.get(found, Position(self.path, 1, 1))

    def without(self, locations: set[Location]) -> "Document":
        """Return the document without the pieces at `locations`; list items behind them move up."""
        rest = self
        # From the end of the file: removing a list item would shift the locations of those behind it.
        for location in sorted(locations, key=lambda each: self.values[each], reverse=True):
            rest = rest._without(location) if location in rest.values else rest
        return rest

    def _without(self, location: Location) -> "Document":
        kept = {at: new for at in self.values if (new := _shifted(at, location)) is not None}
        return replace(
            self,
            data=_without(self.data, location),
            keys={kept[at]: position for at, position in self.keys.items() if at in kept},
            values={kept[at]: position for at, position in self.values.items() if at in kept},
            inline={kept[at] for at in self.inline if at in kept},
            blocks={kept[at] for at in self.blocks if at in kept},
        )

    def is_reported(self, location: Location) -> bool:
        """Return whether a problem has been reported for the piece at `location`, or for one that it is in."""
        return any(location[: len(reported)] == reported for reported in self.reported)

    def at(self, location: Location) -> Any:
        """Return the piece at `location`."""
        return _at(self.data, location)

    def relocated(self, location: Location, target: Location) -> "Document":
        """Return the document with the key at `location` as the key `target`, still found where it is written."""

        def moved(at: Location) -> Location:
            return (*target, *at[len(location) :]) if at[: len(location)] == location else at

        return replace(
            self,
            data=_relocated(self.data, location, target),
            keys={moved(at): position for at, position in self.keys.items()},
            values={moved(at): position for at, position in self.values.items()},
            inline={moved(at) for at in self.inline},
            blocks={moved(at) for at in self.blocks},
            reported={moved(at) for at in self.reported},
        )

    def with_value(self, location: Location, value: Any) -> "Document":
        """Return the document with another scalar at `location`."""
        return replace(self, data=_with_value(self.data, location, value))

    def text_position(self, location: Location, line: int, needle: str, column: int = 0) -> Position:
        """Return the position of a mistake in the text at `location`: that of `column` in its line `line`, from 1.

        Without a column it is that of `needle` in the line, or else of the line's first word.
        """
        start, text = self.position(location), self._text_at(location)
        rows = text.split("\n")
        if not text or not 1 <= line <= len(rows):
            return start
        row = rows[line - 1]
        found = column - 1 if column else row.find(needle) if needle else -1
        if found < 0 and line == 1 and self.find(location) not in self.blocks:
            return start
        index = sum(len(each) + 1 for each in rows[: line - 1]) + (
            found if found >= 0 else len(row) - len(row.lstrip())
        )
        place = locate(self.lines, start.line - 1, start.column - 1, text, min(index, len(text) - 1))
        return Position(self.path, place[0] + 1, place[1] + 1)

    def _text_at(self, location: Location) -> str:
        """Return the text at `location`, "" where there is none."""
        found = self.data
        for step in location:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return ""
        return found if isinstance(found, str) else ""


def read(path: str, text: str) -> Document:
    """Parse `text`; YAML errors are not raised, but are in the document's `problems`."""
    document = Document(path, lines=text.split("\n"))
    if refused := refused_character(path, text):
        document.problems.append(refused)
        return document
    try:
        node = compose(text)
    except yaml.MarkedYAMLError as error:
        document.problems.append(syntax_problem(path, text, error))
        return document
    if node is None:
        document.problems.append(
            Problem(Position(path, 1, 1), message("the file is empty"), message('start with "flow: name"'))
        )
        return document
    _Builder(document).build(node)
    return document


def _shifted(location: Location, removed: Location) -> Location | None:
    """Return `location` as it is without the piece at `removed`; None where it is inside of that."""
    depth = len(removed) - 1
    if location[:depth] != removed[:depth] or len(location) <= depth:
        return location
    step, gone = location[depth], removed[depth]
    if step == gone:
        return None
    if isinstance(step, int) and isinstance(gone, int) and step > gone:
        return (*location[:depth], step - 1, *location[depth + 1 :])
    return location


def _without(data: Any, location: Location) -> Any:
    """Return `data` without the piece at `location`."""
    step, rest = location[0], location[1:]
    items = data.items() if isinstance(data, dict) else enumerate(data)
    kept = [(key, _without(value, rest) if key == step else value) for key, value in items if rest or key != step]
    return dict(kept) if isinstance(data, dict) else [value for _, value in kept]


def _relocated(data: Any, location: Location, target: Location) -> Any:
    """Return `data` with the piece at `location` at `target`; a key with a new name keeps its place."""
    *parent, key = location
    owner = _at(data, tuple(parent))
    piece = owner[key]
    if target[:-1] == tuple(parent):
        renamed = {target[-1] if each == key else each: value for each, value in owner.items()}
        return _with_value(data, tuple(parent), renamed)
    *parent, key = target
    rest = _without(data, location)
    return _with_value(rest, tuple(parent), {**_at(rest, tuple(parent)), key: piece})


def _at(data: Any, location: Location) -> Any:
    for step in location:
        data = data[step]
    return data


def _with_value(data: Any, location: Location, value: Any) -> Any:
    """Return `data` with `value` at `location`."""
    if not location:
        return value
    step, rest = location[0], location[1:]
    items = data.items() if isinstance(data, dict) else enumerate(data)
    changed = [(key, _with_value(each, rest, value) if key == step else each) for key, each in items]
    return dict(changed) if isinstance(data, dict) else [each for _, each in changed]


class _Builder:
    """Builds data and positions from the YAML nodes of a file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build(self, root: yaml.Node) -> None:
        self.document.data = self._value(root, ())

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.document.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def _problem(self, node: yaml.Node, what: Message, hint: Message | None = None) -> None:
        problem = Problem(self._position(node), what, hint)
        if problem not in self.document.problems:
            self.document.problems.append(problem)

    def _value(self, node: Any, at: Location) -> Any:
        self.document.values[at] = self._position(node)
        if id(node) not in self.seen:
            self._reject_properties(node)
        elif not isinstance(node, yaml.ScalarNode):
            self.document.reported.add(at)
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*at, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, at)

    def _reject_properties(self, node: yaml.Node) -> None:
        """Report an anchor or a tag before a node; an alias leads to a node with an anchor."""
        lines, start = self.document.lines, node.start_mark
        text = lines[start.line][start.column :] if start.line < len(lines) else ""
        if text.startswith("&"):
            self._problem(node, message("anchors and aliases are not part of the language"), message("write it out"))
        elif text.startswith("!"):
            self._problem(
                node,
                message('the tag "{tag}" is not part of the language', tag=text.split()[0]),
                message("leave it out"),
            )

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        if node.flow_style:
            self.document.inline.add(at)
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, message("a key must be one word"), message("put words with braces in quotes"))
                self.document.reported.add(at)
                continue
            self._reject_properties(key_node)
            key = self._characters(key_node)
            if key[:1].isspace() and not key_node.style:
                self._problem(key_node, *no_break_space())
                self.document.reported.add((*at, key))
            if key in data:
                first = self.document.keys[(*at, key)]
                self._problem(
                    key_node,
                    message('the key "{key}" stands here twice', key=key),
                    message("the first is in line {line}", line=first.line),
                )
                continue
            self.document.keys[(*at, key)] = self._position(key_node)
            data[key] = self._value(value_node, (*at, key))
        return data

    def _scalar(self, node: yaml.ScalarNode, at: Location) -> Any:
        if node.style in {"|", ">"}:
            self.document.blocks.add(at)
        if node.style:
            return self._characters(node)
        end = node.end_mark
        rest = self.document.lines[end.line][end.column :] if end.line < len(self.document.lines) else ""
        if node.value and _COMMENT.match(rest):
            self._problem(
                node,
                message('everything after "{words}" is a comment to YAML', words=node.value[-20:]),
                message("put the words in quotes"),
            )
        if _LONE_QUOTE.fullmatch(node.value):
            self._problem(
                node, message("the quote at the end of these words was never opened"), message("open it, too")
            )
        if node.value in _CONSTANTS:
            return _CONSTANTS[node.value]
        if _NUMBER.fullmatch(node.value):
            return float(node.value) if re.search(r"[.eE]", node.value) else int(node.value)
        return node.value

    def _characters(self, node: yaml.ScalarNode) -> str:
        """Return the text of a scalar; halves of characters, as JSON writes them, are joined, lone ones reported."""
        if not _HALF.search(node.value):
            return str(node.value)
        joined: str = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if _LOST in joined and _LOST not in node.value:
            what = message("these words hold half a character")
            self._problem(node, what, message("write the character itself, or both its halves: \\ud83d\\udd27"))
        return joined
