"""A clock that stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class ManualClock:
    """A clock that moves only when told to; starts on a Monday morning."""

    now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Read it."""
        return self.now

    def advance(self, **how: float) -> datetime:
        """Move forward by `timedelta(**how)`."""
        self.now += timedelta(**how)
        return self.now
