"""Prepared statements do what SQLAlchemy's own execution does, and fail as it does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.database.prepared import Prepared
from storage.database.runner import REPEATS, open_runner
from storage.models.tables import outbox, users

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction

LATER = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
PUT = Prepared(insert(outbox).returning(outbox.c.id))
READ = Prepared(select(outbox).where(outbox.c.id == bindparam("wanted")))
CHANGE = Prepared(update(users).where(users.c.telegram_id == bindparam("telegram")))
ADD = Prepared(insert(users))
END = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid())))


def message(**more: Any) -> dict[str, Any]:
    return {"bot_id": 1, "chat_id": 5, "method": "sendMessage", "payload": {"text": "Кран"}, **more}


async def test_rows_are_those_that_sqlalchemy_reads(runner: Runner, clock: ManualClock) -> None:
    def work(tx: Transaction) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        row_id = PUT.scalar(tx, message(not_before=LATER, link=None))
        usual = tx.connection.execute(select(outbox).where(outbox.c.id == row_id)).mappings().one()
        return READ.one(tx, {"wanted": row_id}), dict(usual)

    prepared, usual = await runner.run(work)
    assert prepared == usual
    assert (usual["payload"], usual["not_before"], usual["link"]) == ({"text": "Кран"}, LATER, None)
    assert (usual["created_at"], usual["rev"], usual["state"]) == (clock.now, 1, "pending")


async def test_other_columns_may_be_written_the_next_time(runner: Runner) -> None:
    def work(tx: Transaction) -> list[Any]:
        rows = [PUT.scalar(tx, message()), PUT.scalar(tx, message(tries=3))]
        return [row["tries"] for row_id in rows if (row := READ.one(tx, {"wanted": row_id}))]

    assert await runner.run(work) == [0, 3]


async def test_a_change_stamps_the_row_and_returns_how_many_there_were(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: ADD.run(tx, {"telegram_id": 1}))
    later = clock.advance(minutes=1)

    assert await runner.run(lambda tx: CHANGE.run(tx, {"telegram": 1, "language": "en"})) == 1
    assert await runner.run(lambda tx: CHANGE.run(tx, {"telegram": 2, "language": "en"})) == 0
    changed = await runner.run(lambda tx: tx.connection.execute(select(users.c.updated_at, users.c.language)).one())
    assert tuple(changed) == (later, "en")


async def test_what_is_not_there_is_none(runner: Runner) -> None:
    assert await runner.run(lambda tx: READ.one(tx, {"wanted": 99})) is None
    assert await runner.run(lambda tx: READ.all(tx, {"wanted": 99})) == []


async def test_an_error_is_raised_as_sqlalchemy_raises_it_without_what_people_wrote(runner: Runner) -> None:
    await runner.run(lambda tx: ADD.run(tx, {"telegram_id": 1, "full_name": "Анна"}))

    with pytest.raises(IntegrityError) as error:
        await runner.run(lambda tx: ADD.run(tx, {"telegram_id": 1, "full_name": "Тайна"}))
    assert "Тайна" not in str(error.value)


async def test_a_unit_that_loses_its_connection_is_run_again_on_another(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    attempts: list[int] = []

    def work(tx: Transaction) -> list[dict[str, Any]]:
        attempts.append(1)
        if len(attempts) == 1:
            END.all(tx, {})
        return READ.all(tx, {"wanted": 1})

    assert await runner.run(work) == []
    assert len(attempts) == 2
    await runner.close()


async def test_a_server_that_came_back_is_reached_at_once_however_many_connections_it_cut(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    await asyncio.gather(*(runner.run(lambda tx: READ.all(tx, {"wanted": 1})) for _ in range(40)))
    operator = await asyncpg.connect(postgresql_url)
    cut = await operator.fetchval(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert cut > REPEATS + 1
    await operator.close()

    assert await runner.run(lambda tx: READ.all(tx, {"wanted": 1})) == []
    await runner.close()
