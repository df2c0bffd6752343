"""Choices from the fixed lists that flows declare."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from engine.hooks import Page, PageQuery


class ListRow(BaseModel):
    """One item of a fixed list."""

    value: str
    label: str
    icon: str


def rows_of(items: Mapping[str, tuple[str, str]]) -> Callable[[Any, PageQuery], Page]:
    """Return a source of rows over a fixed list: value -> (label, icon); the keys that turn pages are positions."""
    rows = [ListRow(value=value, label=label, icon=icon) for value, (label, icon) in items.items()]

    def source(_context: Any, query: PageQuery) -> Page:
        if query.only is not None:
            return Page([row for row in rows if row.value == query.only])
        if query.before:
            start = max(0, _position(query.before) - query.limit)
        else:
            start = _position(query.after) if query.after else 0
        end = start + query.limit
        return Page(rows[start:end], str(start) if start else None, str(end) if end < len(rows) else None)

    return source


def _position(key: str) -> int:
    return int(key) if key.isdecimal() else 0
