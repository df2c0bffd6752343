"""Calls of the Bot API that are repeated until they succeed."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram.failure_logging import log_failure
from storage.database.retrying import Backoff

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two attempts, unless Telegram asks for others."""
FINAL = (TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError)
"""Errors that no later attempt will mend."""

log = structlog.get_logger(__name__)


async def retry_call(
    call: Callable[[], Awaitable[object]], what: str, on_failure: Callable[[], None] = lambda: None
) -> None:
    """Repeat a call until it succeeds, with growing pauses or those that Telegram asks for; `what` names it in the log.

    `on_failure` is called after each attempt that fails. Raises the errors in `FINAL`.
    """
    backoff = Backoff(SHORTEST_PAUSE, LONGEST_PAUSE)
    while True:
        try:
            await call()
        except FINAL:
            raise
        except Exception as error:
            on_failure()
            pause = backoff.next()
            if isinstance(error, TelegramRetryAfter):
                pause = float(error.retry_after)
            log_failure(log, "telegram_waits", error, what=what, pause=pause)
            await asyncio.sleep(pause)
        else:
            return
