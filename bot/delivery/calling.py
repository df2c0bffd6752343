"""Make the calls that deliver: in turn, counted, and silent where Telegram asks for silence."""

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
        """Tell whether a task has made a call: what became of that is lost where it is cancelled."""
        return task in self._callers

    async def call(self, method: str, chat_id: int, thread_id: int, call: dict[str, Any]) -> int | None:
        """Wait for the chat's turn and call a method; return the id of the message it made, if it made one.

        Raises what aiogram raises. After a 429 the chat rests.
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
