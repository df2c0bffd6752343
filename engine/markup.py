"""Telegram's HTML subset: text with tags in, plain text and entities out.

Follows the rules of the Bot API, section "HTML style" (https://core.telegram.org/bots/api#html-style), and
the error messages of its server. Works on fragments: nothing is trimmed, nothing is limited in length, and any
character outside a tag's name is accepted, in attribute values too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from engine.i18n import Message, message

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
"""Every tag of Telegram, with the type of its entity."""

Said: TypeAlias = tuple[Message, Message]
"""What is wrong and what to try."""

_LONE = message("a lone < is written &lt;")
_BRANCH = message("a tag opened in a branch is closed in the same branch")
_SPACE = " \t\r\n\v\0"
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<dec>[0-9]+)|(?P<name>[a-zA-Z]+));?")
_TAG_NAME = re.compile(rf"[^{_SPACE}>]*")
_GAP = re.compile(rf"[{_SPACE}]*")
_ATTRIBUTE_NAME = re.compile(rf"[^{_SPACE}=>/\"']*")
_BARE_VALUE = re.compile(r"[a-zA-Z0-9.-]*")
_ARGUMENTS = {("a", "href"), ("code", "class"), ("span", "class"), ("tg-emoji", "emoji-id")}


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted stretch of text; `offset` and `length` count UTF-16 code units.

    `argument` is the link of a `text_link`, the language of a `pre`, the id of a `custom_emoji`.
    """

    type: str
    offset: int
    length: int
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Markup:
    """Plain text and its entities, outer ones first."""

    text: str
    entities: tuple[Entity, ...] = ()


class MarkupError(ValueError):
    """HTML that Telegram refuses.

    `what` is wrong and what to try, the `hint`, are said in our own words; `position` is the index of the offending
    character in the source. As text the error is Telegram's own, with the position as an offset in bytes of UTF-8.
    """

    def __init__(self, said: Said, by_telegram: str, position: int) -> None:
        super().__init__(by_telegram)
        self.what, self.hint = said
        self.position = position


def length(text: str) -> int:
    """Return the length in UTF-16 code units, the unit of every length limit of Telegram."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text: str, units: int) -> str:
    """Return the beginning of `text` that fits into so many UTF-16 units, without half a character at its end."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def parse(html: str) -> Markup:
    """Split HTML into text and entities.

    MarkupError at an unknown, unclosed or mismatched tag, a lone `<`, or a bad attribute. Telegram accepts an unknown
    attribute, which it ignores, and an unknown `&name;` or a lone `&`, which it keeps as text.
    """
    return _Reader(html).read()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    position: int


