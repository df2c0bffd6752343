"""Process one raw update, polled or by webhook, until its commit or its quarantine."""

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError

from bot.flow_versions.current import FlowVersions
from bot.ingress.dispatcher import ALLOWED_UPDATES
from bot.telegram.parsing import chat_id_of, conversation_of, kind_of, parse, update_id_of
from bot.telemetry.log_context import LogContext
from bot.telemetry.metrics import Metrics
from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.dialogs import quarantine
from storage.outbox import messages
from storage.outbox.messages import Outgoing

TRIES = 3
"""Attempts at an update that raises, before it is quarantined."""

log = structlog.get_logger(__name__)


class UpdateProcessor:
    """Passes updates to the dispatcher; one that cannot be parsed, or that raises every time, is quarantined.

    Without the quarantine such an update would block its conversation for ever: Telegram sends it again until it is
    confirmed. Who sent it is told so: by a message, or on the button that was pressed.
    """

    now = staticmethod(time.perf_counter)
    """Reads the seconds that an update's handling is measured with."""

    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, runner: Runner, metrics: Metrics, flow_versions: FlowVersions
    ) -> None:
        self._bot = bot
        self._flow_versions = flow_versions
        self._dispatcher = dispatcher
        self._runner = runner
        self._metrics = metrics
        # A lock lives as long as a task holds it or waits for it.
        self._locks: WeakValueDictionary[Any, asyncio.Lock] = WeakValueDictionary()

    def lock_of(self, raw: Any) -> asyncio.Lock:
        """Return the lock of an update's conversation: updates get it in the order in which they ask for it."""
        return self._locks.setdefault(conversation_of(raw, ALLOWED_UPDATES), asyncio.Lock())

    async def process(self, raw: Any, arrived: float | None = None) -> bool:
        """Handle one update, any JSON value; return True once its effects are committed, False once it is quarantined.

        The caller holds the lock of its conversation, see `lock_of`; `arrived` is when it came, by `now`, if not just
        now. Raises StorageUnavailable when the database cannot be reached: the update is then to be processed again,
        without effect should it have been committed all the same.
        """
        since = self.now() if arrived is None else arrived
        kind = kind_of(raw, ALLOWED_UPDATES)
        with LogContext(update_id_of(raw), chat_id_of(raw, ALLOWED_UPDATES)):
            try:
                tries, error = await self._try(raw)
                if error:
                    await self._quarantine(raw, error, tries)
            except StorageUnavailable:
                self._metrics.processed(kind, "unavailable")
                raise
            outcome = "set_aside" if error else "handled"
            self._metrics.processed(kind, outcome)
            self._metrics.took(self.now() - since)
            log.debug("update_handled", kind=kind, outcome=outcome)
        return error is None

    async def _try(self, raw: Any) -> tuple[int, Exception | None]:
        """Return the number of attempts, and the last error; None instead of an error where one succeeded."""
        try:
            update = parse(raw, self._bot)
        except ValueError as error:
            return 1, error
        last: Exception | None = None
        for _ in range(TRIES):
            try:
                await self._dispatcher.feed_update(self._bot, update)
            except StorageUnavailable:
                raise
            except Exception as error:
                last = error
            else:
                return TRIES, None
        return TRIES, last

    async def _quarantine(self, raw: Any, error: Exception, tries: int) -> None:
        name, failed = type(error).__name__, self._flow_versions.handler.failed
        await self._runner.run(partial(self._keep, raw=raw, error=name, tries=tries, failed=failed))
        log.error("update_set_aside", tries=tries, exc_info=error)
        self._metrics.quarantined(name)
        query = raw.get("callback_query") if isinstance(raw, dict) else None
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(query["id"], text=failed)

    def _keep(self, tx: Transaction, raw: Any, error: str, tries: int, failed: str) -> None:
        is_new = quarantine.add(tx, self._bot.id, update_id_of(raw), raw, error, tries)
        chat_id = chat_id_of(raw, {"message"})
        # A private chat: in a group nobody need have spoken to the bot. Who was told hears no more when it is retried.
        if is_new and chat_id is not None and chat_id > 0:
            call = {"text": failed}
            messages.put(tx, Outgoing(self._bot.id, chat_id, "sendMessage", {"call": call}, dedupe_key="failed"))
