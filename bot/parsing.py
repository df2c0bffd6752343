"""From the JSON of one update to aiogram's model of it, and what can be told of one without trust in its shape."""

from collections.abc import Hashable, Iterable
from typing import Any

from aiogram import Bot
from aiogram.types import Update

_LARGEST_ID = 2**63 - 1
"""What the database takes."""


def parse(raw: Any, bot: Bot) -> Update:
    """Return an update as Telegram sent it, but for what no database stores; raises pydantic.ValidationError."""
    return Update.model_validate(_storable(raw), context={"bot": bot})


def update_id_of(raw: Any) -> int:
    """Return the id of an update; 0 where it has none that could be one."""
    found = raw.get("update_id") if isinstance(raw, dict) else None
    return found if type(found) is int and abs(found) <= _LARGEST_ID else 0


def kind_of(raw: Any, kinds: Iterable[str]) -> str:
    """Return which of the kinds an update is, "other" where it is none of them."""
    return next((kind for kind in kinds if isinstance(raw, dict) and kind in raw), "other")


def line_of(raw: Any, kinds: Iterable[str]) -> Hashable:
    """Return what updates of one conversation have in common, and those of others have not."""
    part = raw.get(kind_of(raw, kinds)) if isinstance(raw, dict) else None
    if not isinstance(part, dict):
        return None
    message = part.get("message", part)
    chat = message.get("chat") if isinstance(message, dict) else None
    return tuple(str(each.get("id")) if isinstance(each, dict) else "" for each in (chat, part.get("from")))


def _storable(value: Any) -> Any:
    """Return a JSON value whose texts hold no NUL and no halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value