class _Reader:
    """A parser that reads the source once; `at` is the index of the next character."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.at = 0
        self.text: list[str] = []
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> Markup:
        while self.at < len(self.html):
            if self.html[self.at] == "<":
                self._tag()
            else:
                self._put(self._character())
        if self.open:
            last = self.open[-1]
            said = _never_closed(last.tag)
            raise self._error(f'Can\'t find end tag corresponding to start tag "{last.tag}"', last.position, said)
        ordered = sorted(self.entities, key=lambda entity: (entity.offset, -entity.length))
        return Markup("".join(self.text), tuple(ordered))

    def _error(self, by_telegram: str, position: int, said: Said) -> MarkupError:
        """Return an error; `{at}` in Telegram's words is replaced by the position."""
        byte_offset = len(self.html[:position].encode("utf-8", "surrogatepass"))
        return MarkupError(said, by_telegram.replace("{at}", f"at byte offset {byte_offset}"), position)

    def _put(self, character: str) -> None:
        self.text.append(character)
        self.units += length(character)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.html, self.at)
        token = found.group() if found else ""
        self.at += len(token)
        return token

    def _next(self) -> str:
        return self.html[self.at : self.at + 1]

    def _character(self) -> str:
        """Read the next character, with a reference such as `&lt;` resolved."""
        reference = _REFERENCE.match(self.html, self.at)
        resolved = _resolve(reference) if reference else ""
        if reference and resolved:
            self.at = reference.end()
            return resolved
        self.at += 1
        return self.html[self.at - 1]

    def _tag(self) -> None:
        position = self.at
        self.at += 1
        if self._next() == "/":
            self.at += 1
            self._end_tag(position)
        else:
            self._start_tag(position)

    def _start_tag(self, position: int) -> None:
        tag = self._take(_TAG_NAME).lower()
        if not self._next():
            raise self._error("Unclosed start tag {at}", position, _UNCLOSED)
        if tag not in TAGS:
            raise self._error(f'Unsupported start tag "{tag}" {{at}}', position, _unsupported(tag))
        argument = self._attributes(tag, position)
        if tag == "span" and argument != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler" {at}', position, _SPAN)
        self.open.append(_Open(tag, argument, self.units, position))

    def _attributes(self, tag: str, position: int) -> str:
        """Read up to and including `>`; return the value of the one attribute that the tag has a use for."""
        argument = ""
        while True:
            self._take(_GAP)
            if self._next() == ">":
                self.at += 1
                return argument
            name = self._take(_ATTRIBUTE_NAME)
            if not name and self._next():
                raise self._error(f'Empty attribute name in the tag "{tag}" {{at}}', position, _nameless(tag))
            value = self._value(position)
            if not self._next():
                raise self._error("Unclosed start tag {at}", position, _UNCLOSED)
            if (tag, name) in _ARGUMENTS or (tag, name) == ("blockquote", "expandable"):
                argument = value or name

    def _value(self, position: int) -> str:
        """Read the value after `=`, without quotes; an attribute without `=` has an empty one."""
        self._take(_GAP)
        if self._next() != "=":
            return ""
        self.at += 1
        self._take(_GAP)
        if self._next() in {'"', "'"}:
            return self._quoted(position)
        start = self.at
        value = self._take(_BARE_VALUE)
        if self._next() and self._next() not in _SPACE + ">":
            raise self._error("Unexpected end of name token {at}", start, _UNQUOTED)
        return value.lower()

    def _quoted(self, position: int) -> str:
        quote = self._next()
        self.at += 1
        value: list[str] = []
        while self._next() != quote:
            if not self._next():
                raise self._error("Unclosed start tag {at}", position, _UNCLOSED)
            value.append(self._character())
        self.at += 1
        return "".join(value)

    def _end_tag(self, position: int) -> None:
        if not self.open:
            raise self._error("Unexpected end tag {at}", position, _NEVER_OPENED)
        tag = self._take(_TAG_NAME).lower()
        self._take(_GAP)
        if self._next() != ">":
            raise self._error("Unclosed end tag {at}", position, _UNCLOSED_END)
        self.at += 1
        expected = self.open[-1].tag
        if tag and tag != expected:
            found = f'expected "</{expected}>", found "</{tag}>"'
            raise self._error(f"Unmatched end tag {{at}}, {found}", position, _unmatched(tag, expected))
        self._close(self.open.pop())

    def _close(self, opened: _Open) -> None:
        size = self.units - opened.offset
        if not size:
            return
        kind, argument = TAGS[opened.tag], opened.argument
        if opened.tag == "blockquote" and argument:
            kind, argument = "expandable_blockquote", ""
        elif opened.tag == "pre":
            argument = self._language(opened.offset, size)
        elif opened.tag == "code":
            argument = argument.removeprefix("language-") if argument.startswith("language-") else ""
        elif opened.tag == "span":
            argument = ""
        self.entities.append(Entity(kind, opened.offset, size, argument))

    def _language(self, offset: int, size: int) -> str:
        """Return the language of a `pre`: that of a `code` which fills it, and which is then no entity of its own."""
        last = self.entities[-1] if self.entities else None
        if last and (last.type, last.offset, last.length) == ("code", offset, size) and last.argument:
            self.entities.pop()
            return last.argument
        return ""


_UNCLOSED: Said = message('a tag that begins here has no ">" at its end'), _LONE
_UNCLOSED_END: Said = message('the closing tag has no ">" at its end'), message("write it as in </b>")
_SPAN: Said = message('the tag "span" is for spoilers only'), message('write <span class="tg-spoiler">')
_UNQUOTED: Said = message("the value in a tag needs quotes"), message('write it as in <a href="https://…">')
_NEVER_OPENED: Said = message("a tag is closed here that was never opened"), _BRANCH


def _never_closed(tag: str) -> Said:
    return message('the tag "{tag}" is never closed', tag=tag), _BRANCH


def _unsupported(tag: str) -> Said:
    # A placeholder of the check for a value is no letter.
    if not tag or not tag.isprintable():
        return message("no tag begins with this <"), _LONE
    return message('there is no tag "{tag}"', tag=tag), message("there are: {tags}", tags=", ".join(TAGS))


def _nameless(tag: str) -> Said:
    return message('the tag "{tag}" holds a sign that has no place there', tag=tag), message("take it out")


def _unmatched(tag: str, opened: str) -> Said:
    what = message('"{tag}" is closed here, and "{opened}" was opened last', tag=tag, opened=opened)
    return what, message("what was opened last is closed first")


def _resolve(reference: re.Match[str]) -> str:
    if name := reference["name"]:
        return _NAMED.get(name, "")
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["dec"])
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
