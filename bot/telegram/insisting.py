"""Calls of the Bot API that are made again until they work."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram.failures import log_failure
from storage.database.retrying import Backoff

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two attempts, unless Telegram asks for others."""
FINAL = (TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError)
"""Refusals that no pause will mend."""

log = structlog.get_logger(__name__)


async def insist(call: Callable[[], Awaitable[object]], what: str, missed: Callable[[], None] = lambda: None) -> None:
    """Make a call until it works, with growing pauses or those that Telegram asks for; `what` names it in the log.

    `missed` is told of each try that fails. Raises what no pause will mend, see `FINAL`.
    """
    backoff = Backoff(SHORTEST_PAUSE, LONGEST_PAUSE)
    while True:
        try:
            await call()
        except FINAL:
            raise
        except Exception as error:
            missed()
            pause = backoff.next()
            if isinstance(error, TelegramRetryAfter):
                pause = float(error.retry_after)
            log_failure(log, "telegram_waits", error, what=what, pause=pause)
            await asyncio.sleep(pause)
        else:
            return
