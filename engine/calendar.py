"""When a span of time ends: the one place that turns a duration of the flows into a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


class Calendar:
    """A calendar on which every hour counts; a subclass may skip nights or holidays."""

    def after(self, start: datetime, span: timedelta) -> datetime:
        """Return the time when `span` has passed since `start`."""
        return start + span


CLOCK = Calendar()


@dataclass(frozen=True, slots=True)
class Calendars:
    """Which calendar counts what: a person is reminded by one, the deadlines of subjects run by another."""

    dialogs: Calendar = CLOCK
    subjects: Calendar = CLOCK
