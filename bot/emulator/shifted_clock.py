"""The clock of a chat page: that of the system, moved forward as far as somebody wants to see what time brings."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ShiftedClock:
    """A clock that is ahead of the system's; how far is kept in a file, so that time does not run back at a restart."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        try:
            self._ahead = max(0.0, float(kept.read_text("ascii")))
        except (OSError, ValueError):
            self._ahead = 0.0

    def seconds(self) -> float:
        """Return the seconds since the epoch."""
        return time.time() + self._ahead

    def moment(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def advance(self, seconds: float) -> None:
        """Move forward by so many seconds; ValueError where that would be back, or more than a year."""
        if not 0 <= seconds <= 366 * 86400:
            raise ValueError("time moves forward, by a year at most")
        self._ahead += seconds
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text(f"{self._ahead:.0f}\n", "ascii")
