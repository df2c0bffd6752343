"""From the JSON of one update to aiogram's model of it; ids and kinds of one that need not have the right shape."""

from collections.abc import Hashable, Iterable
from typing import Any

from aiogram import Bot
from aiogram.types import Update

_LARGEST = 2**63 - 1
"""The largest integer that the database takes, which is as large as an id of Telegram's can be."""
_DEEPEST = 50
"""Parts within parts, several times as many as Telegram's richest update has."""


OTHER = "other"
"""The kind of anything that is no update the bot asks for."""


def parse(raw: Any, bot: Bot) -> Update:
    """Return the update, without characters that no database stores.

    Raises ValueError, which pydantic's ValidationError is, when it is none: a part is missing or of another shape, a
    number is larger than any id, it is nested deeper than any update.
    """
    return Update.model_validate(_storable(raw, _DEEPEST), context={"bot": bot})


def update_id_of(raw: Any) -> int:
    """Return the id of an update; 0 where it has none that could be one."""
    return (_id(raw.get("update_id")) if isinstance(raw, dict) else None) or 0


def chat_id_of(raw: Any, kinds: Iterable[str]) -> int | None:
    """Return the id of the chat that an update comes from; None where it has none that could be one."""
    part = _part_of(raw, kinds)
    chat = _chat_of(part) if part else None
    return _id(chat.get("id")) if isinstance(chat, dict) else None


def kind_of(raw: Any, kinds: Iterable[str]) -> str:
    """Return which of the kinds an update is, `OTHER` where it is none of them."""
    return next((kind for kind in kinds if isinstance(raw, dict) and kind in raw), OTHER)


def conversation_of(raw: Any, kinds: Iterable[str]) -> Hashable:
    """Return a key that is the same for all updates of one conversation, and only for those."""
    part = _part_of(raw, kinds)
    if part is None:
        return None
    return tuple(str(each.get("id")) if isinstance(each, dict) else "" for each in (_chat_of(part), part.get("from")))


def _part_of(raw: Any, kinds: Iterable[str]) -> dict[str, Any] | None:
    part = raw.get(kind_of(raw, kinds)) if isinstance(raw, dict) else None
    return part if isinstance(part, dict) else None


def _chat_of(part: dict[str, Any]) -> Any:
    message = part.get("message", part)
    return message.get("chat") if isinstance(message, dict) else None


def _id(found: Any) -> int | None:
    return found if type(found) is int and abs(found) <= _LARGEST else None


def _storable(value: Any, depth: int) -> Any:
    """Return a JSON value whose texts hold no NUL and no halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("a number is larger than any id")
    if isinstance(value, list | dict) and not depth:
        raise ValueError("parts are nested too deep")
    if isinstance(value, list):
        return [_storable(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item, depth - 1) for key, item in value.items()}
    return value
