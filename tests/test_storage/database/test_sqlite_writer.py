"""Units that share a commit on SQLite: each keeps to itself what it did wrong, and none is told too early."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner, Transaction, open_runner
from storage.database.sqlite_writer import TOGETHER
from storage.models import User
from storage.records import settings
from tests.databases import count_statements

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@pytest_asyncio.fixture
async def runner(sqlite_url: str) -> AsyncIterator[Runner]:
    opened = open_runner(sqlite_url)
    yield opened
    await opened.close()


def put(key: str) -> Callable[[Transaction], str]:
    def work(tx: Transaction) -> str:
        settings.put(tx, key, "kept")
        return key

    return work


def put_and_fail(tx: Transaction) -> None:
    settings.put(tx, "failed", "kept")
    raise KeyError("no such step")


async def together(runner: Runner, *works: Callable[[Transaction], Any]) -> list[Any]:
    """Give several units while the writer is busy, so that they wait at the same time."""
    begun, go_on = threading.Event(), threading.Event()

    def first(_tx: Transaction) -> None:
        begun.set()
        go_on.wait(5)

    busy = asyncio.create_task(runner.run(first))
    await asyncio.to_thread(begun.wait, 5)
    waiting = [asyncio.create_task(runner.run(work)) for work in works]
    await asyncio.sleep(0)
    go_on.set()
    _, *outcomes = await asyncio.gather(busy, *waiting, return_exceptions=True)
    return outcomes


async def keys(runner: Runner) -> list[str]:
    query = text("SELECT key FROM settings WHERE value = :kept ORDER BY rowid")
    return await runner.run(lambda tx: list(tx.connection.execute(query, {"kept": '"kept"'}).scalars()))


async def test_units_that_wait_together_share_a_commit(runner: Runner) -> None:
    with count_statements(runner) as counted:
        assert await together(runner, *(put(f"k{number}") for number in range(5))) == [f"k{n}" for n in range(5)]

    assert counted.verbs == ["INSERT"] * 5 + ["COMMIT"]


async def test_a_long_queue_is_committed_in_pieces(runner: Runner) -> None:
    with count_statements(runner) as counted:
        await together(runner, *(put(f"k{number}") for number in range(2 * TOGETHER)))

    assert counted.verbs.count("COMMIT") == 3
    assert len(await keys(runner)) == 2 * TOGETHER


async def test_a_failing_unit_is_undone_alone(runner: Runner) -> None:
    before, failed, after = await together(runner, put("before"), put_and_fail, put("after"))

    assert (before, after) == ("before", "after")
    assert isinstance(failed, KeyError)
    assert await keys(runner) == ["before", "after"]


async def test_a_unit_whose_session_rolls_everything_back_does_no_harm_to_the_others(runner: Runner) -> None:
    def twice(tx: Transaction) -> None:
        tx.session.add_all([User(telegram_id=1), User(telegram_id=1)])

    before, failed, after = await together(runner, put("before"), twice, put("after"))

    assert (before, after) == ("before", "after")
    assert isinstance(failed, IntegrityError)
    assert await keys(runner) == ["before", "after"]


async def test_no_outcome_is_published_before_the_shared_commit_and_all_fail_with_it(runner: Runner) -> None:
    told: list[str] = []

    def work(tx: Transaction) -> None:
        tx.signal("delivery")
        put("lost")(tx)

    runner.subscribe("delivery", lambda: told.append("told"))

    def refuse(_connection: Any) -> None:
        raise OperationalError("COMMIT", None, _full())

    event.listen(runner.engine, "commit", refuse)
    outcomes = await together(runner, work, put_and_fail, work)
    event.remove(runner.engine, "commit", refuse)

    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable, KeyError, StorageUnavailable]
    assert told == []
    assert await keys(runner) == []


async def test_a_unit_that_raises_what_no_future_takes_stops_no_other(runner: Runner) -> None:
    failed, after = await together(runner, lambda _tx: next(iter(())), put("after"))

    assert isinstance(failed, RuntimeError)
    assert after == "after"


async def test_a_unit_that_leaves_a_statement_half_read_blocks_no_other(runner: Runner) -> None:
    rows = "VALUES ('one', '1', '2026-03-02'), ('two', '1', '2026-03-02') RETURNING key"
    left: list[Any] = []

    def half_read(tx: Transaction) -> None:
        driver: Any = tx.connection.connection.driver_connection
        left.append(driver.execute(f"INSERT INTO settings (key, value, updated_at) {rows}"))
        left[0].fetchone()

    async with asyncio.timeout(10):
        outcomes = await together(runner, put("before"), half_read, put("after"))
    left[0].close()

    assert isinstance(outcomes[1], sqlite3.OperationalError)
    assert await keys(runner) == [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert await runner.run(put("later")) == "later"


def test_units_submitted_before_the_end_are_committed_even_when_their_loop_is_gone(sqlite_url: str) -> None:
    runner = open_runner(sqlite_url)
    go_on = threading.Event()

    async def give() -> None:
        runner._start(lambda _tx: go_on.wait(5))
        runner._start(put("kept"))

    asyncio.run(give())
    go_on.set()

    async def look() -> list[str]:
        await runner.close()
        again = open_runner(sqlite_url)
        found = await keys(again)
        await again.close()
        return found

    assert asyncio.run(look()) == ["kept"]


def _full() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error
