"""Parameters of a call as they come: form fields are strings, a JSON body has real types; both mean the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_FIELDS = {
    "reply_markup",
    "reply_parameters",
    "media",
    "allowed_updates",
    "entities",
    "caption_entities",
    "commands",
    "scope",
    "link_preview_options",
    "menu_button",
}
INT_FIELDS = {"message_id", "message_thread_id", "offset", "limit", "timeout", "cache_time", "max_connections"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes


class Params:
    """Decoded parameters and uploads of one call."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload]) -> None:
        self.values = {name: _decode(name, value) for name, value in values.items() if value is not None}
        self.uploads = uploads

    def get(self, name: str) -> Any:
        """The decoded value, None when it was not given."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """A string, empty when it was not given."""
        return str(self.values.get(name, ""))

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; `default` when it was not given."""
        return int(self.values.get(name, default))

    def flag(self, name: str) -> bool:
        """A boolean; Telegram takes `true`, `True`, `1`, `yes` for true."""
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    @property
    def chat_id(self) -> int | str | None:
        """The addressed chat: a number wherever it is one."""
        return chat_id_of(self.values)


def chat_id_of(values: Mapping[str, Any]) -> int | str | None:
    """The addressed chat among the parameters of a call: a number wherever it is one."""
    value = values.get("chat_id")
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _decode(name: str, value: Any) -> Any:
    if isinstance(value, str) and not _encodable(value):
        raise bad_request("strings must be encoded in UTF-8")
    if name in JSON_FIELDS and isinstance(value, str):
        return _from_json(name, value)
    if name in INT_FIELDS and isinstance(value, str):
        return _to_int(name, value)
    return value


def _encodable(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _from_json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {name} JSON object") from error


def _to_int(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise bad_request(f"invalid {name} specified") from error
