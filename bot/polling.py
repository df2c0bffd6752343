"""Long polling that confirms an update to Telegram only after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramConflictError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetUpdates
from pydantic import ValidationError

from bot.dispatcher import ALLOWED_UPDATES
from bot.parsing import parse
from storage import poison
from storage.errors import StorageUnavailable
from storage.runner import Runner

TRIES = 3
"""How often an update that raises is tried before it is set aside."""
LONG_POLL = 25
"""Seconds for which Telegram holds an empty answer back."""
SHORTEST_PAUSE = 0.1
"""Seconds until an update is tried again while the database cannot be reached; doubled each time."""
LONGEST_PAUSE = 30.0
"""Seconds between two calls at most while Telegram or the database cannot be reached."""

log = structlog.get_logger(__name__)


class GetRawUpdates(GetUpdates):
    """getUpdates whose answer is not parsed as a whole: one odd update must not block its batch."""

    __returning__ = list[dict[str, Any]]


class Poller:
    """Fetches updates and feeds them in: in order within a conversation, conversations side by side."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, runner: Runner) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._runner = runner
        self._offset: int | None = None
        self._handling: asyncio.Future[None] | None = None
        self._draining = False

    async def run(self) -> None:
        """Poll until cancelled; what was fetched until then is handled to its end, see `drain`.

        Raises TelegramUnauthorizedError or TelegramNotFound when the token is not a bot's.
        """
        pause = 1.0
        while True:
            try:
                await self.poll()
                pause = 1.0
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise
            except Exception as error:
                await self._end_webhook(error)
                # Whatever a network or a proxy comes up with: a bot that has given up needs a person to start it.
                log.warning("polling_waits", reason=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _end_webhook(self, error: Exception) -> None:
        """Take away a webhook that was left on the token: with one, Telegram refuses to be polled."""
        if isinstance(error, TelegramConflictError) and "webhook" in error.message:
            with suppress(TelegramAPIError):
                await self._bot.delete_webhook()
            log.info("webhook_deleted")

    async def poll(self, timeout: int = LONG_POLL) -> int:  # noqa: ASYNC109 - Telegram's timeout, not ours
        """Fetch one batch, confirming the one before, and handle it; return how many updates it held."""
        call = GetRawUpdates(offset=self._offset, timeout=timeout, allowed_updates=ALLOWED_UPDATES)
        batch: Any = await self._bot(call, request_timeout=timeout + 15)
        self._handling = asyncio.ensure_future(self.handle(batch))
        await asyncio.shield(self._handling)
        return len(batch)

    async def drain(self) -> None:
        """Wait for the batch in hand; what cannot be handled now stays unconfirmed. To be called after `run`."""
        self._draining = True
        if self._handling:
            await asyncio.wait({self._handling})

    async def handle(self, batch: Sequence[dict[str, Any]]) -> None:
        """Handle a batch to the end; only then will the next call confirm it."""
        lines: dict[Any, list[dict[str, Any]]] = {}
        for raw in batch:
            lines.setdefault(_line_of(raw), []).append(raw)
        await asyncio.gather(*(self._in_order(line) for line in lines.values()))
        # An empty answer says that all was confirmed. The next id may be lower then: after a silent week it is random.
        self._offset = max(int(raw["update_id"]) for raw in batch) + 1 if batch else None

    async def _in_order(self, line: list[dict[str, Any]]) -> None:
        for raw in line:
            await self._feed(raw)

    async def _feed(self, raw: dict[str, Any]) -> None:
        """Handle one update; one that cannot be read, or that raises every time, is set aside."""
        try:
            update = parse(raw, self._bot)
        except ValidationError as error:
            await self._set_aside(raw, error, 1)
            return
        for tries in range(1, TRIES + 1):
            try:
                await self._patiently(raw, partial(self._dispatcher.feed_update, self._bot, update))
            except Exception as error:
                if tries == TRIES:
                    await self._set_aside(raw, error, tries)
            else:
                return

    async def _set_aside(self, raw: dict[str, Any], error: Exception, tries: int) -> None:
        name, update_id = type(error).__name__, int(raw["update_id"])
        log.error("update_set_aside", update_id=update_id, reason=name, tries=tries)
        keep = partial(poison.put_aside, bot_id=self._bot.id, update_id=update_id, raw=raw, error=name, tries=tries)
        await self._patiently(raw, partial(self._runner.run, keep))
        query = raw.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(query["id"])

    async def _patiently(self, raw: dict[str, Any], step: Callable[[], Awaitable[Any]]) -> None:
        """Carry out a step of an update, as soon as the database can be reached."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                await step()
            except StorageUnavailable:
                log.warning("update_waits", update_id=raw["update_id"], reason="the database cannot be reached")
                if self._draining:
                    return
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                return


def _line_of(raw: dict[str, Any]) -> Any:
    """Return what updates of one conversation have in common, read without trust in their shape."""
    for kind in ALLOWED_UPDATES:
        part = raw.get(kind)
        if isinstance(part, dict):
            message = part.get("message") if kind == "callback_query" else part
            chat = message.get("chat") if isinstance(message, dict) else None
            sender = part.get("from")
            return tuple(str(each.get("id")) if isinstance(each, dict) else "" for each in (chat, sender))
    return None
