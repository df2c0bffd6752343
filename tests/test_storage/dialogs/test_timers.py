"""What time is to do: found when it is due, in order, by one process at a time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.util import await_only

from storage.database.runner import open_runner
from storage.dialogs import conversations, timers
from storage.models.tables import timers as table
from tests.records import BOT, a_person, private_key

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction

HOUR = timedelta(hours=1)


def armed(tx: Transaction, subject_id: int = 1, *, fresh: bool = False, **hours: int) -> None:
    due = {name: tx.now + number * HOUR for name, number in hours.items()}
    timers.arm(tx, "request", subject_id, "open", due, fresh=fresh)


def rows(tx: Transaction) -> list[Any]:
    return list(tx.connection.execute(select(table).order_by(table.c.id)).mappings())


def silent(tx: Transaction, telegram_id: int, hours: int, bot_id: int = BOT) -> int:
    key = conversations.ConversationKey(bot_id, telegram_id, 0, telegram_id)
    stored = conversations.load(tx, key)
    stored.timer_at = tx.now + hours * HOUR
    conversations.save(tx, stored)
    return stored.id


async def test_deadlines_are_found_when_they_are_due_the_oldest_first(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: armed(tx, 1, later=3, sooner=1, latest=9))
    assert await runner.run(lambda tx: timers.due(tx, 10)) == []
    clock.advance(hours=3)
    found = await runner.run(lambda tx: timers.due(tx, 10))
    assert [(row.subject_kind, row.subject_id, row.name, row.state, row.tries) for row in found] == [
        ("request", 1, "sooner", "open", 0),
        ("request", 1, "later", "open", 0),
    ]
    assert [row.name for row in await runner.run(lambda tx: timers.due(tx, 1))] == ["sooner"]


async def test_new_deadlines_take_the_place_of_those_before_and_leave_others_alone(runner: Runner) -> None:
    await runner.run(lambda tx: armed(tx, 1, first=1, second=2))
    await runner.run(lambda tx: armed(tx, 2, fresh=True, first=1))
    await runner.run(lambda tx: armed(tx, 1, first=5))
    kept = await runner.run(rows)
    assert [(row["subject_id"], row["name"]) for row in kept] == [(2, "first"), (1, "first")]
    assert kept[1]["due_at"] - kept[1]["since"] == 5 * HOUR
    await runner.run(lambda tx: armed(tx, 1))
    assert [row["subject_id"] for row in await runner.run(rows)] == [2]


async def test_a_deadline_that_has_fired_is_due_again_or_deleted(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: armed(tx, 1, once=1, often=1))
    once, often = await runner.run(rows)
    await runner.run(lambda tx: timers.mark_failed(tx, often["id"], "No\0", tx.now))
    await runner.run(lambda tx: timers.again(tx, once["id"], None))
    await runner.run(lambda tx: timers.again(tx, often["id"], tx.now + 7 * HOUR))
    (kept,) = await runner.run(rows)
    assert (kept["name"], kept["due_at"], kept["fired"]) == ("often", clock.now + 7 * HOUR, 1)
    assert (kept["tries"], kept["last_error"]) == (0, None)


async def test_a_deadline_that_failed_too_often_is_kept_but_not_due(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: armed(tx, 1, broken=1))
    clock.advance(hours=1)
    for tries in range(timers.MOST_TRIES):
        (due,) = await runner.run(lambda tx: timers.due(tx, 10))
        assert due.tries == tries
        await runner.run(lambda tx, due=due: timers.mark_failed(tx, due.id, "No\0 way", tx.now))
    assert await runner.run(lambda tx: timers.due(tx, 10)) == []
    assert await runner.run(lambda tx: timers.lock(tx, due.id)) is None
    assert await runner.run(lambda tx: timers.next_due_at(tx, BOT)) is None
    assert [(row["tries"], row["last_error"]) for row in await runner.run(rows)] == [(5, "No way")]


async def test_conversations_are_found_when_their_timer_is_due(runner: Runner, clock: ManualClock) -> None:
    later = await runner.run(lambda tx: silent(tx, 1, 2))
    sooner = await runner.run(lambda tx: silent(tx, 2, 1))
    await runner.run(lambda tx: silent(tx, 3, 3))
    await runner.run(lambda tx: silent(tx, 4, 1, bot_id=BOT + 1))
    await runner.run(lambda tx: a_person(tx, 5))
    clock.advance(hours=2)
    assert await runner.run(lambda tx: timers.due_conversations(tx, BOT, 10)) == [sooner, later]
    assert await runner.run(lambda tx: timers.due_conversations(tx, BOT, 1)) == [sooner]


async def test_a_due_conversation_is_loaded_with_its_person_and_key(runner: Runner, clock: ManualClock) -> None:
    found = await runner.run(lambda tx: silent(tx, 1, 1))
    assert await runner.run(lambda tx: conversations.load_due(tx, found)) is None
    clock.advance(hours=1)
    stored = await runner.run(lambda tx: conversations.load_due(tx, found))
    assert stored is not None
    assert (stored.id, stored.key, stored.person.telegram_id) == (found, private_key(1), 1)
    assert stored.timer_at == clock.now


async def test_the_next_moment_is_the_sooner_one_of_both_kinds(runner: Runner, clock: ManualClock) -> None:
    assert await runner.run(lambda tx: timers.next_due_at(tx, BOT)) is None
    await runner.run(lambda tx: armed(tx, 1, late=5))
    assert await runner.run(lambda tx: timers.next_due_at(tx, BOT)) == clock.now + 5 * HOUR
    await runner.run(lambda tx: silent(tx, 1, 2))
    assert await runner.run(lambda tx: timers.next_due_at(tx, BOT)) == clock.now + 2 * HOUR
    assert await runner.run(lambda tx: timers.next_due_at(tx, BOT + 1)) == clock.now + 5 * HOUR


async def test_what_another_process_has_locked_is_skipped(postgresql_url: str, clock: ManualClock) -> None:
    first, second = open_runner(postgresql_url, clock), open_runner(postgresql_url, clock)
    conversation_id = await first.run(lambda tx: silent(tx, 1, 1))
    await first.run(lambda tx: armed(tx, 1, only=1))
    clock.advance(hours=1)
    (due,) = await first.run(lambda tx: timers.due(tx, 10))
    claim = partial(timers.lock, timer_id=due.id)
    load = partial(conversations.load_due, conversation_id=conversation_id)

    def while_held(tx: Transaction) -> list[Any]:
        mine = [claim(tx), load(tx)]
        return [*mine, await_only(second.run(claim)), await_only(second.run(load))]

    timer, stored, *others = await first.run(while_held)
    assert timer
    assert stored
    assert others == [None, None]
    assert await second.run(claim) == timer
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            "SELECT id FROM conversations WHERE bot_id = 1 AND timer_at <= '2026-01-01' ORDER BY timer_at LIMIT 50",
            "ix_conversations_timer_at",
        ),
        (
            "SELECT min(timer_at) FROM conversations WHERE bot_id = 1 AND timer_at IS NOT NULL",
            "ix_conversations_timer_at",
        ),
        (
            "SELECT id FROM timers WHERE tries < 5 AND due_at <= '2026-01-01' ORDER BY due_at LIMIT 50",
            "ix_timers_due_at",
        ),
        ("SELECT min(due_at) FROM timers WHERE tries < 5", "ix_timers_due_at"),
    ],
)
async def test_what_is_due_is_found_by_an_index(runner: Runner, statement: str, index: str) -> None:
    def plan(tx: Transaction) -> str:
        if tx.connection.dialect.name == "sqlite":
            explained = tx.connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))
        else:
            tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
            explained = tx.connection.execute(text(f"EXPLAIN {statement}"))
        return "\n".join(str(row) for row in explained)

    assert index in await runner.run(plan)
