"""What is wrong with words that are no template, and where, in the words of the maintainers of flows.

Jinja says only in which line it failed, in words of its own: here its tags are read one by one until one is wrong.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes

from engine.i18n import Message, message
from engine.problems import did_you_mean

DEPTH = 40
"""How many parts of a template may stand inside each other: conditions, parentheses, filters, each `or`."""

Parse = Callable[[str], nodes.Template]

_OPENING = re.compile(r"\{\{|\{%|\{#")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_PIECE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\}\}|%\}|\{\{|\{%|\{|\}", re.DOTALL)
_SWALLOWED = re.compile(r"[}%]\}.*\{[{%]", re.DOTALL)
"""The end of braces and the beginning of others, in a string: its quote was closed by that of another string."""
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_WORD = re.compile(r"\w+")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_END = re.compile(r"end of (print statement|statement block|template)")
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BRACKETS = re.compile(r"[()\[\]{}]")

_ENDS = {"if": "endif", "for": "endfor"}
_KNOWN = ("if", "elif", "else", "endif", "for", "endfor")
_MEANT = {"elseif": "elif", "elsif": "elif", "end": "endif", "fi": "if", "foreach": "for"}
_OTHER = {
    *("set", "include", "macro", "block", "call", "filter", "autoescape", "extends", "import", "from", "with", "print"),
    *("endset", "endmacro", "endblock", "endcall", "endfilter", "endautoescape", "endwith"),
}
_OPERATORS = {"&": "and", "!": "not"}


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong, what to try, and where: the index of a character of the template."""

    index: int
    what: Message
    hint: Message | None


@dataclass(frozen=True, slots=True)
class _Tag:
    """Braces of a template from `begin` to behind `end`, with their first word where they are {% %}."""

    source: str
    begin: int
    end: int

    @property
    def opening(self) -> str:
        return self.source[self.begin : self.begin + 2]

    @property
    def inner(self) -> tuple[int, int]:
        """Return where what the braces hold begins and ends, without the signs that trim."""
        begin, end = self.begin + 2, self.end - 2
        begin += self.source[begin : begin + 1] in {"-", "+"} and begin < end
        end -= self.source[end - 1 : end] in {"-", "+"} and begin < end
        return begin, end

    @property
    def keyword(self) -> str:
        word = _WORD.search(self.source, *self.inner)
        return word.group() if word and self.opening == "{%" else ""

    @property
    def keyword_at(self) -> int:
        word = _WORD.search(self.source, *self.inner)
        return word.start() if word else self.begin


class _FoundError(Exception):
    def __init__(self, index: int, what: Message, hint: Message | None) -> None:
        super().__init__()
        self.fault = SyntaxFault(index, what, hint)


def find_fault(source: str, parse: Parse) -> SyntaxFault:
    """Return the first fault of `source`, which `parse` refuses."""
    reader = _Reader(source, parse)
    try:
        for tag in _tags(source):
            reader.read(tag)
        reader.finish()
    except _FoundError as found:
        return found.fault
    return SyntaxFault(0, message("these words are no template"), message("look at their braces"))


def too_deep(tree: nodes.Template) -> int | None:
    """Return the line of the first node that stands too deep in the tree, None where there is none."""
    todo: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > DEPTH:
            return node.lineno
        branches = node.elif_ if isinstance(node, nodes.If) else []
        # Jinja writes each `elif` into the one before it.
        todo += [(branch, depth + number) for number, branch in enumerate(branches, 1)]
        todo += [(child, depth + 1) for child in node.iter_child_nodes(exclude=("elif_",))]
    return None


def too_deep_message() -> tuple[Message, Message]:
    """Return what is said of a template whose parts stand too deep inside each other, and what to try."""
    what = message("these words hold more than {limit} parts inside each other", limit=DEPTH)
    return what, message("use fewer conditions, parentheses or filters")


def many_brackets(source: str) -> int | None:
    """Return where braces begin that hold more brackets inside each other than templates need, None where none do."""
    for braces in _BRACES.finditer(source) if source.count("(") + source.count("[") + source.count("{") > DEPTH else ():
        depth = 0
        for bracket in _BRACKETS.finditer(braces.group()):
            depth += 1 if bracket.group() in "([{" else -1
            if depth > DEPTH:
                return braces.start()
    return None


def _tags(source: str) -> Iterator[_Tag]:
    """Yield the tags of a template."""
    at = 0
    while found := _OPENING.search(source, at):
        tag = _Tag(source, found.start(), _end_of(source, found))
        at = tag.end
        if tag.opening == "{#":
            continue
        if tag.keyword == "raw":
            end = _RAW_END.search(source, tag.end)
            if not end:
                raise _FoundError(tag.begin, *_not_closed("raw", "endraw"))
            at = end.end()
            continue
        yield tag


