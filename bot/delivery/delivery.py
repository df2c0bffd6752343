"""Deliver what was committed: screens and the outbox, in order within a chat, chats side by side."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

import structlog

from bot.delivery.calling import Caller
from bot.delivery.lease_keeper import LeaseKeeper
from bot.delivery.sending import MessageSender
from bot.delivery.showing import ScreenSender
from bot.flow_versions.current import FlowVersions
from bot.telegram.failures import log_failure
from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.outbox import leases, messages, queue, screens
from storage.outbox.queue import OutboxRow
from storage.outbox.screens import PendingScreen

BATCH = 50
"""Screens and messages taken at a time."""
MOST_IN_HAND = 200
"""Messages in hand at most: what one process cannot send soon is another's, and memory is no outbox."""
IDLE = 5.0
"""Seconds after which the database is asked again even if nobody woke the delivery."""
AFTER_FAILURE = 1.0
"""Seconds after which the database is asked again that could not be reached."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What was claimed now, and when something more will be due."""

    screens: list[PendingScreen]
    rows: list[OutboxRow]
    next_at: datetime | None
    now: datetime


class Delivery:
    """Sends what units of work stored; a failed send is tried again and loses nothing.

    A screen is handed over by the unit that drew it; whatever else waits is looked up: notices, what another process
    left behind, what rested after a failure.
    """

    def __init__(self, bot_id: int, runner: Runner, flow_versions: FlowVersions, caller: Caller) -> None:
        self._bot_id = bot_id
        self._runner = runner
        self._caller = caller
        self._screens = ScreenSender(caller, runner, flow_versions, self.show)
        self.receipts = self._screens.receipts
        self._messages = MessageSender(caller, runner, flow_versions, self._lease_next)
        self._woken = asyncio.Event()
        self._poll_again = True
        # A lock lives as long as somebody holds it or waits for it.
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._handed: dict[int, PendingScreen] = {}
        self._showing: set[int] = set()
        self._in_flight: set[int] = set()
        self._stopped = False
        self._released = False
        self._lease_keeper = LeaseKeeper(runner.worker)
        self._leasing: asyncio.Future[tuple[int, float]] | None = None
        runner.subscribe(messages.SIGNAL, self.wake)

    def wake(self) -> None:
        """Say that something new may wait in the database."""
        self._poll_again = True
        self._woken.set()

    def show(self, screen: PendingScreen) -> None:
        """Send a screen that was committed and claimed; of those of one conversation, the newest."""
        self._handed[screen.conversation_id] = screen
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what was claimed until then is sent, see `drain`."""
        pause = 0.0
        while True:
            self._start_handed()
            if self._poll_again or pause <= 0:
                pause = await self._poll()
            pause = await self._wait(pause)

    async def flush(self) -> None:
        """Deliver everything that is due now, and what comes due by it."""
        self._start_handed()
        while (await self._start_due())[0] or self._tasks or self.receipts.is_recording:
            await self.drain()

    async def drain(self) -> None:
        """Wait for the sends under way."""
        if self._leasing:
            await asyncio.gather(self._leasing, return_exceptions=True)
        while self._tasks or self.receipts.is_recording:
            await self.receipts.drain()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def stop(self) -> None:
        """Start no more sends, and end those for which Telegram was not called yet; see `drain` for the others."""
        self._stopped = True
        for task in self._tasks:
            if not self._caller.has_called(task):
                task.cancel()

    def abandon(self) -> None:
        """End the sends under way and start no others; they are made again, by the next process too."""
        self.stop()
        self.receipts.abandon()
        for task in self._tasks:
            task.cancel()

    async def release(self) -> None:
        """Let another process have what this one does not get done any more; again does no harm."""
        if not self._released:
            await self._runner.run(lambda tx: leases.release(tx, self._runner.worker))
            self._released = True

    async def _poll(self) -> float:
        """Start what is due; return the seconds until something more will be."""
        self._poll_again = False
        try:
            # A claim that commits belongs to this process: its messages must be sent, or wait for the claim's end.
            self._leasing = asyncio.ensure_future(self._start_due())
            started, pause = await asyncio.shield(self._leasing)
        except Exception as error:
            if isinstance(error, StorageUnavailable):
                self._lease_keeper.cut_off()
            log_failure(log, "delivery_waits", error)
            return AFTER_FAILURE
        self._poll_again = self._poll_again or started >= BATCH
        return pause

    async def _wait(self, seconds: float) -> float:
        """Wait to be woken; return what is left of so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if not self._poll_again:
            try:
                async with asyncio.timeout_at(until):
                    await self._woken.wait()
            except TimeoutError:
                return 0.0
        self._woken.clear()
        return max(0.0, until - loop.time())

    async def _start_due(self) -> tuple[int, float]:
        # As of now: a message whose sending ends during the claim has been recorded, and must not be taken as it was.
        in_flight, in_hand = frozenset(self._in_flight), frozenset(self._in_hand())
        due = await self._runner.run(lambda tx: self._due(tx, in_flight, in_hand))
        return self._start(due), _pause(due)

    def _in_hand(self) -> set[int]:
        """Return the conversations of which this process knows more than the database."""
        return self._showing | self._handed.keys() | self.receipts.unrecorded.conversations()

    def _due(self, tx: Transaction, in_flight: frozenset[int], in_hand: frozenset[int]) -> Due:
        """Take what is due, keep what is in hand, and find out when to look again."""
        worker = self._runner.worker
        self._lease_keeper.keep(tx, in_flight, in_hand)
        found = screens.lease(tx, self._bot_id, worker, BATCH)
        waiting = [screens.next_due_at(tx, self._bot_id, in_hand.union(each.conversation_id for each in found))]
        room, rows = min(BATCH, MOST_IN_HAND - len(in_flight)), []
        if room > 0:
            # Otherwise the end of what is in hand is what to wait for.
            leased = queue.lease(tx, self._bot_id, worker, room)
            rows = [row for row in leased if row.id not in in_flight]
            if known := [row.id for row in leased if row.id in in_flight]:
                # What became of it was recorded before this claim; it is taken when its sending has ended here too.
                messages.release(tx, worker, known)
            waiting.append(queue.next_due_at(tx, self._bot_id))
        return Due(found, rows, min(filter(None, waiting), default=None), tx.now)

    def _start(self, due: Due) -> int:
        if self._stopped:
            return 0
        for screen in due.screens:
            self._handed.setdefault(screen.conversation_id, screen)
        self._start_handed()
        for row in due.rows:
            self._start_message(row)
        return len(due.screens) + len(due.rows)

    def _start_message(self, row: OutboxRow) -> None:
        self._in_flight.add(row.id)
        self._spawn(row.chat_id, partial(self._send, row))

    async def _send(self, row: OutboxRow) -> None:
        """Send a message; the next one of its chat then queues up behind whatever else waits for the chat."""
        following = None
        try:
            following = await self._messages.send(row)
        finally:
            # There is room in hand again for what the last look left.
            self._poll_again = self._poll_again or (following is None and len(self._in_flight) >= MOST_IN_HAND)
            self._in_flight.discard(row.id)
        if following:
            self._start_message(following)

    def _lease_next(self, tx: Transaction, chat_id: int) -> OutboxRow | None:
        """Take the next message of a chat as the one before it is recorded."""
        return None if self._stopped else queue.lease_next(tx, self._bot_id, chat_id, self._runner.worker)

    def _start_handed(self) -> None:
        for conversation_id, screen in self._handed.items():
            if conversation_id not in self._showing and not self._stopped:
                self._showing.add(conversation_id)
                self._spawn(screen.key.chat_id, partial(self._show, conversation_id))

    async def _show(self, conversation_id: int) -> None:
        try:
            await self._show_newest(conversation_id)
        finally:
            self._showing.discard(conversation_id)

    async def _show_newest(self, conversation_id: int) -> None:
        """Show what was handed over, and go on while something newer comes."""
        handed: PendingScreen | None = self._handed.pop(conversation_id)
        screen = handed if handed and handed.new else await self._screens.current(conversation_id)
        while screen and not self._stopped and (screen := self._screens.informed(screen)):
            sent = await self._screens.send(screen)
            handed = self._handed.pop(conversation_id, None)
            # It may rest now, and be due before the next look.
            self._poll_again = self._poll_again or sent.receipt is None
            if handed and handed.new and sent.receipt:
                screen = handed
            else:
                # Read anew: who shows the conversation, and where, may be another by now.
                screen = await self._screens.current(conversation_id) if handed or not sent.ended else None

    def _spawn(self, chat_id: int, send: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._in_order(chat_id, send))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()

    async def _in_order(self, chat_id: int, send: Callable[[], Awaitable[None]]) -> None:
        """Send in the chat's turn."""
        lock = self._chats.setdefault(chat_id, asyncio.Lock())
        async with lock:
            try:
                await send()
            except Exception as error:
                log_failure(log, "delivery_failed", error, chat_id=chat_id)


def _pause(due: Due) -> float:
    if due.next_at is None:
        return IDLE
    return min(IDLE, max(0.05, (due.next_at - due.now).total_seconds()))
