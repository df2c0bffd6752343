"""Record what Telegram took: it is recorded in the end, or a process that knows of it dies first."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import structlog

from bot.delivery.receipts import UnrecordedReceipts
from bot.flow_versions.current import FlowVersions
from bot.handlers.cards import remember
from bot.handlers.work import Work
from bot.telegram.failures import log_failure
from storage.database.errors import StorageUnavailable
from storage.database.retrying import retry_until_available
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.dialogs.conversations import ConversationKey
from storage.outbox import screens
from storage.outbox.screens import PendingScreen, Receipt

T = TypeVar("T")

DELAY = 0.05
"""Seconds that news of a screen wait for others, or for what its reader does next: that records them along with it."""
TOGETHER = 100
"""Screens recorded in one transaction at most."""

log = structlog.get_logger(__name__)


class Recorder:
    """Records deliveries: what was sent is not sent again because the database was away for a moment."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def surely(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work as soon as the database can be reached."""
        return await retry_until_available(
            lambda: self._runner.run(work), lambda pause: log.debug("delivery_not_recorded_yet", pause=pause)
        )

    async def at_least(self, work: Callable[[Transaction], T], least: Callable[[Transaction], T]) -> T:
        """Run a unit of work, only the `least` of it where that fails: what was sent must not be sent again."""
        try:
            return await self.surely(work)
        except Exception as error:
            log_failure(log, "delivery_recorded_in_part", error)
            return await self.surely(least)


class ReceiptRecorder:
    """Records which screens are shown: along with what their readers do next, or by itself.

    `go_on` gets a newer screen of a conversation that another process drew and left to this one.
    """

    def __init__(self, recorder: Recorder, flow_versions: FlowVersions, go_on: Callable[[PendingScreen], None]) -> None:
        self.unrecorded = UnrecordedReceipts()
        self._recorder = recorder
        self._flow_versions = flow_versions
        self._go_on = go_on
        self._hurry = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._abandoned = False

    @property
    def is_recording(self) -> bool:
        """Whether something is still to be recorded."""
        return self._writing is not None

    def add(self, key: ConversationKey, receipt: Receipt) -> None:
        """Record that a screen is shown, in a moment."""
        self.unrecorded.add(key, receipt)
        self._begin()

    @contextmanager
    def along(self, key: ConversationKey) -> Iterator[Receipt | None]:
        """Hand the news of a conversation to a unit of work that records them, unless the block raises.

        They may be what it failed at, so that its next try gets none.
        """
        receipt = self.unrecorded.take(key)
        try:
            yield receipt
        except BaseException as error:
            if receipt:
                is_answer = isinstance(error, Exception) and not isinstance(error, StorageUnavailable)
                self.unrecorded.give_back(key, alone=is_answer)
            self._begin()
            raise
        if receipt:
            self.unrecorded.recorded([key])
            self._begin()

    async def drain(self) -> None:
        """Record what there is now."""
        while self._writing:
            self._hurry.set()
            await asyncio.wait({self._writing})

    def abandon(self) -> None:
        """Record no more: whoever finds a screen that was not recorded sends it again."""
        self._abandoned = True
        if self._writing:
            self._writing.cancel()

    def _begin(self) -> None:
        if self.unrecorded and self._writing is None and not self._abandoned:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self.unrecorded:
                await self._delay()
                if batch := self.unrecorded.take_some(TOGETHER):
                    await self._record(batch)
        finally:
            self._writing = None
            self._hurry.clear()

    async def _delay(self) -> None:
        try:
            async with asyncio.timeout(DELAY):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _record(self, batch: dict[ConversationKey, Receipt]) -> None:
        try:
            self._show(await self._recorder.surely(lambda tx: self._mark(tx, batch)))
        except Exception:
            # One of them may be to blame, which no other shall suffer from.
            for key, receipt in batch.items():
                await self._record_one(key, receipt)
        finally:
            self.unrecorded.recorded(batch)

    async def _record_one(self, key: ConversationKey, receipt: Receipt) -> None:
        least = replace(receipt, link=None)
        try:
            recorded = self._recorder.at_least(
                lambda tx: self._mark(tx, {key: receipt}), lambda tx: self._mark(tx, {key: least})
            )
            self._show(await recorded)
        except Exception as error:
            # It is sent again when the claim on it ends.
            log_failure(log, "screens_not_recorded", error)

    def _show(self, later: Iterable[PendingScreen]) -> None:
        for screen in later:
            self._go_on(screen)

    def _mark(self, tx: Transaction, batch: dict[ConversationKey, Receipt]) -> list[PendingScreen]:
        """Record what is shown, and what that is about; return what is to be shown next."""
        newest = screens.mark_shown(tx, [*batch.values()])
        newest_only = {key: batch[key] for key, is_newest in zip(batch, newest, strict=True) if is_newest}
        # In the order of their subjects: two that hold some and wait for others would wait for ever.
        for key, receipt in sorted(
            newest_only.items(), key=lambda each: (each[1].link and each[1].link.subject_id) or 0
        ):
            remember(self._flow_versions.engine, Work(tx, key.bot_id), key, receipt)
        later = [
            screens.current(tx, batch[key].conversation_id, tx.worker) for key in batch.keys() - newest_only.keys()
        ]
        return [screen for screen in later if screen]
