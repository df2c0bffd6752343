"""Whose turn it is: the next message of a chat is taken as the one before it is recorded."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import select

from storage.database.runner import open_runner
from storage.models.tables import outbox as table
from storage.outbox import leases, messages, queue, screens
from storage.outbox.messages import Outgoing
from tests.records import BOT, a_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner
    from storage.database.transaction import Transaction
    from storage.outbox.queue import OutboxRow

SENDER, OTHER = 71, 72


def message(text: str, chat_id: int = 1, **fields: Any) -> Outgoing:
    return Outgoing(BOT, chat_id, "sendMessage", {"text": text}, **fields)


async def put(runner: Runner, *those: Outgoing) -> list[int]:
    return await runner.run(lambda tx: [messages.put(tx, one) for one in those])


async def lease(runner: Runner) -> list[OutboxRow]:
    return await runner.run(lambda tx: queue.lease(tx, BOT, SENDER, 10))


async def record(runner: Runner, row: OutboxRow, worker: int = SENDER) -> OutboxRow | None:
    """Record that a message was sent, and take the next one of its chat."""

    def end(tx: Transaction) -> OutboxRow | None:
        messages.mark_sent(tx, row.id, row.rev, 77)
        return queue.lease_next(tx, BOT, row.chat_id, worker)

    return await runner.run(end)


async def lease_next(runner: Runner) -> OutboxRow | None:
    return await runner.run(lambda tx: queue.lease_next(tx, BOT, 1, SENDER))


async def test_the_messages_of_a_chat_follow_each_other_without_polling_the_others(runner: Runner) -> None:
    await put(runner, message("1а"), message("2а", 2), message("1б"), message("2б", 2), message("1в"))
    row: OutboxRow | None
    row, _ = await lease(runner)

    sent = []
    while row:
        sent.append(row.payload["text"])
        row = await record(runner, row)
    assert sent == ["1а", "1б", "1в"]


async def test_the_next_message_of_a_chat_is_leased_like_any_other(runner: Runner, clock: ManualClock) -> None:
    await put(runner, message("1а"), message("1б"))
    [first] = await lease(runner)
    await record(runner, first, OTHER)

    assert await lease(runner) == []
    query = select(table.c.leased_by, table.c.leased_until).where(table.c.id != first.id)
    rows = await runner.run(lambda tx: [tuple(row) for row in tx.connection.execute(query)])
    assert rows == [(OTHER, clock.now + leases.LEASE)]


async def test_no_message_is_leased_next_while_one_is_being_sent(runner: Runner) -> None:
    await put(runner, message("1а"), message("1б"))
    await lease(runner)

    assert await lease_next(runner) is None


async def test_another_bot_s_message_follows_none_of_ours(runner: Runner) -> None:
    await put(runner, message("1а"), Outgoing(BOT + 1, 1, "sendMessage", {}))
    [first] = await lease(runner)

    assert await record(runner, first) is None


async def test_a_newer_text_that_came_meanwhile_follows_the_older_one(runner: Runner) -> None:
    await put(runner, message("в работе", dedupe_key="card:5"), message("другое"))
    [older] = await lease(runner)
    await put(runner, message("выполнена", dedupe_key="card:5"))

    newer = await record(runner, older)
    assert newer
    assert (newer.id, newer.payload["text"], newer.rev, newer.sent_message_id) == (older.id, "выполнена", 2, 77)


async def test_a_text_that_was_replaced_while_it_waited_follows_as_it_is_by_then(runner: Runner) -> None:
    await put(runner, message("другое"), message("в работе", dedupe_key="card:5"))
    [first] = await lease(runner)
    await put(runner, message("выполнена", dedupe_key="card:5"))

    following = await record(runner, first)
    assert following
    assert (following.payload["text"], following.sent_message_id) == ("выполнена", None)


def _fails(tx: Transaction, row_id: int) -> None:
    messages.mark_failed(tx, row_id, "500", tx.now + timedelta(seconds=40))


def _pauses(tx: Transaction, row_id: int) -> None:
    messages.pause_chat(tx, BOT, 1, tx.now + timedelta(seconds=40))
    messages.release(tx, SENDER, [row_id])


def _screen_rests(tx: Transaction, row_id: int) -> None:
    messages.mark_dead(tx, row_id, 1, "400")
    a_person(tx, 1)
    screens.pause_chat(tx, BOT, 1, tx.now + timedelta(seconds=40))


@pytest.mark.parametrize("happens", [_fails, _pauses, _screen_rests])
async def test_no_message_is_leased_next_in_a_paused_chat(
    runner: Runner, clock: ManualClock, happens: Callable[[Transaction, int], None]
) -> None:
    await put(runner, message("1а"), message("1б"))
    [first] = await lease(runner)
    await runner.run(lambda tx: happens(tx, first.id))

    assert await lease_next(runner) is None
    clock.advance(seconds=39)
    assert await lease_next(runner) is None
    clock.advance(seconds=1)
    assert await lease_next(runner) is not None


async def test_a_message_that_waits_for_its_hour_does_not_follow_before_it(runner: Runner, clock: ManualClock) -> None:
    later = clock.now + timedelta(seconds=30)
    await put(runner, message("вопрос"), message("готово", not_before=later), message("ещё"))
    [first] = await lease(runner)

    second = await record(runner, first)
    assert second
    assert second.payload["text"] == "ещё"
    assert await record(runner, second) is None
    clock.advance(seconds=30)
    third = await lease_next(runner)
    assert third
    assert third.payload["text"] == "готово"


async def test_the_next_poll_is_in_time_for_what_is_queued_behind(runner: Runner, clock: ManualClock) -> None:
    later = clock.now + timedelta(seconds=30)
    await put(runner, message("вопрос"), message("готово", not_before=later))
    await lease(runner)

    assert await runner.run(lambda tx: queue.next_due_at(tx, BOT)) == later


async def test_a_message_put_off_is_polled_for_when_it_is_due(runner: Runner) -> None:
    [row_id] = await put(runner, message("1а"))
    woken: list[str] = []
    runner.subscribe(messages.SIGNAL, lambda: woken.append("delivery"))
    await runner.run(lambda tx: _fails(tx, row_id))
    await runner.run(lambda tx: _pauses(tx, row_id))

    assert woken == ["delivery", "delivery"]


async def test_a_message_that_is_being_changed_is_not_leased_next_and_keeps_its_place(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    _, changing, _ = await put(runner, message("1а"), message("1б"), message("1в"))
    [row] = await lease(runner)

    unit = await asyncpg.connect(postgresql_url)
    async with asyncio.timeout(10), unit.transaction():
        await unit.execute("SELECT 1 FROM outbox WHERE id = $1 FOR UPDATE", changing)
        assert await record(runner, row) is None
    assert [each.id for each in await lease(runner)] == [changing]
    await unit.close()
    await runner.close()


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda tx: queue.lease(tx, BOT, SENDER, 10), id="taking the first of each chat"),
        pytest.param(lambda tx: queue.lease_next(tx, BOT, 1, SENDER), id="taking the next of a chat"),
        pytest.param(lambda tx: queue.next_due_at(tx, BOT), id="finding out when to look"),
    ],
)
async def test_thousands_of_messages_in_a_chat_make_no_poll_any_slower(
    sqlite_url: str, look: Callable[[Transaction], Any]
) -> None:
    runner = open_runner(sqlite_url)
    prices = []
    for more in (10, 2000):
        await put(runner, *(message(f"{number}") for number in range(more)))
        await runner.run(look)
        await runner.run(lambda tx: leases.release(tx, SENDER))
        prices.append(await runner.run(lambda tx: _steps(tx, look)))
        await runner.run(lambda tx: leases.release(tx, SENDER))
    assert prices[0] == prices[1] > 0
    await runner.close()


def _steps(tx: Transaction, look: Callable[[Transaction], Any]) -> int:
    """Return how many instructions SQLite runs, which is the same every time."""
    driver: Any = tx.connection.connection.driver_connection
    steps = itertools.count()
    driver.set_progress_handler(lambda: next(steps) < 0, 1)
    look(tx)
    driver.set_progress_handler(None, 1)
    return next(steps)


async def test_a_pause_leaves_the_lease_of_what_another_process_is_sending(runner: Runner, clock: ManualClock) -> None:
    await put(runner, message("1а"))
    [row] = await lease(runner)

    def rest(tx: Transaction) -> None:
        messages.pause_chat(tx, BOT, 1, tx.now + timedelta(seconds=4))
        messages.release(tx, OTHER, [row.id])

    await runner.run(rest)
    clock.advance(seconds=5)
    assert await lease(runner) == []
    await runner.run(lambda tx: messages.release(tx, SENDER, [row.id]))
    assert [again.id for again in await lease(runner)] == [row.id]
