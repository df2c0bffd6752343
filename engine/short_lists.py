"""Pages of short lists: the fixed lists of flows, and sources with few rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from engine.hooks.paging import Page, PageQuery


class ListRow(BaseModel):
    """One item of a fixed list."""

    value: str
    label: str
    icon: str


def rows_of(items: Mapping[str, tuple[str, str]]) -> Callable[[Any, PageQuery], Page]:
    """Return a source of rows for a fixed list: value -> (label, icon); the keys of its pages are indexes."""
    rows = [ListRow(value=value, label=label, icon=icon) for value, (label, icon) in items.items()]

    def source(_context: Any, query: PageQuery) -> Page:
        return page_of_short(rows, query)

    return source


def page_of_short(rows: Sequence[Any], query: PageQuery) -> Page:
    """Return a page of a list that is in memory as a whole; its rows have a `value`.

    A key beyond the end, because rows were removed or it is forged, gives the last page.
    """
    if query.only is not None:
        return Page([row for row in rows if str(row.value) == query.only])
    last = max(0, len(rows) - 1) // query.limit * query.limit
    start = max(0, _position(query.before) - query.limit) if query.before else _position(query.after or "")
    start = min(start, last)
    end = start + query.limit
    return Page(rows[start:end], str(start) if start else None, str(end) if end < len(rows) else None)


def _position(key: str) -> int:
    return int(key) if key.isascii() and key.isdecimal() else 0
