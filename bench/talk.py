"""A person who files a request: six updates, each sent when the screen that the one before led to is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from aiogram.types import Update

from bench.telegram import BEGUN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiogram import Bot, Dispatcher

    from bench.telegram import FakeTelegram

UPDATES = 6
"""Updates of one dialog: the command, the description, the place, and three presses."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What people say to one bot; every update has an id of its own, because aiogram caches by it."""

    bot: Bot
    dispatcher: Dispatcher
    telegram: FakeTelegram
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    async def file_request(self, person: int) -> None:
        """File one request, from the command to the card."""
        await self.say(person, "/new")
        await self.say(person, "Течёт кран в туалете на втором этаже, вода уже на полу")
        await self.say(person, "Корпус 2, кабинет 214")
        await self.press(person, "Сантехника")
        await self.press(person, "Обычная")
        await self.press(person, "Отправить")

    async def say(self, person: int, text: str) -> None:
        """Type something and wait for the screen that answers it."""
        message = self._message(person, _user(person), next(self.telegram.message_ids), text)
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        await self._feed(person, {"message": message})

    async def press(self, person: int, words: str) -> None:
        """Press the button with these words in it and wait for the next screen."""
        chat = self.telegram.chats[person]
        data = next(data for label, data in chat.buttons.items() if words in label)
        message = self._message(person, _BOT, chat.message_id, "…")
        query = {"id": str(chat.screens), "from": _user(person), "chat_instance": "1", "message": message, "data": data}
        await self._feed(person, {"callback_query": query})

    async def _feed(self, person: int, content: dict[str, Any]) -> None:
        before = self.telegram.chats[person].screens
        update = Update.model_validate({"update_id": next(self._ids), **content}, context={"bot": self.bot})
        await self.dispatcher.feed_update(self.bot, update)
        await self.telegram.shown(person, before)

    def _message(self, person: int, sender: dict[str, Any], message_id: int, text: str) -> dict[str, Any]:
        chat = {"id": person, "type": "private", "first_name": "Анна"}
        return {"message_id": message_id, "date": BEGUN, "chat": chat, "from": sender, "text": text}


_BOT = {"id": 42, "is_bot": True, "first_name": "ZAVhoz", "username": "zavhoz_bot"}


def _user(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Анна", "last_name": "Петрова", "username": f"anna{person}"}
