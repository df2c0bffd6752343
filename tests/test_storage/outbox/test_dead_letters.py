from __future__ import annotations

from typing import TYPE_CHECKING

from storage.outbox import dead_letters, messages, queue
from storage.outbox.messages import Outgoing
from tests.records import BOT

if TYPE_CHECKING:
    from storage.database.runner import Runner
    from storage.database.transaction import Transaction


def card(text: str, key: str | None) -> Outgoing:
    return Outgoing(BOT, 1, "editMessageText", {"call": {"text": text}}, dedupe_key=key)


def given_up(tx: Transaction, text: str, key: str | None) -> int:
    row_id = messages.put(tx, card(text, key))
    messages.mark_dead(tx, row_id, 1, "Bad Request: no")
    return row_id


async def test_all_are_queued_again_but_those_with_a_newer_text(runner: Runner) -> None:
    plain = await runner.run(lambda tx: given_up(tx, "Принято", None))
    older = await runner.run(lambda tx: given_up(tx, "до", "card:1"))
    newer = await runner.run(lambda tx: given_up(tx, "после", "card:1"))

    assert await runner.run(lambda tx: dead_letters.retry(tx, None)) == 2
    assert [row.id for row in await runner.run(dead_letters.kept)] == [older]
    leased = await runner.run(lambda tx: queue.lease(tx, BOT, 10, 60))
    assert [(row.id, row.tries) for row in leased] == [(plain, 0)]
    await runner.run(lambda tx: messages.mark_sent(tx, plain, 1, None))
    assert [row.id for row in await runner.run(lambda tx: queue.lease(tx, BOT, 10, 60))] == [newer]


async def test_a_text_is_not_sent_after_a_newer_one_that_waits_or_was_sent(runner: Runner) -> None:
    older = await runner.run(lambda tx: given_up(tx, "до", "card:1"))
    newer = await runner.run(lambda tx: messages.put(tx, card("после", "card:1")))

    assert await runner.run(lambda tx: dead_letters.retry(tx, [older])) == 0
    await runner.run(lambda tx: messages.mark_sent(tx, newer, 1, None))
    assert await runner.run(lambda tx: dead_letters.retry(tx, [older])) == 0


async def test_what_could_not_reach_a_chat_that_was_closed_is_listed_too_and_goes_when_it_is_retried(
    runner: Runner,
) -> None:
    blocked = await runner.run(lambda tx: messages.put(tx, card("Принято", None)))
    await runner.run(lambda tx: messages.give_up_chat(tx, BOT, 1, "Forbidden: bot was blocked by the user"))

    assert [row.id for row in await runner.run(dead_letters.kept)] == [blocked]
    assert await runner.run(lambda tx: dead_letters.retry(tx, None)) == 1
    assert len(await runner.run(lambda tx: queue.lease(tx, BOT, 10, 60))) == 1


async def test_only_what_was_given_up_is_retried_or_forgotten(runner: Runner) -> None:
    waiting = await runner.run(lambda tx: messages.put(tx, card("Принято", None)))

    assert await runner.run(lambda tx: dead_letters.retry(tx, [waiting])) == 0
    assert await runner.run(lambda tx: dead_letters.drop(tx, [waiting])) == 0
    assert len(await runner.run(lambda tx: queue.lease(tx, BOT, 10, 60))) == 1
