"""When Telegram was last heard: what tells a bot that is alive from one that hears nothing."""

import time
from collections.abc import Callable

LONGEST_SILENCE = 150.0
"""Seconds without a sign of Telegram after which something is wrong: twice what a quiet hour brings."""


class Contact:
    """The last sign of Telegram, by a clock of seconds that only goes forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: float | None = None

    def made(self) -> None:
        """Note that Telegram has just answered, or called."""
        self._heard = self._clock()

    @property
    def silence(self) -> float | None:
        """Seconds since the last sign; None before the first one."""
        return None if self._heard is None else self._clock() - self._heard
