"""How much one person may do, in which time."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """So many (`most`) things within a span of time; the next one has to wait."""

    most: int
    within: timedelta
