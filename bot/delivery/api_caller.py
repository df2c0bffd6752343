"""Make the calls that deliver: within the rate limits, counted, and paused where Telegram asks for a pause."""

import asyncio
from typing import Any
from weakref import WeakSet

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramRetryAfter

from bot.delivery.rate_limits import Limits
from bot.telegram.calls import make_call
from bot.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)


class Caller:
    """Calls the Bot API for the senders, one call of a chat at a time."""

    def __init__(self, bot: Bot, limits: Limits, metrics: Metrics) -> None:
        self._bot = bot
        self.metrics = metrics
        self.limits = limits
        self._callers: WeakSet[asyncio.Task[Any]] = WeakSet()

    def has_called(self, task: asyncio.Task[Any]) -> bool:
        """Return whether a task has made a call: if it is cancelled then, the result of the call is lost."""
        return task in self._callers

    async def call(self, method: str, chat_id: int, thread_id: int, call: dict[str, Any]) -> int | None:
        """Wait for a slot of the chat and call a method; return the id of the message it made, if it made one.

        Raises what aiogram raises. After a 429 the chat is paused.
        """
        await self.limits.wait_for_slot(chat_id)
        if task := asyncio.current_task():
            self._callers.add(task)
        try:
            message_id = await make_call(self._bot, method, chat_id, thread_id, call)
        except Exception as error:
            self.metrics.not_sent(method, error)
            if isinstance(error, TelegramRetryAfter):
                self.limits.pause(chat_id, error.retry_after)
            elif isinstance(error, TelegramForbiddenError):
                log.info("chat_closed", chat_id=chat_id, method=method)
            raise
        self.metrics.sent(method)
        log.debug("sent", chat_id=chat_id, method=method, message_id=message_id)
        return message_id
