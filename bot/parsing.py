"""From the JSON of one update to aiogram's model of it."""

from typing import Any

from aiogram import Bot
from aiogram.types import Update


def parse(raw: dict[str, Any], bot: Bot) -> Update:
    """Return an update as Telegram sent it, but for what no database stores; raises pydantic.ValidationError."""
    return Update.model_validate(_storable(raw), context={"bot": bot})


def _storable(value: Any) -> Any:
    """Return a JSON value whose texts hold no NUL and no halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value
