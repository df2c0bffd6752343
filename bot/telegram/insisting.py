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

LONGEST_PAUSE = 60.0
"""Seconds between two tries at most, unless Telegram asks for more."""
FINAL = (TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError)
"""Refusals that no pause will mend."""

log = structlog.get_logger(__name__)


async def insist(call: Callable[[], Awaitable[object]], what: str, missed: Callable[[], None] = lambda: None) -> None:
    """Make a call until it works, with growing pauses or those that Telegram asks for; `what` names it in the log.

    `missed` is told of each try that fails. Raises what no pause will mend, see `FINAL`.
    """
    pause = 1.0
    while True:
        try:
            await call()
        except FINAL:
            raise
        except Exception as error:
            missed()
            asked = float(error.retry_after) if isinstance(error, TelegramRetryAfter) else pause
            log_failure(log, "telegram_waits", error, what=what, pause=asked)
            await asyncio.sleep(asked)
            pause = min(LONGEST_PAUSE, pause * 2)
        else:
            return
