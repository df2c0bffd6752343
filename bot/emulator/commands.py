"""The lists of commands a bot registers, by scope and language.

https://core.telegram.org/bots/api#determining-list-of-commands: the narrowest scope that has a list wins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import bad_request

if TYPE_CHECKING:
    from bot.emulator.chats import Chat

_NAME = re.compile(r"/?[a-z0-9_]{1,32}")

Commands = list[dict[str, str]]


class CommandLists:
    """All lists of one bot."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], Commands] = {}

    def set(self, commands: Any, scope: Any, language: str) -> None:
        """Keep a list of at most 100.

        Raises `ApiError` 400 unless names are 1-32 of a-z, 0-9, _ and descriptions 1-256 characters.
        """
        if not isinstance(commands, list):
            raise bad_request('parameter "commands" is required')
        if len(commands) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            _check(command)
        self._lists[_key(scope), language] = commands

    def get(self, scope: Any, language: str) -> Commands:
        """The list of exactly this scope and language, empty when there is none."""
        return self._lists.get((_key(scope), language), [])

    def seen_in(self, chat: Chat, language: str = "ru") -> Commands:
        """The list that a person sees in a chat."""
        everywhere = "all_private_chats" if chat.kind == "private" else "all_group_chats"
        for scope in (f"chat:{chat.id}", everywhere, "default"):
            for spoken in (language, ""):
                if found := self._lists.get((scope, spoken)):
                    return found
        return []


def _key(scope: Any) -> str:
    kind = str((scope or {}).get("type", "default"))
    return f"chat:{scope['chat_id']}" if kind == "chat" else kind


def _check(command: dict[str, str]) -> None:
    if not _NAME.fullmatch(str(command.get("command") or "")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(str(command.get("description") or "")) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
