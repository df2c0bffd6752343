"""Lists that are at hand as a whole, page by page."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hooks.paging import Page, PageQuery
from engine.short_lists import ListRow, page_of_short, rows_of


def rows(count: int) -> list[ListRow]:
    return [ListRow(value=f"v{number}", label=f"№{number}", icon="") for number in range(count)]


def values(page: Page) -> list[str]:
    return [row.value for row in page.rows if isinstance(row, ListRow)]


def test_a_list_that_fits_has_one_page() -> None:
    page = page_of_short(rows(8), PageQuery(limit=8))
    assert (len(page.rows), page.previous, page.next) == (8, None, None)


def test_an_empty_list_has_an_empty_page() -> None:
    assert page_of_short([], PageQuery()) == Page([])


@given(count=st.integers(0, 60), limit=st.integers(1, 20))
def test_turning_forward_shows_every_row_once_and_turning_back_the_same_pages(count: int, limit: int) -> None:
    page = page_of_short(rows(count), PageQuery(limit=limit))
    shown = [values(page)]
    while page.next:
        page = page_of_short(rows(count), PageQuery(after=page.next, limit=limit))
        shown.append(values(page))
    assert list(chain.from_iterable(shown)) == [row.value for row in rows(count)]
    assert all(len(each) == limit for each in shown[:-1])
    back = [values(page)]
    while page.previous:
        page = page_of_short(rows(count), PageQuery(before=page.previous, limit=limit))
        back.insert(0, values(page))
    assert back == shown


@given(
    count=st.integers(0, 30),
    limit=st.integers(1, 10),
    key=st.text(max_size=8) | st.integers(-5, 10**30).map(str),
    forward=st.booleans(),
)
def test_a_made_up_key_gives_a_page_of_the_list(count: int, limit: int, key: str, forward: bool) -> None:
    query = PageQuery(after=key, limit=limit) if forward else PageQuery(before=key, limit=limit)
    page = page_of_short(rows(count), query)
    assert 0 < len(page.rows) <= limit or not count
    assert (page.previous is None) == (not page.rows or values(page)[0] == "v0")


def test_a_key_beyond_the_end_gives_the_last_page() -> None:
    assert values(page_of_short(rows(10), PageQuery(after="40", limit=4))) == ["v8", "v9"]


@pytest.mark.parametrize(("value", "found"), [("v3", ["v3"]), ("v30", []), ("", [])])
def test_one_row_is_found_by_its_value(value: str, found: list[str]) -> None:
    page = page_of_short(rows(10), PageQuery(only=value, limit=1))
    assert (values(page), page.previous, page.next) == (found, None, None)


def test_a_fixed_list_becomes_rows_in_its_order() -> None:
    page = rows_of({"high": ("Срочно", "🔴"), "low": ("Подождёт", "")})(None, PageQuery())
    assert page.rows == [
        ListRow(value="high", label="Срочно", icon="🔴"),
        ListRow(value="low", label="Подождёт", icon=""),
    ]
