from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs

from bot.scenarios.clock import ManualClock
from storage.database.error_classification import is_unavailable
from storage.database.errors import StorageUnavailable
from storage.database.runner import REPEATS, Runner, Transaction, open_runner
from storage.models import Event, Setting, User
from storage.records import settings
from tests.databases import count_statements

if TYPE_CHECKING:
    from collections.abc import Callable


_DROPPED_AT_COMMIT = (
    "CREATE FUNCTION drop() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
    "CREATE CONSTRAINT TRIGGER dropping AFTER INSERT ON settings"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION drop()",
)


def put(key: str, value: Any) -> Callable[[Transaction], None]:
    return lambda tx: settings.put(tx, key, value)


def read(key: str) -> Callable[[Transaction], Any]:
    return lambda tx: settings.get(tx, key)


async def test_what_a_unit_wrote_the_next_one_reads(runner: Runner) -> None:
    await runner.run(put("digest", "08:00"))

    assert await runner.run(read("digest")) == "08:00"


async def test_a_commit_is_measured_and_what_is_undone_is_not(database_url: str) -> None:
    took: list[float] = []
    runner = open_runner(database_url, committed=took.append)

    def fail(tx: Transaction) -> None:
        settings.put(tx, "digest", "09:00")
        raise ZeroDivisionError

    await runner.run(put("digest", "08:00"))
    with pytest.raises(ZeroDivisionError):
        await runner.run(fail)
    await runner.close()
    assert took[0] > 0
    # On SQLite the undone unit is one of a shared commit, in which others may have written.
    assert len(took) == (1 if database_url.startswith("postgresql") else 2)


async def test_a_unit_returns_what_its_work_returns(runner: Runner) -> None:
    assert await runner.run(lambda tx: tx.connection.execute(text("SELECT 6 * 7")).scalar_one()) == 42


