"""Pages of rows, as lists and choices ask sources for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which rows are wanted: those behind or before a key, the first ones, or only the one with a value."""

    after: str | None = None
    before: str | None = None
    limit: int = 8
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and the keys that turn it; a key is short and holds no ':' or '~'."""

    rows: Sequence[BaseModel]
    previous: str | None = None
    next: str | None = None
