"""Bounds of what people enter, the same in every step of a dialog and in the database."""

from collections.abc import Mapping
from types import MappingProxyType

BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"title": (3, 100), "description": (3, 1000), "location": (2, 100), "text": (0, 1000)}
)
"""Lengths in characters, both ends included. A comment's text may be empty where it has files."""

RATINGS = range(1, 6)
"""Ratings that an author may give."""


def within_bounds(field: str, value: str) -> str:
    """Return `value`; ValueError naming the field and its bound when it is too short or too long."""
    least, most = BOUNDS[field]
    if not least <= len(value) <= most:
        raise ValueError(f"{field} must be {least} to {most} characters long, not {len(value)}")
    return value


def valid_rating(value: int | None) -> int | None:
    """Return `value`; ValueError when it is neither None nor from 1 to 5."""
    if value is not None and value not in RATINGS:
        raise ValueError(f"rating must be {RATINGS[0]} to {RATINGS[-1]}, not {value}")
    return value
