"""Record what Telegram took.

Telegram and the database cannot commit together. What was sent and is not recorded is sent again after the lease, so a
process that knows of it retries until it is recorded: only one that is killed in between leaves a message in doubt.
"""

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
from bot.telegram.failure_logging import log_failure
from storage.database.errors import StorageUnavailable
from storage.database.retrying import retry_until_available
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.dialogs.conversations import ConversationKey
from storage.outbox import screens
from storage.outbox.screens import PendingScreen, Receipt

T = TypeVar("T")

DELAY = 0.05
"""Seconds that a receipt waits for others, and for the next step of its conversation, which records it for nothing."""
TOGETHER = 100
"""Receipts recorded in one transaction at most."""

log = structlog.get_logger(__name__)


class Recorder:
    """Records deliveries: what was sent is not sent again because the database was away for a moment."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work as soon as the database can be reached."""
        return await retry_until_available(
            lambda: self._runner.run(work), lambda pause: log.debug("delivery_not_recorded_yet", pause=pause)
        )

    async def run_with_fallback(self, work: Callable[[Transaction], T], fallback: Callable[[Transaction], T]) -> T:
        """Run a unit of work; where it raises, `fallback`, which records that much that nothing is sent twice."""
        try:
            return await self.run(work)
        except Exception as error:
            log_failure(log, "delivery_recorded_in_part", error)
            return await self.run(fallback)


class ReceiptRecorder:
    """Records which screens are shown: along with the next step of their conversation, or by itself.

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
        """Give the receipt of a conversation to the unit of work in the block, which records it unless it raises.

        A unit that raised may have failed at the receipt, so its next attempt gets none. One that lost the database
        may have committed all the same: recorded once more, a receipt changes nothing.
        """
        receipt = self.unrecorded.take(key)
        try:
            yield receipt
        except BaseException as error:
            if receipt:
                may_be_the_cause = isinstance(error, Exception) and not isinstance(error, StorageUnavailable)
                self.unrecorded.give_back(key, alone=may_be_the_cause)
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
        """Record no more: a screen that was not recorded is sent again, by the next process too."""
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
            self._show(await self._recorder.run(lambda tx: self._mark(tx, batch)))
        except Exception:
            # One of them may be the cause: each by itself, so that the others are recorded.
            for key, receipt in batch.items():
                await self._record_one(key, receipt)
        finally:
            self.unrecorded.recorded(batch)

    async def _record_one(self, key: ConversationKey, receipt: Receipt) -> None:
        least = replace(receipt, link=None)
        try:
            recorded = self._recorder.run_with_fallback(
                lambda tx: self._mark(tx, {key: receipt}), lambda tx: self._mark(tx, {key: least})
            )
            self._show(await recorded)
        except Exception as error:
            # The screen is sent again when its lease ends.
            log_failure(log, "screens_not_recorded", error)

    def _show(self, newer: Iterable[PendingScreen]) -> None:
        for screen in newer:
            self._go_on(screen)

    def _mark(self, tx: Transaction, batch: dict[ConversationKey, Receipt]) -> list[PendingScreen]:
        """Record what is shown, and what subject it shows; return newer screens that this process is to send next."""
        newest = screens.mark_shown(tx, [*batch.values()])
        newest_only = {key: batch[key] for key, is_newest in zip(batch, newest, strict=True) if is_newest}
        # Subjects are locked in one order, in every process: two transactions that lock the same two subjects in
        # different orders would each wait for the other. Conversations are locked before any subject, and sorted too.
        for key, receipt in sorted(
            newest_only.items(), key=lambda each: (each[1].link and each[1].link.subject_id) or 0
        ):
            remember(self._flow_versions.engine, Work(tx, key.bot_id), key, receipt)
        newer = [
            screens.current(tx, batch[key].conversation_id, tx.worker) for key in batch.keys() - newest_only.keys()
        ]
        return [screen for screen in newer if screen]
