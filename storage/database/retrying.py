"""Attempts that are made again, with pauses that grow, until they succeed.

No library for it: what waits for the database is called for every update and every message, nearly always succeeds at
once, and must then cost nothing (tenacity: 16 to 30 µs a call); a loop that never ends needs the pauses alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from storage.database.errors import StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between two attempts to reach a database: one that was restarted is back in seconds, and asking is cheap."""


class Backoff:
    """Pauses between attempts, in seconds: `shortest` at first, then twice the one before, `longest` at most."""

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = self._next = shortest
        self._longest = longest

    def next(self) -> float:
        """Return the pause before the next attempt."""
        pause = self._next
        self._next = min(self._longest, pause * 2)
        return pause

    def reset(self) -> None:
        """Begin with the shortest pause again: an attempt succeeded."""
        self._next = self._shortest


async def retry_until_available(
    attempt: Callable[[], Awaitable[T]], on_retry: Callable[[float], None] = lambda _: None
) -> T:
    """Repeat `attempt` while the database cannot be reached; return what it returns, raise whatever else it raises.

    `on_retry` is called after each failure with the seconds until the next attempt. Cancelling ends a pause at once;
    an attempt that is running may go on to its end, as `Runner.run` does.
    """
    backoff = Backoff(SHORTEST_PAUSE, LONGEST_PAUSE)
    while True:
        try:
            return await attempt()
        except StorageUnavailable:
            pause = backoff.next()
            on_retry(pause)
            await asyncio.sleep(pause)
