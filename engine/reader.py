"""Read a YAML file into plain data that remembers where each piece stood.

Scalars follow the JSON schema of YAML 1.2: only `true` and `false` are booleans, only JSON numbers of at most 18
digits are numbers, everything else is text. Anchors, aliases and tags are refused: behaviour is names only.
"""

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from engine.problems import Mark, Problem

Location: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_SWALLOWED = re.compile(r"[^\n]* #\S")


@dataclass(slots=True)
class Document:
    """One flow file: its data, the mark of every key and value, and what was wrong in the reading."""

    path: str
    data: Any = None
    keys: dict[Location, Mark] = field(default_factory=dict)
    values: dict[Location, Mark] = field(default_factory=dict)
    inline: set[Location] = field(default_factory=set)
    blocks: set[Location] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def find(self, location: Location) -> Location:
        """Return the longest part of `location` that stands in the file; steps that do not are skipped."""
        found: Location = ()
        for step in location:
            if (*found, step) in self.values:
                found = (*found, step)
        return found

    def mark(self, location: Location, *, key: bool = False) -> Mark:
        """Return where the value (or, with `key`, the key) of `location` stands."""
        found = self.find(location)
        marks = self.keys if key and found in self.keys else self.values
        return marks.get(found, Mark(self.path, 1, 1))

    def word_mark(self, location: Location, line: int, needle: str) -> Mark:
        """Return where `needle` stands in line `line` (from 1) of the words at `location`."""
        start = self.mark(location)
        if self.find(location) in self.blocks:
            start = Mark(self.path, start.line + 1, 1)
        row = start.line + line - 1
        text = self.lines[row - 1] if row <= len(self.lines) else ""
        begin = start.column - 1 if line == 1 else 0
        found = text.find(needle, begin) if needle else -1
        indent = len(text) - len(text.lstrip()) + 1
        return Mark(self.path, row, found + 1 if found >= 0 else start.column if line == 1 and begin else indent)


def read(path: str, text: str) -> Document:
    """Parse `text`; mistakes of the YAML itself are in the document's `problems`, never raised."""
    document = Document(path, lines=text.splitlines())
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Mark(path, mark.line + 1, mark.column + 1) if mark else Mark(path, 1, 1)
        document.problems.append(Problem(where, f"this is no YAML: {error.problem}", _syntax_hint(text, where)))
        return document
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        where = Mark(path, line, column)
        document.problems.append(Problem(where, f"this is no YAML: {error.reason}", "take the invisible character out"))
        return document
    if node is None:
        document.problems.append(Problem(Mark(path, 1, 1), "the file is empty", 'start with "flow: name"'))
        return document
    _Builder(document).build(node)
    return document


def _syntax_hint(text: str, mark: Mark) -> str:
    lines = text.splitlines()
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    if "\t" in line:
        return "indent with spaces, not with tabs"
    if line.count(": ") > 1 or "{{" in line:
        return "put words that hold a colon or braces in quotes, or below after a |"
    return "look at the indentation and the quotes of this line and the one above"


class _Builder:
    """Turns the nodes of one file into data and marks."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build(self, root: yaml.Node) -> None:
        self.document.data = self._value(root, ())

    def _mark(self, node: yaml.Node) -> Mark:
        return Mark(self.document.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def _problem(self, node: yaml.Node, what: str, hint: str = "") -> None:
        problem = Problem(self._mark(node), what, hint)
        if problem not in self.document.problems:
            self.document.problems.append(problem)

    def _value(self, node: Any, at: Location) -> Any:
        self.document.values[at] = self._mark(node)
        if id(node) not in self.seen:
            self._without_properties(node)
        elif not isinstance(node, yaml.ScalarNode):
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
                continue
            self._without_properties(key_node)
            key = str(key_node.value)
            if key in data:
                first = self.document.keys[(*at, key)]
                self._problem(key_node, f'the key "{key}" stands here twice', f"the first is in line {first.line}")
                continue
            self.document.keys[(*at, key)] = self._mark(key_node)
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
