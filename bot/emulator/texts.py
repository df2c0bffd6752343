"""The text of a message: parsed, trimmed and measured as Telegram does, and written back as HTML.

Limits count UTF-16 code units after entities are parsed (https://core.telegram.org/bots/api#sendmessage).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import bad_request
from engine.markup import TAGS, Entity, Markup, MarkupError, length, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_ARGUMENT_NAMES = {"text_link": "url", "pre": "language", "custom_emoji": "custom_emoji_id"}
_COMMAND = re.compile(r"(?<![^\s])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]+)?(?!\S)")
_TAG_OF = {kind: tag for tag, kind in reversed(TAGS.items())} | {"spoiler": "tg-spoiler"}


def message_text(text: str, parse_mode: str, entities: Any, *, edit: bool = False) -> Markup:
    """The body of a text message; raises `ApiError` 400 when empty, too long or malformed."""
    if not text:
        raise bad_request("message text is empty")
    markup = _formatted(text, parse_mode, entities)
    if not markup.text:
        raise bad_request("text must be non-empty")
    if length(markup.text) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG" if edit else "message is too long")
    return markup


def caption(source: Mapping[str, Any]) -> Markup:
    """The caption in a call's or an InputMedia's fields; raises `ApiError` 400 when too long or malformed."""
    text = str(source.get("caption") or "")
    markup = _formatted(text, str(source.get("parse_mode") or ""), source.get("caption_entities"))
    if length(markup.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return markup


def typed(text: str) -> Markup:
    """A text as a person typed it, with its commands marked."""
    found = (
        Entity("bot_command", length(text[: match.start()]), length(match.group())) for match in _COMMAND.finditer(text)
    )
    return Markup(text, tuple(found))


def api_entities(markup: Markup) -> list[dict[str, Any]]:
    """MessageEntity objects."""
    return [_api_entity(entity) for entity in markup.entities]


def to_html(markup: Markup) -> str:
    """Write text and entities back as HTML; entities are taken to be nested properly, as HTML makes them."""
    units = markup.text.encode("utf-16-le")
    opened: list[Entity] = []
    pieces: list[str] = []
    at = 0

    def advance(to: int) -> None:
        nonlocal at
        pieces.append(html.escape(units[at * 2 : to * 2].decode("utf-16-le"), quote=False))
        at = max(at, to)

    def close_until(offset: int) -> None:
        while opened and opened[-1].offset + opened[-1].length <= offset:
            advance(opened[-1].offset + opened[-1].length)
            pieces.append(f"</{_TAG_OF[_base(opened.pop().type)]}>")

    for entity in markup.entities:
        if entity.type in _KNOWN:
            close_until(entity.offset)
            advance(entity.offset)
            pieces.append(_start_tag(entity))
            opened.append(entity)
    close_until(len(units))
    advance(len(units) // 2)
    return "".join(pieces)


def _base(kind: str) -> str:
    return kind.removeprefix("expandable_")


_KNOWN = {*_TAG_OF, "expandable_blockquote"}


def _start_tag(entity: Entity) -> str:
    value = html.escape(entity.argument)
    if entity.type == "expandable_blockquote":
        return "<blockquote expandable>"
    if entity.type == "text_link":
        return f'<a href="{value}">'
    if entity.type == "custom_emoji":
        return f'<tg-emoji emoji-id="{value}">'
    return f"<{_TAG_OF[entity.type]}>"


def _formatted(text: str, parse_mode: str, entities: Any) -> Markup:
    if entities and not parse_mode:
        return _trim(Markup(text, tuple(_read_entity(entity) for entity in entities)))
    if not parse_mode:
        return _trim(Markup(text))
    if parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    try:
        return _trim(parse(text))
    except MarkupError as error:
        raise bad_request(f"can't parse entities: {error}") from error


def _trim(markup: Markup) -> Markup:
    """Cut white space off both ends and what the entities lose by it."""
    text = markup.text.strip()
    lead = length(markup.text) - length(markup.text.lstrip())
    end = length(text)
    moved = (_clip(entity, lead, end) for entity in markup.entities)
    return Markup(text, tuple(entity for entity in moved if entity.length > 0))


def _clip(entity: Entity, lead: int, end: int) -> Entity:
    start = max(entity.offset - lead, 0)
    stop = min(entity.offset - lead + entity.length, end)
    return Entity(entity.type, start, stop - start, entity.argument)


def _read_entity(source: Mapping[str, Any]) -> Entity:
    kind = str(source["type"])
    argument = str(source.get(_ARGUMENT_NAMES.get(kind, ""), ""))
    return Entity(kind, int(source["offset"]), int(source["length"]), argument)


def _api_entity(entity: Entity) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    if entity.argument:
        fields[_ARGUMENT_NAMES.get(entity.type, "argument")] = entity.argument
    return fields
