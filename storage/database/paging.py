"""Keyset pagination: a row that is added or removed does not shift the next page, as it would with OFFSET."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import tuple_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, RowMapping, Select

    from storage.database.transaction import Transaction

R = TypeVar("R")

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page: the first, the one after a key, or the one before a key; up to `limit` rows."""

    after: str | None = None
    before: str | None = None
    limit: int = 8


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows, and the keys that lead to the neighbouring pages by a `PageQuery`; None where there is no such page.

    A key has at most 16 characters for a list ordered by urgency and id.
    """

    rows: list[R]
    prev: str | None = None
    next: str | None = None


def fetch_page(
    tx: Transaction,
    statement: Select[Any],
    order: Sequence[ColumnElement[int]],
    query: PageQuery,
    build: Callable[[RowMapping], R],
    *,
    descending: bool = False,
) -> Page[R]:
    """Run `statement` for one page of rows, ordered by integer columns that identify a row together.

    The columns must be among those selected. An invalid key, and one after which there are no rows any more, give
    the first page.
    """
    pager = _Pager(tx, statement, order, query.limit, descending)
    rows, has_prev, has_next = pager.page(_decode(query.after, len(order)), _decode(query.before, len(order)))
    return Page(
        [build(row) for row in rows],
        prev=pager.key(rows[0]) if has_prev else None,
        next=pager.key(rows[-1]) if has_next else None,
    )


_Rows = tuple[list["RowMapping"], bool, bool]


@dataclass(frozen=True, slots=True)
class _Pager:
    tx: Transaction
    statement: Select[Any]
    order: Sequence[ColumnElement[int]]
    limit: int
    descending: bool

    def page(self, after: tuple[int, ...] | None, before: tuple[int, ...] | None) -> _Rows:
        if before is not None:
            rows, has_more = self._read(before, backwards=True)
            if has_more:
                return rows[::-1], True, True
        elif after is not None:
            rows, has_more = self._read(after)
            if rows:
                return rows, True, has_more
        # The row that the key names may be gone, and every row before or after it with it.
        rows, has_more = self._read(None)
        return rows, False, has_more

    def key(self, row: RowMapping) -> str:
        return ".".join(_base36(row[column]) for column in self.order)

    def _read(self, start: tuple[int, ...] | None, *, backwards: bool = False) -> tuple[list[RowMapping], bool]:
        descending = self.descending != backwards
        ordered = self.statement.order_by(*(c.desc() if descending else c.asc() for c in self.order))
        if start is not None:
            here = tuple_(*self.order)
            there = tuple_(*start, types=[column.type for column in self.order])
            ordered = ordered.where(here < there if descending else here > there)
        # One row more than shown, to know whether there is another page.
        rows = list(self.tx.connection.execute(ordered.limit(self.limit + 1)).mappings())
        return rows[: self.limit], len(rows) > self.limit


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _decode(key: str | None, length: int) -> tuple[int, ...] | None:
    """Return the values of a key; None where it is absent or invalid: it comes from a button, so it may be forged."""
    parts = key.split(".") if key else []
    if len(parts) != length or not all(part and set(part) <= set(_DIGITS) for part in parts):
        return None
    numbers = tuple(int(part, 36) for part in parts)
    return numbers if max(numbers) <= _LARGEST else None
