"""Whether Telegram and the bot reach each other.

A bot may be up and well and yet hear nothing: no network, a wrong address of the webhook, a firewall. Nobody writes at
night either, so that missing updates prove nothing; what counts are Telegram's answers, which come all the time.
"""

import asyncio
import time
from collections.abc import Callable

LONGEST_IDLE = 150.0
"""Seconds without an answer or a call of Telegram after which something is wrong: twice the longest of a quiet hour."""


class Connectivity:
    """When Telegram was last heard, by a monotonic clock of seconds.

    `webhook_error` is why Telegram cannot post updates to the webhook, in its own words; None where it can.
    `begun` is set once Telegram is about to be called for updates, `attempted` once it is known whether it accepts the
    token, or that it cannot be reached now.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard_at: float | None = None
        self._called_at: float | None = None
        self.webhook_error: str | None = None
        self.begun = asyncio.Event()
        self.attempted = asyncio.Event()

    def answered(self) -> None:
        """Note that Telegram has just answered a call."""
        self._heard_at = self._clock()
        self.attempted.set()

    def failed(self) -> None:
        """Note that a call has just failed in a way that passes by itself."""
        self.attempted.set()

    def called(self) -> None:
        """Note that Telegram has just called the webhook: it can."""
        self._heard_at = self._called_at = self._clock()
        self.webhook_error = None

    @property
    def since_heard(self) -> float | None:
        """Seconds since Telegram answered or called; None before the first time."""
        return self._since(self._heard_at)

    @property
    def since_called(self) -> float | None:
        """Seconds since Telegram called the webhook; None before the first time."""
        return self._since(self._called_at)

    def _since(self, moment: float | None) -> float | None:
        return None if moment is None else self._clock() - moment