async def test_an_error_undoes_everything_and_is_raised_as_it_is(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        settings.put(tx, "digest", "08:00")
        raise KeyError("no such step")

    with pytest.raises(KeyError, match="no such step"):
        await runner.run(work)
    assert await runner.run(read("digest")) is None


async def test_an_os_error_of_a_hook_is_not_taken_for_the_database_s(runner: Runner) -> None:
    def work(_tx: Transaction) -> None:
        raise FileNotFoundError("logo.png")

    with pytest.raises(FileNotFoundError, match=r"logo\.png"):
        await runner.run(work)


async def test_a_broken_constraint_is_raised_and_undone(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        settings.put(tx, "digest", "08:00")
        tx.session.add(Event(subject_kind="request", subject_id=1, name="filed", actor_id=999))

    with pytest.raises(IntegrityError):
        await runner.run(work)
    assert await runner.run(read("digest")) is None


async def test_an_error_does_not_tell_what_people_wrote(runner: Runner) -> None:
    await runner.run(lambda tx: tx.session.add(User(telegram_id=1, full_name="Анна")))

    with pytest.raises(IntegrityError) as error:
        await runner.run(lambda tx: tx.session.add(User(telegram_id=1, full_name="Тайна")))
    assert "Тайна" not in str(error.value)


async def test_the_orm_session_is_flushed_before_the_commit(runner: Runner) -> None:
    await runner.run(lambda tx: tx.session.add(User(telegram_id=1)))

    assert await runner.run(lambda tx: tx.connection.execute(text("SELECT count(*) FROM users")).scalar_one()) == 1


async def test_an_orm_object_stays_readable_after_its_unit(runner: Runner) -> None:
    def work(tx: Transaction) -> User:
        user = User(telegram_id=1, full_name="Анна")
        tx.session.add(user)
        return user

    user = await runner.run(work)
    assert (user.full_name, user.role) == ("Анна", "staff")


async def test_the_clock_is_read_once_for_all_rows_of_a_transaction(database_url: str) -> None:
    clock = ManualClock()
    ticking = open_runner(database_url, lambda: clock.advance(seconds=1))

    def work(tx: Transaction) -> list[Any]:
        people = [User(telegram_id=1), User(telegram_id=2)]
        for user in people:
            tx.session.add(user)
            tx.session.flush()
        settings.put(tx, "digest", 1)
        return [*(user.created_at for user in people), tx.session.get_one(Setting, "digest").updated_at, tx.now]

    first, second = await ticking.run(work), await ticking.run(lambda tx: tx.now)
    await ticking.close()
    assert first == [clock.now - timedelta(seconds=1)] * 4
    assert second == clock.now


async def test_a_signal_is_passed_on_after_the_commit_on_the_event_loop(runner: Runner) -> None:
    happened: list[Any] = []
    loop_thread = threading.current_thread()
    event.listen(runner.engine, "commit", lambda _connection: happened.append("commit"))
    runner.subscribe("delivery", lambda: happened.append(threading.current_thread() is loop_thread))
    runner.subscribe("timers", lambda: happened.append("timers"))

    await runner.run(lambda tx: tx.signal("delivery"))
    assert happened == ["commit", True]


async def test_signals_of_a_failed_unit_are_never_passed_on(runner: Runner) -> None:
    happened: list[str] = []
    runner.subscribe("delivery", lambda: happened.append("told"))

    def work(tx: Transaction) -> None:
        tx.signal("delivery")
        raise KeyError("no such step")

    with pytest.raises(KeyError):
        await runner.run(work)
    assert happened == []


async def test_a_cancelled_caller_does_not_stop_a_unit_half_way(runner: Runner, database_url: str) -> None:
    told: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(tx: Transaction) -> None:
        begun.set()
        if tx.connection.dialect.name == "sqlite":
            go_on.wait(5)
        else:
            tx.connection.execute(text("SELECT pg_sleep(0.2)"))
        settings.put(tx, "digest", 1)
        tx.signal("delivery")

    runner.subscribe("delivery", lambda: told.append("told"))
    task = asyncio.create_task(runner.run(work))
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    await runner.close()
    assert told == ["told"]
    again = open_runner(database_url)
    assert await again.run(read("digest")) == 1
    await again.close()


async def test_closing_waits_for_the_units_that_have_begun(database_url: str) -> None:
    runner = open_runner(database_url)
    running = asyncio.create_task(runner.run(put("digest", 1)))
    await asyncio.sleep(0)
    await runner.close()

    assert running.done()
    again = open_runner(database_url)
    assert await again.run(read("digest")) == 1
    await again.close()


async def test_a_counted_unit_shows_its_statements_and_its_commit(runner: Runner) -> None:
    with count_statements(runner) as counted:
        await runner.run(put("digest", 1))
        await runner.run(read("digest"))

    assert counted.verbs == ["INSERT", "COMMIT", "SELECT", "COMMIT"]


async def test_sqlite_is_durable_and_enforces_foreign_keys(sqlite_url: str) -> None:
    runner = open_runner(sqlite_url)

    def pragmas(tx: Transaction) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await runner.run(pragmas) == ["wal", 2, 1, 5000]
    await runner.close()


async def test_sqlite_units_share_one_thread_and_never_overlap(sqlite_url: str) -> None:
    runner = open_runner(sqlite_url)
    threads: set[str] = set()
    inside: list[int] = []

    def work(tx: Transaction) -> None:
        threads.add(threading.current_thread().name)
        inside.append(1)
        count = settings.get(tx, "count", 0)
        time.sleep(0.001)
        settings.put(tx, "count", count + 1)
        assert inside.pop() == 1
        assert inside == []

    await asyncio.gather(*(runner.run(work) for _ in range(20)))
    assert await runner.run(read("count")) == 20
    assert threads == {"sqlite-writer"}
    await runner.close()


async def test_a_slow_sqlite_unit_leaves_the_event_loop_free(sqlite_url: str) -> None:
    runner = open_runner(sqlite_url)
    released = threading.Event()
    slow = asyncio.create_task(runner.run(lambda _tx: released.wait(5)))
    await asyncio.sleep(0.01)
    released.set()

    assert await slow is True
    await runner.close()


async def test_a_sqlite_file_another_program_writes_to_is_unavailable_for_now(sqlite_url: str) -> None:
    runner = open_runner(sqlite_url)
    await runner.run(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout = 30"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageUnavailable, match="database is locked"):
        await runner.run(put("digest", 1))
    other.execute("ROLLBACK")
    other.close()
    await runner.run(put("digest", 1))
    await runner.close()


async def test_a_sqlite_file_that_cannot_be_opened_is_unavailable() -> None:
    runner = open_runner("sqlite:////nonexistent/folder/zavhoz.db")

    with pytest.raises(StorageUnavailable, match="unable to open database file"):
        await runner.run(put("digest", 1))
    await runner.close()


async def test_a_postgresql_server_that_does_not_answer_is_unavailable() -> None:
    runner = open_runner("postgresql://zavhoz:secret@127.0.0.1:1/zavhoz")

    with pytest.raises(StorageUnavailable) as error:
        await runner.run(put("digest", 1))
    assert "secret" not in str(error.value)
    await runner.close()


async def test_a_postgresql_database_that_does_not_exist_is_unavailable(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url + "_nowhere")

    with pytest.raises(StorageUnavailable, match="does not exist"):
        await runner.run(put("digest", 1))
    await runner.close()


async def test_postgresql_units_run_side_by_side(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    finished: list[str] = []

    def slow(tx: Transaction) -> None:
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        finished.append("slow")

    def holder(tx: Transaction) -> None:
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        tx.connection.execute(text("SELECT pg_sleep(0.2)"))
        finished.append("holder")

    first = asyncio.create_task(runner.run(holder))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(runner.run(slow))
    await runner.run(put("digest", 1))
    finished.append("quick")
    await asyncio.gather(first, second)

    assert finished == ["quick", "holder", "slow"]
    await runner.close()


async def test_units_that_deadlock_both_succeed_in_the_end(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    await runner.run(lambda tx: [settings.put(tx, key, 0) for key in "ab"])
    attempts: list[str] = []

    def crossing(first: str, second: str) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            attempts.append(first)
            for key in (first, second):
                tx.connection.execute(text("SELECT 1 FROM settings WHERE key = :key FOR UPDATE"), {"key": key})
                tx.connection.execute(text("SELECT pg_sleep(0.1)"))
            settings.put(tx, first, settings.get(tx, first) + 1)

        return work

    await asyncio.gather(runner.run(crossing("a", "b")), runner.run(crossing("b", "a")))

    assert [await runner.run(read(key)) for key in "ab"] == [1, 1]
    assert len(attempts) == 3
    await runner.close()


async def test_a_unit_that_always_loses_fails_after_three_retries(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        attempts.append(1)
        tx.connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")

    with capture_logs() as logs, pytest.raises(DBAPIError):
        await runner.run(work)
    assert len(attempts) == 1 + REPEATS
    told = [(each["event"], each["attempt"], each["reason"]) for each in logs]
    assert told == [("unit_repeated", 1 + attempt, "Error") for attempt in range(REPEATS)]
    await runner.close()


async def test_a_connection_dropped_between_units_is_not_noticed(postgresql_url: str) -> None:
    runner, other = open_runner(postgresql_url), open_runner(postgresql_url)
    await runner.run(put("digest", 1))
    await other.run(_drop_the_others)

    assert await runner.run(read("digest")) == 1
    await runner.close()
    await other.close()


async def test_a_connection_dropped_at_the_commit_is_reported_and_not_repeated(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    attempts: list[int] = []

    def work(tx: Transaction) -> None:
        attempts.append(1)
        for statement in _DROPPED_AT_COMMIT:
            tx.connection.exec_driver_sql(statement)
        settings.put(tx, "digest", 1)

    with pytest.raises(StorageUnavailable):
        await runner.run(work)
    assert attempts == [1]
    assert await runner.run(read("digest")) is None
    await runner.close()


def test_an_exhausted_pool_is_unavailable() -> None:
    assert is_unavailable(PoolTimeout(), connecting=True)


def test_a_wrong_statement_is_the_unit_s_own_fault() -> None:
    wrong = DBAPIError("SELEC 1", {}, sqlite3.OperationalError("near SELEC"))

    assert not is_unavailable(wrong, connecting=False)


def _drop_the_others(tx: Transaction) -> None:
    tx.connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
