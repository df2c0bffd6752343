"""How fast Telegram lets a bot send (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits).

30 messages a second in all, 1 a second to a private chat with bursts tolerated, 20 a minute to a group; edits count as
well. No library for it: slots are counted by the clock of the bot, so that tests need not wait, and a chat that waits
for its own slot must not use up one of the bot's.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN = 1000
"""Chats kept track of before the idle ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` at once, then one every `every`; in any stretch of time no more than burst + time / every."""

    burst: int
    every: timedelta


TOTAL = Pace(5, timedelta(seconds=0.04))
"""30 in any second."""
PRIVATE = Pace(10, timedelta(seconds=1))
GROUP = Pace(5, timedelta(seconds=4))
"""20 in any minute."""


class Slots:
    """Assigns slots at a pace (a leaky bucket that keeps nothing but the time when it will be empty)."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._empty_at: datetime | None = None

    def next(self, now: datetime) -> datetime:
        """Take a slot; return its time, `now` or later. Slots are to be taken in the order of time."""
        empty_at = max(now, self._empty_at or now)
        slot = max(now, empty_at - (self._pace.burst - 1) * self._pace.every)
        self._empty_at = empty_at + self._pace.every
        return slot

    def is_idle(self, now: datetime) -> bool:
        """Return whether nothing that was sent counts any more."""
        return self._empty_at is None or self._empty_at <= now


class Limits:
    """Delays calls to stay within Telegram's limits, and keeps the pauses that it asks for.

    Without `paced`, only the pauses are kept: an emulator on the same machine takes any number of calls.
    """

    def __init__(self, clock: Callable[[], datetime], *, paced: bool) -> None:
        self._clock = clock
        self._total = Slots(TOTAL)
        self._paced = paced
        self._chats: dict[int, Slots] = {}
        self._pauses: dict[int, datetime] = {}

    async def wait_for_slot(self, chat_id: int) -> None:
        """Wait until a call to a chat may be made. Calls to one chat are to be made one after the other."""
        if self._paced:
            # The chat's slot first: a call that took one of the bot's and then waited for its chat would waste it.
            await self._until(self._slots(chat_id).next(self._clock()))
            await self._until(self._total.next(self._clock()))

    def paused_until(self, chat_id: int) -> datetime | None:
        """Return when the pause ends that Telegram asked for in a chat; None where there is none."""
        until = self._pauses.get(chat_id)
        return until if until and until > self._clock() else None

    def pause(self, chat_id: int, seconds: float) -> datetime:
        """Pause a chat, and no other, for as long as Telegram asks; return the end of the pause."""
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        self._pauses = {chat: end for chat, end in self._pauses.items() if end > now} | {chat_id: until}
        return until

    def _slots(self, chat_id: int) -> Slots:
        if len(self._chats) > FORGOTTEN:
            now = self._clock()
            self._chats = {chat: slots for chat, slots in self._chats.items() if not slots.is_idle(now)}
        return self._chats.setdefault(chat_id, Slots(PRIVATE if chat_id > 0 else GROUP))

    async def _until(self, moment: datetime) -> None:
        seconds = (moment - self._clock()).total_seconds()
        if seconds > 0:
            await asyncio.sleep(seconds)
