"""Deliver what was committed: screens and the outbox, in order within a chat, chats side by side."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot

from bot.editions import Editions
from bot.sending import Sender
from storage import outbox
from storage.outbox import OutboxRow
from storage.runner import Runner
from storage.screens import PendingScreen, pending_screens
from storage.transaction import Transaction

BATCH = 50
"""Screens and messages taken at a time."""
LEASE = 60.0
"""Seconds for which a message belongs to this sender; after a crash it is taken again."""
IDLE = 5.0
"""Seconds after which the database is asked again even if nobody woke the delivery."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What waits now, and when something will wait next."""

    screens: list[PendingScreen]
    rows: list[OutboxRow]
    next_at: datetime | None
    now: datetime


class Delivery:
    """Sends what units of work stored; a failed send is tried again and loses nothing."""

    def __init__(self, bot: Bot, runner: Runner, editions: Editions, clock: Callable[[], datetime]) -> None:
        self._bot_id = bot.id
        self._runner = runner
        self._sender = Sender(bot, runner, editions, clock)
        self._woken = asyncio.Event()
        # A lock lives as long as somebody holds it or waits for it.
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: set[int] = set()
        self._in_flight: set[int] = set()
        self._abandoned = False
        self._claiming: asyncio.Future[tuple[int, float]] | None = None

    def wake(self) -> None:
        """Say that something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what was claimed until then is sent, see `drain`."""
        while True:
            self._woken.clear()
            started, pause = 0, IDLE
            try:
                # A claim that commits belongs to this sender: its messages must be sent, or wait for the lease's end.
                self._claiming = asyncio.ensure_future(self._start_due())
                started, pause = await asyncio.shield(self._claiming)
            except Exception as error:
                log.warning("delivery_waits", reason=type(error).__name__)
            if not started:
                await self._wait(pause)

    async def flush(self) -> None:
        """Deliver everything that is due now, and what comes due by it."""
        while (await self._start_due())[0]:
            await self.drain()

    async def drain(self) -> None:
        """Wait for the sends under way."""
        if self._claiming:
            await asyncio.gather(self._claiming, return_exceptions=True)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> None:
        """End the sends under way and start no others; they are made again, by the next process too."""
        self._abandoned = True
        for task in self._tasks:
            task.cancel()

    async def _start_due(self) -> tuple[int, float]:
        # As of now: a message whose sending ends during the claim has been recorded, and must not be taken as it was.
        in_flight = frozenset(self._in_flight)
        due = await self._runner.run(lambda tx: self._due(tx, in_flight))
        return self._start(due), _pause(due)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def _due(self, tx: Transaction, in_flight: frozenset[int]) -> Due:
        """Take what is due; screens that rest after a failure come back when their pause is over."""
        # Those that rest or are being sent must not hide the others.
        found = pending_screens(tx, self._bot_id, BATCH + self._sender.resting + len(self._sending))
        pauses = {screen.conversation_id: self._sender.rests_until(screen) for screen in found}
        screens = [screen for screen in found if pauses[screen.conversation_id] is None]
        rows = outbox.claim(tx, self._bot_id, BATCH, LEASE, in_flight)
        next_at = outbox.next_due_at(tx, self._bot_id, in_flight)
        waiting = [*filter(None, pauses.values()), *filter(None, [next_at])]
        return Due(screens, rows, min(waiting, default=None), tx.now)

    def _start(self, due: Due) -> int:
        if self._abandoned:
            return 0
        screens = [screen for screen in due.screens if screen.conversation_id not in self._sending]
        for screen in screens:
            # By the id: when the chat's turn comes, the screen may have been sent, or may be another.
            send = partial(self._sender.screen, screen.conversation_id)
            self._spawn(screen.key.chat_id, send, self._sending, screen.conversation_id)
        for row in due.rows:
            self._spawn(row.chat_id, partial(self._sender.message, row), self._in_flight, row.id)
        return len(screens) + len(due.rows)

    def _spawn(self, chat_id: int, send: Callable[[], Awaitable[None]], busy: set[int], key: int) -> None:
        """Send in the chat's turn; `key` is among the `busy` ones until that is done."""
        busy.add(key)
        task = asyncio.create_task(self._in_order(chat_id, send))
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, busy, key))

    def _done(self, busy: set[int], key: int, task: asyncio.Task[None]) -> None:
        busy.discard(key)
        self._tasks.discard(task)
        self.wake()

    async def _in_order(self, chat_id: int, send: Callable[[], Awaitable[None]]) -> None:
        lock = self._chats.setdefault(chat_id, asyncio.Lock())
        async with lock:
            try:
                await send()
            except Exception as error:
                log.error("delivery_failed", chat_id=chat_id, reason=type(error).__name__)


def _pause(due: Due) -> float:
    if due.next_at is None:
        return IDLE
    return min(IDLE, max(0.05, (due.next_at - due.now).total_seconds()))
