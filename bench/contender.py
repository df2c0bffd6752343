"""What takes part in the bench: a bot that can file requests, on a fake Telegram of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from bench.talk import Talk

if TYPE_CHECKING:
    from aiogram import Bot, Dispatcher

    from bench.telegram import FakeTelegram

TOKEN = "42:the-token-of-the-bench"  # noqa: S105 - nobody's


class Contender(ABC):
    """One bot; `name` and `keeps` (what outlives a crash) stand in the table."""

    def __init__(self, name: str, keeps: str, bot: Bot, dispatcher: Dispatcher, telegram: FakeTelegram) -> None:
        self.name = name
        self.keeps = keeps
        self.bot = bot
        self.telegram = telegram
        self.talk = Talk(bot, dispatcher, telegram)

    @abstractmethod
    async def begin(self) -> None:
        """Start what works beside the handling of updates."""

    @abstractmethod
    async def finish(self) -> None:
        """Return when every message has been delivered."""

    @abstractmethod
    async def filed(self) -> int:
        """Count the requests in the database."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of everything."""
