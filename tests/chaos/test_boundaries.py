"""The boundaries at which bots are killed are where their names say."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import bindparam, update

from storage.database.prepared import Prepared
from storage.database.runner import open_runner
from storage.models.tables import outbox as table
from storage.outbox import messages, queue
from storage.outbox.messages import Outgoing
from tests.chaos.commits import REPLACED, announce_commits

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database.transaction import Transaction

BOT = 7
_GIVE_UP = Prepared(update(table).values(state=bindparam("given")))
COUNT = "SELECT count(*) FROM outbox WHERE state = 'pending'"


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put everything back afterwards."""
    for owner, name in REPLACED:
        monkeypatch.setattr(owner, name, getattr(owner, name))


def _seen_by_others(url: str) -> int:
    """Count the messages that wait, in another connection, while ours is at its commit."""
    if url.startswith("sqlite"):
        return int(sqlite3.connect(url.removeprefix("sqlite:///")).execute(COUNT).fetchone()[0])

    async def count() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int((await connection.fetchrow(COUNT))[0])
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        return elsewhere.submit(asyncio.run, count()).result()


def _put(tx: Transaction) -> None:
    messages.put(tx, Outgoing(BOT, 1, "sendMessage", {"call": {"text": "да"}}))


def _give_up(tx: Transaction) -> None:
    messages.give_up_chat(tx, BOT, 1, "403")


def _give_up_alone(tx: Transaction) -> None:
    # On PostgreSQL a transaction of its own.
    _GIVE_UP.run_alone(tx, {"given": "dead"})


@pytest.mark.usefixtures("replaced")
@pytest.mark.parametrize(("work", "before", "after"), [(_put, 1, 2), (_give_up, 1, 0), (_give_up_alone, 1, 0)])
async def test_a_commit_is_where_its_boundaries_say(
    durable_url: str, work: Callable[[Transaction], None], before: int, after: int
) -> None:
    runner = open_runner(durable_url)
    await runner.run(_put)
    passed: list[tuple[str, int]] = []
    announce_commits(lambda boundary: passed.append((boundary, _seen_by_others(durable_url))))
    await runner.run(work)
    await runner.close()

    assert passed == [("before_commit", before), ("after_commit", after)]


@pytest.mark.usefixtures("replaced")
async def test_a_commit_of_nothing_is_no_boundary(durable_url: str) -> None:
    runner = open_runner(durable_url)
    passed: list[str] = []
    announce_commits(passed.append)
    await runner.run(lambda tx: (queue.lease(tx, BOT, 1, 10), messages.cancel(tx, "nothing")))
    await runner.run(lambda tx: queue.next_due_at(tx, BOT))
    await runner.close()

    assert passed == []
