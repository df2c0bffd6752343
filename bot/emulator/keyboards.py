"""Inline keyboards: Telegram's bounds and shape.

Bounds: callback data 1 to 64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton); 100 buttons,
8 in a row and 10 KB in all are what the server keeps without documenting them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.emulator.errors import bad_request

DATA_LIMIT = 64
BUTTON_LIMIT = 100
ROW_LIMIT = 8
JSON_LIMIT = 10_000

_OTHER_KINDS = {"web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text"}
_SCHEMES = ("http://", "https://", "tg://", "t.me/")


@dataclass(frozen=True, slots=True)
class Button:
    """One button; `data` comes back with a press, `url` opens; of other kinds only the text is kept."""

    text: str
    data: str | None = None
    url: str | None = None

    def api_object(self) -> dict[str, str]:
        """An InlineKeyboardButton object."""
        fields = {"text": self.text, "callback_data": self.data, "url": self.url}
        return {name: value for name, value in fields.items() if value is not None}


Keyboard = tuple[tuple[Button, ...], ...]


def keyboard(markup: Any, *, inline_only: bool = False) -> Keyboard:
    """Read a `reply_markup`; one that is not an inline keyboard leaves the message without buttons.

    Raises `ApiError` 400 for what Telegram refuses. Reply keyboards are not emulated and are refused too.
    """
    if not markup:
        return ()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _rows(markup["inline_keyboard"])
    if inline_only:
        raise bad_request("inline keyboard expected")
    if not markup.get("force_reply") and not markup.get("remove_keyboard"):
        raise bad_request("reply keyboards are not emulated")
    return ()


def api_keyboard(rows: Keyboard) -> dict[str, Any]:
    """An InlineKeyboardMarkup object."""
    return {"inline_keyboard": [[button.api_object() for button in row] for row in rows]}


def _rows(source: Any) -> Keyboard:
    if not isinstance(source, list) or not all(isinstance(row, list) for row in source):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    rows = tuple(tuple(_button(button) for button in row) for row in source if row)
    size = len(json.dumps(source, ensure_ascii=False, separators=(",", ":")).encode())
    if sum(map(len, rows)) > BUTTON_LIMIT or any(len(row) > ROW_LIMIT for row in rows) or size > JSON_LIMIT:
        raise bad_request("reply markup is too long")
    return rows


def _button(source: dict[str, Any]) -> Button:
    text = str(source.get("text") or "").strip()
    if not text:
        raise bad_request("inline keyboard button text must be non-empty")
    data, url = source.get("callback_data"), source.get("url")
    kinds = [kind for kind in ("callback_data", "url", *_OTHER_KINDS) if source.get(kind) is not None]
    if len(kinds) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if data is not None and not 1 <= len(str(data).encode()) <= DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not str(url).startswith(_SCHEMES):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return Button(text, data, url)
