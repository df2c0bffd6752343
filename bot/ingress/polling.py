"""Long polling that confirms an update to Telegram only after its commit.

Telegram has one confirmation: `offset`, the id of the next update that is wanted. It deletes all before it and sends
those from it on again (https://core.telegram.org/bots/api#getupdates). So a process that dies before the commit gets
the update anew; one that dies after the commit gets it once more, and its conversation knows the id.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramConflictError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetUpdates

from bot.ingress.dispatcher import ALLOWED_UPDATES
from bot.ingress.update_processor import UpdateProcessor
from bot.telegram.connectivity import Connectivity
from bot.telegram.failure_logging import log_failure
from storage.database.errors import StorageUnavailable
from storage.database.retrying import Backoff, retry_until_available

LONG_POLL = 25
"""Seconds for which Telegram holds an empty answer back."""
CONFIRMED_EVERY = 0.5
"""Seconds between confirmations within a batch: a process that dies in a long one resumes it. Without them, one that is
killed every few seconds would begin it again and again."""
SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two calls while Telegram cannot be reached."""

log = structlog.get_logger(__name__)


class GetRawUpdates(GetUpdates):
    """getUpdates whose answer is not parsed as a whole: one odd update must not block its batch."""

    __returning__ = list[dict[str, Any]]


class Poller:
    """Fetches updates and processes them: in order within a conversation, conversations concurrently."""

    def __init__(self, bot: Bot, processor: UpdateProcessor, connectivity: Connectivity) -> None:
        self._bot = bot
        self._processor = processor
        self._connectivity = connectivity
        self._offset: int | None = None
        self._handling: asyncio.Future[None] | None = None
        self._unhandled: set[int] = set()
        self._draining = False
        self._gave_up = False

    async def run(self) -> NoReturn:
        """Poll until cancelled; what was fetched until then is handled to its end, see `drain`.

        Raises TelegramUnauthorizedError or TelegramNotFound when the token is not a bot's.
        """
        # The first answer comes at once: until then nobody knows whether Telegram can be reached.
        backoff, timeout = Backoff(SHORTEST_PAUSE, LONGEST_PAUSE), 0
        while True:
            try:
                await self.poll(timeout)
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise
            except Exception as error:
                self._connectivity.failed()
                await self._end_webhook(error)
                # Any error of a network or a proxy: a bot that gave up would need somebody to start it again.
                pause, timeout = backoff.next(), 0
                log_failure(log, "polling_waits", error, pause=pause)
                await asyncio.sleep(pause)
            else:
                backoff.reset()
                timeout = LONG_POLL

    async def _end_webhook(self, error: Exception) -> None:
        """Delete a webhook that was left on the token: with one, Telegram refuses to be polled."""
        if isinstance(error, TelegramConflictError) and "webhook" in error.message:
            with suppress(TelegramAPIError):
                await self._bot.delete_webhook()
            log.info("webhook_deleted")

    async def poll(self, timeout: int = LONG_POLL) -> int:  # noqa: ASYNC109 - Telegram's timeout, not ours
        """Fetch one batch, confirming the one before, and handle it; return how many updates it held."""
        call = GetRawUpdates(offset=self._offset, timeout=timeout, allowed_updates=ALLOWED_UPDATES)
        batch: Any = await self._bot(call, request_timeout=timeout + 15)
        self._connectivity.answered()
        self._handling = handling = asyncio.ensure_future(self.handle(batch))
        while not (await asyncio.wait({handling}, timeout=CONFIRMED_EVERY))[0]:
            await self._confirm_handled()
        handling.result()
        return len(batch)

    async def _confirm_handled(self) -> None:
        """Confirm all updates before the first that is not handled yet.

        Updates after it may be handled, but one offset cannot confirm them: should the process die, they come again.
        The answer is ignored, for it holds updates of this batch.
        """
        first = min(self._unhandled, default=None)
        if first is None or first == self._offset:
            return
        try:
            await self._bot(GetRawUpdates(offset=first, limit=1, timeout=0, allowed_updates=ALLOWED_UPDATES))
            self._offset = first
        except Exception as error:
            log.info("updates_not_confirmed", reason=type(error).__name__)

    async def drain(self) -> None:
        """Wait for the batch under way; what cannot be handled now stays unconfirmed. To be called after `run`."""
        self._draining = True
        if self._handling:
            await asyncio.wait({self._handling})

    async def handle(self, batch: Sequence[dict[str, Any]]) -> None:
        """Handle a batch to the end; only then will the next call confirm it."""
        arrived = self._processor.now()
        self._unhandled = {int(raw["update_id"]) for raw in batch}
        await asyncio.gather(*(self._process(raw, arrived) for raw in batch))
        # After an empty answer all is confirmed, and no offset is sent: after a week without updates Telegram chooses
        # the next id at random, and it may be lower.
        self._offset = max(int(raw["update_id"]) for raw in batch) + 1 if batch else None

    async def _process(self, raw: dict[str, Any], arrived: float) -> None:
        """Process an update when its conversation is free, as soon as the database can be reached."""
        async with self._processor.lock_of(raw):
            await retry_until_available(lambda: self._attempt(raw, arrived))

    async def _attempt(self, raw: dict[str, Any], arrived: float) -> None:
        if self._gave_up:
            return
        try:
            await self._processor.process(raw, arrived)
            self._unhandled.discard(int(raw["update_id"]))
        except StorageUnavailable:
            log.debug("update_waits", update_id=raw["update_id"])
            if not self._draining:
                raise
            # No attempt for what follows either: it must not be handled before this one. Unconfirmed, all come again.
            self._gave_up = True