def _end_of(source: str, opening: re.Match[str]) -> int:
    """Return where the braces end that begin at `opening`."""
    closing, depth = _CLOSING[opening.group()], 0
    if opening.group() == "{#":
        end = source.find(closing, opening.end())
        if end >= 0:
            return end + 2
    at = opening.end()
    while opening.group() != "{#" and (piece := _PIECE.search(source, at)):
        text, at = piece.group(), piece.end()
        if _SWALLOWED.search(text):
            raise _FoundError(piece.start(), *_unclosed_quote())
        if text == closing and not (text == "}}" and depth):
            return at
        if text in {"{{", "{%"}:
            break
        if text == "}}":
            # Two dictionaries may end here.
            at -= 1
        depth += {"{": 1, "}": -1, "}}": -1}.get(text, 0)
        if text in {"%}"} or depth < 0:
            raise _FoundError(piece.start(), *_wrong_end(opening.group(), text))
    what = message('"{opening}" is never closed', opening=opening.group())
    raise _FoundError(opening.start(), what, message('close it with "{closing}"', closing=closing))


def _wrong_end(opening: str, found: str) -> tuple[Message, Message]:
    what = message('"{found}" does not close "{opening}"', found=found, opening=opening)
    return what, message('close it with "{closing}"', closing=_CLOSING[opening])


def _unclosed_quote() -> tuple[Message, Message]:
    return message("this quote is never closed"), message("close it with the same quote")


def _not_closed(keyword: str, end: str) -> tuple[Message, Message]:
    what = message('"{keyword}" is never closed', keyword=keyword)
    return what, message("add {{% {end} %}}", end=end)


@dataclass(slots=True)
class _Reader:
    """Reads tag by tag; `open` are the conditions and loops that are not yet closed, with whether `else` was there."""

    source: str
    parse: Parse
    open: list[tuple[_Tag, bool]] = field(default_factory=list)

    def read(self, tag: _Tag) -> None:
        """Read one tag; raises _FoundError where it is wrong."""
        if tag.opening == "{{":
            self._expression(tag, "{{", "}}")
        elif tag.keyword in _ENDS:
            self._expression(tag, "{%", f"%}}{{% {_ENDS[tag.keyword]} %}}")
            self.open.append((tag, False))
        elif tag.keyword == "elif":
            self._inside(tag)
            self._expression(tag, "{% if a %}{%", "%}{% endif %}")
        elif tag.keyword == "else":
            self._inside(tag)
            self._alone(tag)
            self.open[-1] = (self.open[-1][0], True)
        elif tag.keyword in _ENDS.values():
            self._close(tag)
            self._alone(tag)
        else:
            raise _FoundError(tag.keyword_at, *_unknown(tag.keyword))

    def finish(self) -> None:
        """Raise _FoundError where something is still open."""
        if self.open:
            tag, _ = self.open[-1]
            raise _FoundError(tag.begin, *_not_closed(tag.keyword, _ENDS[tag.keyword]))

    def _inside(self, tag: _Tag) -> None:
        opened, has_else = self.open[-1] if self.open else (None, False)
        if opened is None or (tag.keyword == "elif" and opened.keyword == "for"):
            what = message('"{keyword}" stands outside of an if', keyword=tag.keyword)
            raise _FoundError(tag.keyword_at, what, message("begin with {{% if … %}}"))
        if has_else:
            what = message('"{keyword}" stands behind "else"', keyword=tag.keyword)
            raise _FoundError(tag.keyword_at, what, message('"else" comes last and once'))

    def _close(self, tag: _Tag) -> None:
        if not self.open:
            what = message('"{keyword}" closes nothing', keyword=tag.keyword)
            raise _FoundError(tag.keyword_at, what, message("take it out, or open what it closes"))
        opened, _ = self.open.pop()
        wanted = _ENDS[opened.keyword]
        if tag.keyword != wanted:
            what = message('"{keyword}" stands where "{wanted}" belongs', keyword=tag.keyword, wanted=wanted)
            raise _FoundError(tag.keyword_at, what, message("what was opened last is closed first"))

    def _alone(self, tag: _Tag) -> None:
        """Refuse what stands behind a word that stands alone in its braces."""
        begin, end = tag.keyword_at + len(tag.keyword), tag.inner[1]
        if rest := self.source[begin:end].strip():
            what = message('"{keyword}" stands alone in its braces', keyword=tag.keyword)
            hint = (
                message('write "elif" for a further condition')
                if tag.keyword == "else"
                else message("take the rest out")
            )
            raise _FoundError(self.source.index(rest, begin), what, hint)

    def _expression(self, tag: _Tag, before: str, after: str) -> None:
        """Parse the tag by itself; raises _FoundError in our words where Jinja refuses it."""
        begin, end = tag.inner
        inner = self.source[begin:end]
        try:
            self.parse(f"{before}{inner}{after}")
        except TemplateSyntaxError as error:
            index, what, hint = _explain(error.message or "", inner, len(before), is_loop=tag.keyword == "for")
            raise _FoundError(begin + index, what, hint) from None
        except RecursionError:
            raise _FoundError(tag.begin, *too_deep_message()) from None
        except (ValueError, OverflowError):
            raise _FoundError(begin, message("a number here is too long"), message("shorten it")) from None


