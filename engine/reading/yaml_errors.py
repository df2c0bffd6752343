"""What is wrong with a text that is no YAML, and where it begins, in the words of the maintainers of flows."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from engine.i18n import Message, message
from engine.problems import Position, Problem
from engine.reading.yaml_nodes import DEPTH, SECOND_DOCUMENT, TOO_DEEP, UNKNOWN_ALIAS, SlowLoader

_REFUSED = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SPACES = r"[^\S\n\t\x20]"
_INDENT = re.compile(rf"[ ]*({_SPACES})")
_KEY = re.compile(r"\s*(- +)*[\w.]+\s*\Z")
_GLUED = re.compile(r"\s*(?:- +)*\"?\w+\"?(:)[^\s/]")
_GLUED_IN_BRACES = re.compile(r"[{,]\s*\w+(:)[^\s/,}]")
_COMMENT = re.compile(r"\s(#)\S")
_BRACES = re.compile(r"(?:[:\-,\[{]\s)\s*(\{\{|\{%)")
_QUOTED_PART = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')

_LINE_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in the text; line and column count from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Error:
    """An error of the parser: what it began to read (`context`, at `begin`) and what it met, at `at`."""

    context: str
    problem: str
    begin: _Mark
    at: _Mark
    lines: list[str]

    def line(self, number: int) -> str:
        return self.lines[number] if number < len(self.lines) else ""

    @property
    def here(self) -> str:
        return self.line(self.at.line)

    @property
    def before(self) -> str:
        return self.here[: self.at.column]

    def character(self, mark: _Mark) -> str:
        return self.line(mark.line)[mark.column : mark.column + 1]


_Finding = tuple[_Mark, Message, Message]


def refused_character(path: str, text: str) -> Problem | None:
    """Return the problem of the first character that a flow file may not hold, None where there is none."""
    found = _REFUSED.search(text)
    if found is None:
        return None
    at, character = found.start(), found.group()
    where = Position(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    code = f"U+{ord(character):04X}"
    if character in _LINE_SEPARATORS:
        reason = message("an invisible line separator ({code}) stands here", code=code)
        return Problem(where, _no_yaml(reason), message("take it out, or begin a new line with Enter"))
    reason = message("an invisible character ({code}) stands here", code=code)
    return Problem(where, _no_yaml(reason), message("take it out"))


def syntax_problem(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Return the problem of an error that `SlowLoader` or `compose` raised."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    at = _Mark(mark.line, mark.column) if mark else _Mark(0, 0)
    opened = error.context_mark
    begin = _Mark(opened.line, opened.column) if opened else at
    found = _Error(error.context or "", str(error.problem), begin, at, lines)
    where, reason, hint = _explain(found, text)
    return Problem(_existing(path, lines, where), _no_yaml(reason), hint)


def _existing(path: str, lines: list[str], mark: _Mark) -> Position:
    """Return the position; behind the end of the file it is the end."""
    line = min(mark.line, len(lines) - 1)
    return Position(path, line + 1, min(mark.column, len(lines[line])) + 1)


def _no_yaml(reason: Message) -> Message:
    return message("this is no YAML: {reason}", reason=reason)


def _explain(error: _Error, text: str) -> _Finding:
    for explain in (_of_composer, _of_spaces, _of_quotes, _of_escapes, _of_character):
        if found := explain(error):
            return found
    quote, bracket = _unclosed(error, text)
    if quote:
        return quote, *_unclosed_quote()
    if bracket and (comment := _COMMENT.search(_without_quotes(error.line(bracket.line)), bracket.column)):
        return _Mark(bracket.line, comment.start(1)), *_comment()
    if bracket and _at_end(error):
        return bracket, *_unclosed_bracket(error.character(bracket))
    return _of_brackets(error) or _of_colon(error) or _of_structure(error)


def _of_composer(error: _Error) -> _Finding | None:
    if error.problem == TOO_DEEP:
        reason = message("more than {limit} blocks or brackets stand inside each other", limit=DEPTH)
        return error.at, reason, message("look for brackets that are never closed")
    if error.problem == SECOND_DOCUMENT:
        return error.at, message("a second document begins here"), message('take the line "---" out')
    if error.problem == UNKNOWN_ALIAS:
        return _beginning(error, error.at)
    return None


def _beginning(error: _Error, at: _Mark) -> _Finding:
    reason = message('words cannot begin with "{character}"', character=error.character(at))
    return at, reason, message("put them in quotes")


def _of_spaces(error: _Error) -> _Finding | None:
    """Find what indents and is no space, between where the parser began and where it failed."""
    for number in range(error.at.line, max(min(error.begin.line, error.at.line - 2), 0) - 1, -1):
        if strange := _INDENT.match(error.line(number)):
            return _Mark(number, strange.start(1)), *no_break_space()
    if "\t" in error.here[: len(error.here) - len(error.here.lstrip())] or error.character(error.at) == "\t":
        tab = error.here.index("\t")
        return _Mark(error.at.line, tab), message("a tab stands here"), message("indent with spaces, not with tabs")
    return None


def no_break_space() -> tuple[Message, Message]:
    """Return what is said of a line that is indented with a no-break space or another wide one, and what to try."""
    return message("a no-break space indents this line"), message("indent with ordinary spaces")


def _of_quotes(error: _Error) -> _Finding | None:
    if "unexpected end of stream" in error.problem or "unexpected document separator" in error.problem:
        return error.begin, *_unclosed_quote()
    return None


def _unclosed_quote() -> tuple[Message, Message]:
    return message("this quote is never closed"), message("close it with the same quote")


def _unclosed_bracket(bracket: str) -> tuple[Message, Message]:
    closing = message('close it with "{closing}"', closing={"{": "}", "[": "]"}.get(bracket, bracket))
    return message('the bracket "{bracket}" is never closed', bracket=bracket), closing


def _at_end(error: _Error) -> bool:
    return error.at.line >= len(error.lines) - 1 and not error.character(error.at)


def _of_escapes(error: _Error) -> _Finding | None:
    if "double-quoted" not in error.context:
        return None
    slash = _Mark(error.at.line, error.here.rfind("\\", 0, error.at.column + 1))
    reason = message("this \\ begins no character that YAML knows")
    return slash, reason, message("write \\\\ for a backslash, or put the words in single quotes")


def _of_character(error: _Error) -> _Finding | None:
    """Explain a first character that has a meaning of its own to YAML."""
    if "cannot start any token" in error.problem:
        return _beginning(error, error.at)
    if error.context.startswith("while scanning a block scalar"):
        sign = error.character(error.begin)
        reason = message('words stand behind the "{sign}"', sign=sign)
        return error.begin, reason, message("begin them in the line below, indented")
    special = re.match(r"while (scanning|parsing) an? (directive|alias|anchor|tag)", error.context)
    if special or "undefined tag handle" in error.problem:
        return _beginning(error, error.begin)
    if "directive" in error.problem or "tag handle" in error.problem or "YAML document" in error.problem:
        return _beginning(error, error.at)
    if "mapping keys are not allowed" in error.problem:
        return _beginning(error, error.at)
    return None


def _of_brackets(error: _Error) -> _Finding | None:
    if not error.context.startswith("while parsing a flow") or error.context.endswith("node"):
        return None
    if error.at.line > error.begin.line and _first_in_line(error):
        return error.begin, *_unclosed_bracket(error.character(error.begin))
    if error.character(error.at) == ":":
        return _second_colon(error)
    if error.character(error.at) in {"]", "}"}:
        reason = message('"{bracket}" closes what another bracket has opened', bracket=error.character(error.at))
        return error.at, reason, message("close the brackets in the order in which they were opened")
    return error.at, message("a comma is missing before this"), message("put words with quotes or brackets in quotes")


def _first_in_line(error: _Error) -> bool:
    """Return whether the parser failed at the first thing of a line, or at the colon behind it."""
    return not error.before.strip() or bool(_KEY.fullmatch(error.before)) or _at_end(error)


def _comment() -> tuple[Message, Message]:
    return message("everything after a # is a comment"), message("put the words in quotes")


def _second_colon(error: _Error) -> _Finding:
    hint = message("put words that hold a colon in quotes, or below after a |")
    return error.at, message("a colon inside words begins a new key"), hint


def _of_colon(error: _Error) -> _Finding | None:
    """Explain a key where none may stand, and a line that has none."""
    if "could not find expected ':'" in error.problem:
        if glued := _GLUED.match(error.line(error.begin.line)):
            return _Mark(error.begin.line, glued.start(1)), *missing_space()
        reason = message("this line is neither a key nor an item of a list")
        return error.begin, reason, message('write "key: value", or begin the line with "- "')
    if "mapping values are not allowed" not in error.problem:
        return None
    if not _KEY.fullmatch(error.before):
        return _second_colon(error)
    above = next((each for each in range(error.at.line - 1, -1, -1) if error.line(each).strip()), 0)
    glued = _GLUED.match(error.line(above))
    if glued and ": " not in error.line(above):
        return _Mark(above, glued.start(1)), *missing_space()
    return _indentation(error)


def missing_space() -> tuple[Message, Message]:
    """Return what is said of a colon that ends no key, and what to try."""
    return message("a space is missing after this colon"), message('write "key: value"')


def _indentation(error: _Error) -> _Finding:
    start = _Mark(error.at.line, len(error.here) - len(error.here.lstrip()))
    reason = message("this line does not begin where the lines it belongs to begin")
    return start, reason, message("look at its indentation, and at the quotes of the line above")


def _of_structure(error: _Error) -> _Finding:
    """Explain what does not fit the blocks above."""
    plain = _without_quotes(error.here)
    if (braces := _BRACES.search(plain)) and braces.start(1) < error.at.column:
        reason = message("words that begin with braces need quotes")
        return _Mark(error.at.line, braces.start(1)), reason, message("put the words in quotes")
    if "sequence entries" in error.problem:
        reason = message("an item of a list cannot begin here")
        return error.at, reason, message("begin a line with the dash, or put the words in quotes")
    if "node content" in error.problem:
        return error.at, message("a value is missing here"), message("write it, or put a sign that is meant in quotes")
    if error.before.strip(" -?"):
        reason = message("something follows words that are already complete")
        return error.at, reason, message("put all the words in one pair of quotes")
    if "block collection" in error.context and error.at.column == error.begin.column:
        reason = message("an item of a list begins with a dash")
        return error.at, reason, message('begin the line with "- ", or indent it under the item above')
    return _indentation(error)


def _unclosed(error: _Error, text: str) -> tuple[_Mark | None, _Mark | None]:
    """Return where a quote, and where a bracket, begins that is probably never closed.

    A quote that is missing at the end of words is found at the beginning of others: they reach over lines into the one
    where the parser failed. The bracket is the last that is open there.
    """
    quote, brackets = None, list[_Mark]()
    loader: Any = SlowLoader(text)
    try:
        while loader.check_token():
            token = loader.get_token()
            begin = _Mark(token.start_mark.line, token.start_mark.column)
            if begin.line > error.at.line:
                break
            if getattr(token, "style", None) in {'"', "'"} and begin.line < token.end_mark.line == error.at.line:
                quote = begin
            elif isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                brackets.append(begin)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken) and brackets:
                brackets.pop()
    except yaml.YAMLError:
        # It fails where it failed before: all in front of that has been seen.
        pass
    finally:
        loader.dispose()
    return quote, brackets[-1] if brackets else None


def _without_quotes(line: str) -> str:
    """Return the line with as many spaces in the place of what is quoted."""
    return _QUOTED_PART.sub(lambda part: " " * len(part.group()), line)
