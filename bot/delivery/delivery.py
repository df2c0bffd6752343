"""Deliver what was committed: screens and the outbox, in order within a chat, chats concurrently.

A screen is coalesced: it is the state of a conversation, so only the newest one is worth sending, and one that is drawn
while another is on its way replaces all that wait. A message of the outbox is an event, and each is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

import structlog

from bot.delivery.api_caller import Caller
from bot.delivery.lease_keeper import LeaseKeeper
from bot.delivery.message_sender import MessageSender
from bot.delivery.screen_sender import ScreenSender
from bot.flow_versions.current import FlowVersions
from bot.telegram.failure_logging import log_failure
from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.outbox import leases, messages, queue, screens
from storage.outbox.queue import OutboxRow
from storage.outbox.screens import PendingScreen

BATCH = 50
"""Screens and messages leased at a time."""
MOST_IN_HAND = 200
"""Messages in flight at most: what this process cannot send soon is left to others, and memory is no outbox."""
IDLE = 5.0
"""Seconds after which the database is polled even if no signal came."""
AFTER_FAILURE = 1.0
"""Seconds after which a database that could not be reached is polled again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What was leased now, and when something more will be due."""

    screens: list[PendingScreen]
    rows: list[OutboxRow]
    next_at: datetime | None
    now: datetime


class Delivery:
    """Sends what units of work stored; a failed send is retried and loses nothing.

    A screen is passed in memory by the step that drew it, which saves a read before each answer. All else is found by
    polling the database: notifications, what another process left behind, what backed off after a failure.
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
        # A lock lives as long as a task holds it or waits for it.
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest: dict[int, PendingScreen] = {}
        self._showing: set[int] = set()
        self._in_flight: set[int] = set()
        self._stopped = False
        self._released = False
        self._lease_keeper = LeaseKeeper(runner.worker)
        self._leasing: asyncio.Future[tuple[int, float]] | None = None
        runner.subscribe(messages.SIGNAL, self.wake)

    def wake(self) -> None:
        """Poll the database: something new may wait there."""
        self._poll_again = True
        self._woken.set()

    def show(self, screen: PendingScreen) -> None:
        """Send a screen that was committed and leased, instead of an older one of its conversation that still waits."""
        self._newest[screen.conversation_id] = screen
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what was leased until then is sent, see `drain`."""
        pause = 0.0
        while True:
            self._start_screens()
            if self._poll_again or pause <= 0:
                pause = await self._poll()
            pause = await self._wait(pause)

    async def flush(self) -> None:
        """Deliver everything that is due now, and what comes due by it."""
        self._start_screens()
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
        """Start no more sends, and cancel those for which Telegram was not called yet; see `drain` for the others."""
        self._stopped = True
        for task in self._tasks:
            if not self._caller.has_called(task):
                task.cancel()

    def abandon(self) -> None:
        """Cancel the sends under way and start no others; they are made again, by this process or the next."""
        self.stop()
        self.receipts.abandon()
        for task in self._tasks:
            task.cancel()

    async def release(self) -> None:
        """Release the leases of what this process does not send any more; calling it twice does no harm."""
        if not self._released:
            await self._runner.run(lambda tx: leases.release(tx, self._runner.worker))
            self._released = True

    async def _poll(self) -> float:
        """Start to send what is due; return the seconds until something more will be due."""
        self._poll_again = False
        try:
            # Shielded: a lease that commits although nobody waits for it any more would keep its messages from every
            # process until it ends.
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
        """Wait so many seconds, or until woken; return what is left of them."""
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
        # Copied before the transaction: a message whose sending ends while it runs has been recorded since, and the row
        # that was read may be older.
        in_flight, in_hand = frozenset(self._in_flight), frozenset(self._in_hand())
        due = await self._runner.run(lambda tx: self._lease_due(tx, in_flight, in_hand))
        return self._start(due), _pause(due)

    def _in_hand(self) -> set[int]:
        """Return the conversations of which this process knows more than the database."""
        return self._showing | self._newest.keys() | self.receipts.unrecorded.conversations()

    def _lease_due(self, tx: Transaction, in_flight: frozenset[int], in_hand: frozenset[int]) -> Due:
        """Lease what is due, renew the leases of what is in flight, and find out when to poll again."""
        worker = self._runner.worker
        self._lease_keeper.keep(tx, in_flight, in_hand)
        pending = screens.lease(tx, self._bot_id, worker, BATCH)
        due_at = [screens.next_due_at(tx, self._bot_id, in_hand.union(each.conversation_id for each in pending))]
        room, rows = min(BATCH, MOST_IN_HAND - len(in_flight)), []
        if room > 0:
            # Without room, the end of a message in flight wakes the delivery, and not the clock.
            leased = queue.lease(tx, self._bot_id, worker, room)
            rows = [row for row in leased if row.id not in in_flight]
            if known := [row.id for row in leased if row.id in in_flight]:
                # Recorded in the database as to be sent again, but its task here has not ended yet: leased with the
                # next poll.
                messages.release(tx, worker, known)
            due_at.append(queue.next_due_at(tx, self._bot_id))
        return Due(pending, rows, min(filter(None, due_at), default=None), tx.now)

    def _start(self, due: Due) -> int:
        if self._stopped:
            return 0
        for screen in due.screens:
            # One that a step passed meanwhile is newer than what the poll read.
            self._newest.setdefault(screen.conversation_id, screen)
        self._start_screens()
        for row in due.rows:
            self._start_message(row)
        return len(due.screens) + len(due.rows)

    def _start_message(self, row: OutboxRow) -> None:
        self._in_flight.add(row.id)
        self._spawn(row.chat_id, partial(self._send, row))

    async def _send(self, row: OutboxRow) -> None:
        """Send a message; the next one of its chat then queues for the chat's lock behind what waits for it now."""
        following = None
        try:
            following = await self._messages.send(row)
        finally:
            # There is room again for what the last poll left in the database.
            self._poll_again = self._poll_again or (following is None and len(self._in_flight) >= MOST_IN_HAND)
            self._in_flight.discard(row.id)
        if following:
            self._start_message(following)

    def _lease_next(self, tx: Transaction, chat_id: int) -> OutboxRow | None:
        """Lease the next message of a chat in the transaction that records the one before it."""
        return None if self._stopped else queue.lease_next(tx, self._bot_id, chat_id, self._runner.worker)

    def _start_screens(self) -> None:
        for conversation_id, screen in self._newest.items():
            if conversation_id not in self._showing and not self._stopped:
                self._showing.add(conversation_id)
                self._spawn(screen.key.chat_id, partial(self._show, conversation_id))

    async def _show(self, conversation_id: int) -> None:
        try:
            await self._show_newest(conversation_id)
        finally:
            self._showing.discard(conversation_id)

    async def _show_newest(self, conversation_id: int) -> None:
        """Send the newest screen of a conversation, and go on as long as newer ones came meanwhile.

        One task of a conversation sends at a time, and takes the newest each time: of the screens that were drawn while
        one was on its way, only the last is sent. One that a step has just drawn is sent as it was passed; any other is
        read from its row first, for what was leased a while ago may have been replaced since.
        """
        newest: PendingScreen | None = self._newest.pop(conversation_id)
        screen = newest if newest and newest.new else await self._screens.current(conversation_id)
        while screen and not self._stopped and (screen := self._screens.informed(screen)):
            sent = await self._screens.send(screen)
            newest = self._newest.pop(conversation_id, None)
            # A screen that failed backs off, and may be due before the next poll.
            self._poll_again = self._poll_again or sent.receipt is None
            if newest and newest.new and sent.receipt:
                screen = newest
            else:
                # After a failure the lease is gone, and another process may be sending the conversation by now. A newer
                # screen that another process drew (not `ended`) is known to the database alone.
                screen = await self._screens.current(conversation_id) if newest or not sent.ended else None

    def _spawn(self, chat_id: int, send: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._in_order(chat_id, send))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()

    async def _in_order(self, chat_id: int, send: Callable[[], Awaitable[None]]) -> None:
        """Send while no other task sends to the chat."""
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