def _unknown(keyword: str) -> tuple[Message, Message | None]:
    if not keyword:
        return message("these braces are empty"), message("write if or for, or take them out")
    if keyword in _OTHER:
        what = message('"{keyword}" is not part of the words\' language', keyword=keyword)
        return what, message("if and for serve")
    meant = _MEANT.get(keyword)
    hint = message('did you mean "{name}"?', name=meant) if meant else did_you_mean(keyword, _KNOWN)
    return message('unknown tag "{keyword}"', keyword=keyword), hint


_Finding = tuple[int, Message, Message]


def _explain(said: str, inner: str, offset: int, *, is_loop: bool) -> _Finding:
    """Return what Jinja means by `said` of the braces that hold `inner`, which it read with `offset` before it."""
    if strange := re.match(r"unexpected char (.+) at (\d+)$", said):
        return _strange_character(inner, min(max(int(strange[2]) - offset, 0), len(inner)))
    if re.search(r"(character|escape|unicode)", said):
        return _begin(inner), message("a \\ here begins no character"), message("write \\\\ for a backslash")
    if is_loop and not _is_loop(inner):
        return _begin(inner), message("a loop goes over one list"), message("write {{% for item in items %}}")
    if said.startswith("expected name or number"):
        return _after_point(inner), message("a name is missing behind the point"), message("name a field")
    return _out_of_order(said, inner)


def _out_of_order(said: str, inner: str) -> _Finding:
    """Explain a sign that stands where another is expected, or the end where something is."""
    wanted = re.search(r"(?<!un)expected (?:token )?'([^'\w ]+)'", said)
    got = re.search(r"got '(.+)'$", said) or re.match(r"unexpected '(.+?)'(?:, expected|$)", said)
    sign = got[1] if got else ""
    at, end = _find(inner, sign), len(inner.rstrip())
    if wanted and (_END.search(sign) or at is None):
        return end, message('"{sign}" is missing here', sign=wanted[1]), message("write it, or take out what opens it")
    if _END.search(sign):
        return end, message("something is missing at the end of these braces"), message("name a value")
    if at is None:
        return _begin(inner), message("these braces hold no expression"), message("names, fields and filters serve")
    if sign == "=":
        return at, message('"=" compares nothing'), message("compare with ==")
    if inner[at - 1 : at + 1] == "||":
        return at - 1, _out_of_place("|"), message('write "{word}"', word="or")
    shown = re.match(r"\w+|.", inner[at:], re.DOTALL)
    return at, _out_of_place(shown.group() if shown else sign), message("look at the signs and quotes before it")


def _out_of_place(sign: str) -> Message:
    return message('"{sign}" does not belong here', sign=sign)


def _strange_character(inner: str, at: int) -> _Finding:
    character = inner[at : at + 1]
    if character in {'"', "'"}:
        return at, *_unclosed_quote()
    what = _out_of_place(character)
    if character in _OPERATORS:
        return at, what, message('write "{word}"', word=_OPERATORS[character])
    if character in "«»“”„‘’":
        return at, what, message("write straight quotes: '…'")
    return at, what, message("names, fields and filters serve")


def _is_loop(inner: str) -> bool:
    return re.match(r"\s*for\s+\w+\s+in\s+\S", inner) is not None


def _begin(inner: str) -> int:
    return len(inner) - len(inner.lstrip()) if inner.strip() else 0


def _after_point(inner: str) -> int:
    found = re.search(r"\.(?!\w)", _STRING.sub(lambda text: " " * len(text.group()), inner))
    return found.start() if found else _begin(inner)


def _find(inner: str, sign: str) -> int | None:
    """Return where the sign stands, for strings and numbers that Jinja calls so their first; None if nowhere."""
    if sign in {"string", "integer", "float"}:
        found = re.search(r"['\"]" if sign == "string" else r"\d", inner)
        return found.start() if found else None
    plain = _STRING.sub(lambda text: " " * len(text.group()), inner)
    word = rf"(?<!\w){re.escape(sign)}(?!\w)" if re.fullmatch(r"\w+", sign) else re.escape(sign)
    places = [place.start() for place in re.finditer(word, plain)] if sign else []
    # A word that stands there twice is wrong the second time: two names without a sign between them.
    return places[-1] if places else None
