"""Whether Telegram and the bot reach each other: what tells a bot that is alive from one that hears nothing."""

import asyncio
import time
from collections.abc import Callable

LONGEST_SILENCE = 150.0
"""Seconds without a sign of Telegram after which something is wrong: twice what a quiet hour brings."""


class Contact:
    """The last signs of Telegram, by a clock of seconds that only goes forward.

    `trouble` is why Telegram cannot bring updates to a webhook, in its own words; None where it can.
    `sought` is set once Telegram is about to be asked for updates, `tried` once it is known that it takes the token,
    or that it cannot be asked for now.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: float | None = None
        self._called: float | None = None
        self.trouble: str | None = None
        self.sought = asyncio.Event()
        self.tried = asyncio.Event()

    def made(self) -> None:
        """Note that Telegram has just answered a call."""
        self._heard = self._clock()
        self.tried.set()

    def missed(self) -> None:
        """Note that a call has just failed in a way that passes by itself."""
        self.tried.set()

    def called(self) -> None:
        """Note that Telegram has just called: it can."""
        self._heard = self._called = self._clock()
        self.trouble = None

    @property
    def silence(self) -> float | None:
        """Seconds since the last sign; None before the first one."""
        return self._since(self._heard)

    @property
    def uncalled(self) -> float | None:
        """Seconds since Telegram called; None before its first call."""
        return self._since(self._called)

    def _since(self, moment: float | None) -> float | None:
        return None if moment is None else self._clock() - moment
