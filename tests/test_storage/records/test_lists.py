from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database.paging import Page, PageQuery, _base36, _decode
from storage.models import Stage
from storage.records import lists, requests
from tests.databases import count_statements
from tests.records import a_person, a_request

if TYPE_CHECKING:
    from storage.database.runner import Runner, Transaction
    from storage.records.lists import RequestLine


def twelve(tx: Transaction) -> int:
    """File requests 1 to 12: every third is urgent, number 2 is done, number 3 is dropped."""
    anna = a_person(tx, 1)
    for number in range(1, 13):
        row = a_request(tx, anna, priority=["high", "medium", "low"][number % 3])
        stage = {2: Stage.DONE, 3: Stage.DROPPED, 4: Stage.PAUSED, 5: Stage.ACTIVE}.get(number, Stage.WAITING)
        requests.update(tx, row.id, {"stage": stage})
    return anna.id


def numbers(page: Page[RequestLine]) -> list[int]:
    return [line.number for line in page.rows]


async def test_the_queue_shows_the_urgent_first_and_then_the_oldest(runner: Runner) -> None:
    await runner.run(twelve)

    page = await runner.run(lambda tx: lists.queue(tx, PageQuery(limit=20)))
    assert numbers(page) == [6, 9, 12, 1, 4, 7, 10, 5, 8, 11]
    assert (page.prev, page.next) == (None, None)


async def test_an_empty_queue_is_an_empty_page(runner: Runner) -> None:
    assert await runner.run(lambda tx: lists.queue(tx, PageQuery())) == Page([])


async def test_a_line_shows_whose_where_and_what(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        anna, peter = a_person(tx, 1, "Анна"), a_person(tx, 2, "Пётр")
        row = a_request(tx, anna, category_id=2)
        requests.update(tx, row.id, {"assignee_id": peter.id})

    await runner.run(work)
    line = (await runner.run(lambda tx: lists.queue(tx, PageQuery()))).rows[0]
    assert (line.title, line.location, line.status) == ("Не горит лампа", "Кабинет 12", "open")
    assert (line.author_name, line.assignee_name, line.category_name, line.category_icon) == (
        "Анна",
        "Пётр",
        "Сантехника",
        "🚰",
    )


async def test_pages_follow_each_other_and_lead_back(runner: Runner) -> None:
    await runner.run(twelve)

    async def page(query: PageQuery) -> Page[RequestLine]:
        return await runner.run(lambda tx: lists.queue(tx, query))

    first = await page(PageQuery(limit=4))
    second = await page(PageQuery(after=first.next, limit=4))
    third = await page(PageQuery(after=second.next, limit=4))
    assert [numbers(shown) for shown in (first, second, third)] == [[6, 9, 12, 1], [4, 7, 10, 5], [8, 11]]
    assert (first.prev, third.next) == (None, None)
    assert numbers(await page(PageQuery(before=third.prev, limit=4))) == [4, 7, 10, 5]
    assert numbers(await page(PageQuery(before=second.prev, limit=4))) == [6, 9, 12, 1]


async def test_a_page_in_the_middle_found_backwards_leads_both_ways(runner: Runner) -> None:
    await runner.run(twelve)
    first = await runner.run(lambda tx: lists.queue(tx, PageQuery(limit=3)))
    second = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=first.next, limit=3)))
    third = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=second.next, limit=3)))

    back = await runner.run(lambda tx: lists.queue(tx, PageQuery(before=third.prev, limit=2)))
    assert numbers(back) == [4, 7]
    again = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=back.next, limit=3)))
    assert numbers(again) == numbers(third)
    before = await runner.run(lambda tx: lists.queue(tx, PageQuery(before=back.prev, limit=2)))
    assert numbers(before) == [12, 1]


