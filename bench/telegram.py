"""Telegram as every contender sees it: it takes each call at once and answers with as little work as a call needs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from aiogram.client.session.base import BaseSession
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendMessage
from aiogram.types import InlineKeyboardMarkup, Message

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiogram import Bot
    from aiogram.methods import TelegramMethod
    from aiogram.methods.base import TelegramType

BEGUN = 1_700_000_000
"""When every message was sent: Unix time."""


@dataclass(slots=True)
class Chat:
    """What a private chat shows: the newest screen, and how many there have been."""

    screens: int = 0
    message_id: int = 0
    buttons: dict[str, str] = field(default_factory=dict)
    awaited: asyncio.Future[None] | None = None


class FakeTelegram(BaseSession):
    """A session for `aiogram.Bot`: a Message for what is sent or edited, True for all else. Nothing is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.chats: defaultdict[int, Chat] = defaultdict(Chat)
        self.calls = 0
        self.message_ids = count(1)

    async def close(self) -> None:
        """Nothing is held open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        """Take one call."""
        self.calls += 1
        if isinstance(method, SendMessage):
            return cast("TelegramType", self._show(bot, method, next(self.message_ids)))
        if isinstance(method, EditMessageText):
            return cast("TelegramType", self._show(bot, method, method.message_id or 0))
        if isinstance(method, EditMessageReplyMarkup):
            return cast("TelegramType", _message(bot, int(method.chat_id or 0), method.message_id or 0, ""))
        return cast("TelegramType", True)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """No contender downloads anything."""
        yield b""

    async def shown(self, chat_id: int, screens: int) -> None:
        """Wait until a chat has been shown more than so many screens."""
        chat = self.chats[chat_id]
        while chat.screens <= screens:
            chat.awaited = asyncio.get_running_loop().create_future()
            await chat.awaited

    def _show(self, bot: Bot, method: SendMessage | EditMessageText, message_id: int) -> Message:
        chat_id, markup = int(method.chat_id or 0), method.reply_markup
        chat = self.chats[chat_id]
        chat.screens += 1
        chat.message_id = message_id
        if isinstance(markup, InlineKeyboardMarkup):
            buttons = (button for row in markup.inline_keyboard for button in row)
            chat.buttons = {button.text: button.callback_data or "" for button in buttons}
        else:
            rows = cast("dict[str, Any]", markup or {"inline_keyboard": []})["inline_keyboard"]
            chat.buttons = {button["text"]: button["callback_data"] for row in rows for button in row}
        if chat.awaited and not chat.awaited.done():
            chat.awaited.set_result(None)
        return _message(bot, chat_id, message_id, method.text or "")


def _message(bot: Bot, chat_id: int, message_id: int, text: str) -> Message:
    chat = {"id": chat_id, "type": "private"}
    fields = {"message_id": message_id, "date": BEGUN, "chat": chat, "text": text}
    return Message.model_validate(fields, context={"bot": bot})