async def test_a_request_that_leaves_the_queue_does_not_shift_the_next_page(runner: Runner) -> None:
    await runner.run(twelve)
    first = await runner.run(lambda tx: lists.queue(tx, PageQuery(limit=4)))
    await runner.run(lambda tx: requests.update(tx, first.rows[0].id, {"stage": Stage.DONE}))

    second = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=first.next, limit=4)))
    assert numbers(second) == [4, 7, 10, 5]


async def test_too_few_rows_before_a_key_give_the_whole_first_page(runner: Runner) -> None:
    await runner.run(twelve)
    first = await runner.run(lambda tx: lists.queue(tx, PageQuery(limit=4)))
    second = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=first.next, limit=4)))
    await runner.run(lambda tx: requests.update(tx, first.rows[0].id, {"stage": Stage.DONE}))

    back = await runner.run(lambda tx: lists.queue(tx, PageQuery(before=second.prev, limit=4)))
    assert numbers(back) == [9, 12, 1, 4]
    assert back.prev is None


@pytest.mark.parametrize(
    "key", ["zz.zzzzzzzzzzzz", "2.c", "2.zzzzzzzzzzzzzzzzzz", "x", "1.2.3", "..", "1.-2", "1.Ж", ""]
)
async def test_a_key_that_leads_nowhere_gives_the_first_page(runner: Runner, key: str) -> None:
    await runner.run(twelve)

    page = await runner.run(lambda tx: lists.queue(tx, PageQuery(after=key, limit=2)))
    assert numbers(page) == [6, 9]
    assert page.prev is None


async def test_a_page_takes_one_statement(runner: Runner) -> None:
    await runner.run(twelve)

    with count_statements(runner) as counted:
        await runner.run(lambda tx: lists.queue(tx, PageQuery(after="1.1", limit=2)))
    assert counted.besides_commit == ["SELECT"]


@pytest.mark.parametrize(
    ("finished", "expected"),
    [(False, [12, 11, 10, 9, 8, 7, 6, 5, 4, 1]), (True, [3, 2]), (None, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])],
)
async def test_a_person_s_requests_come_newest_first(
    runner: Runner, finished: bool | None, expected: list[int]
) -> None:
    anna = await runner.run(twelve)
    await runner.run(lambda tx: a_request(tx, a_person(tx, 9)))

    page = await runner.run(lambda tx: lists.of_author(tx, anna, finished, PageQuery(limit=20)))
    assert numbers(page) == expected


async def test_a_person_s_requests_are_paged_both_ways(runner: Runner) -> None:
    anna = await runner.run(twelve)
    first = await runner.run(lambda tx: lists.of_author(tx, anna, None, PageQuery(limit=5)))
    second = await runner.run(lambda tx: lists.of_author(tx, anna, None, PageQuery(after=first.next, limit=5)))
    back = await runner.run(lambda tx: lists.of_author(tx, anna, None, PageQuery(before=second.prev, limit=5)))

    assert numbers(second) == [7, 6, 5, 4, 3]
    assert numbers(back) == numbers(first) == [12, 11, 10, 9, 8]


async def test_requests_are_counted_by_stage_and_priority(runner: Runner) -> None:
    await runner.run(twelve)

    assert await runner.run(lists.counts) == {
        ("waiting", "high"): 3,
        ("waiting", "medium"): 3,
        ("waiting", "low"): 2,
        ("paused", "medium"): 1,
        ("active", "low"): 1,
        ("done", "low"): 1,
        ("dropped", "high"): 1,
    }


@given(urgency=st.integers(0, 2), row_id=st.integers(0, 2**63 - 1))
def test_every_key_is_short_and_reads_back(urgency: int, row_id: int) -> None:
    key = f"{_base36(urgency)}.{_base36(row_id)}"

    assert len(key) <= 16
    assert _decode(key, 2) == (urgency, row_id)


@given(st.text(max_size=20))
def test_a_made_up_key_never_raises(key: str) -> None:
    decoded = _decode(key, 2)

    assert decoded is None or all(0 <= number < 2**63 for number in decoded)
