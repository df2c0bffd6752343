from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from storage.database.runner import Runner, Transaction, open_runner
from storage.models.tables import outbox as table
from storage.outbox import leases, links, messages, queue, screens
from storage.outbox.links import Link
from storage.outbox.messages import Outgoing
from tests.records import BOT, a_person

if TYPE_CHECKING:
    from datetime import datetime

    from bot.scenarios.clock import ManualClock
    from storage.outbox.queue import OutboxRow

SENDER = 71
LEASE = leases.LEASE.total_seconds()


def message(text: str = "Заявка принята", chat_id: int = 1, **fields: Any) -> Outgoing:
    return Outgoing(BOT, chat_id, "sendMessage", {"chat_id": chat_id, "text": text}, **fields)


async def put(runner: Runner, *those: Outgoing) -> list[int]:
    return await runner.run(lambda tx: [messages.put(tx, one) for one in those])


async def lease(runner: Runner, limit: int = 10) -> list[OutboxRow]:
    return await runner.run(lambda tx: queue.lease(tx, BOT, SENDER, limit))


async def next_due(runner: Runner) -> datetime | None:
    return await runner.run(lambda tx: queue.next_due_at(tx, BOT))


async def column_of(runner: Runner, row_id: int, name: str) -> Any:
    query = select(table.c[name]).where(table.c.id == row_id)
    return await runner.run(lambda tx: tx.connection.execute(query).scalar_one())


async def test_a_message_is_leased_as_it_was_queued(runner: Runner, clock: ManualClock) -> None:
    link = Link("card", "request.card", "request", 5)
    [row_id] = await put(runner, message(chat_id=-100500, thread_id=17, link=link))

    [row] = await lease(runner)
    assert (row.id, row.chat_id, row.thread_id, row.method) == (row_id, -100500, 17, "sendMessage")
    assert row.payload == {"chat_id": -100500, "text": "Заявка принята"}
    assert (row.link, row.rev, row.tries, row.sent_message_id, row.created_at) == (link, 1, 0, None, clock.now)


async def test_a_leased_message_is_not_leased_again_until_the_lease_ends(runner: Runner, clock: ManualClock) -> None:
    await put(runner, message())
    assert len(await lease(runner)) == 1

    assert await lease(runner) == []
    clock.advance(seconds=LEASE)
    assert len(await lease(runner)) == 1


async def test_messages_of_one_chat_go_one_by_one_in_order_and_chats_side_by_side(runner: Runner) -> None:
    await put(runner, message("1а"), message("1б"), message("2а", 2), message("1в"), message("2б", 2))

    sent = []
    while rows := await lease(runner):
        sent.append([row.payload["text"] for row in rows])
        for row in rows:
            await runner.run(lambda tx, row=row: messages.mark_sent(tx, row.id, row.rev, 77))
    assert sent == [["1а", "2а"], ["1б", "2б"], ["1в"]]


async def test_no_more_than_the_limit_are_leased(runner: Runner) -> None:
    await put(runner, *(message(chat_id=chat) for chat in range(1, 6)))

    assert [row.chat_id for row in await lease(runner, limit=2)] == [1, 2]
    assert [row.chat_id for row in await lease(runner, limit=9)] == [3, 4, 5]


async def test_another_bot_s_messages_are_left_alone(runner: Runner) -> None:
    await put(runner, replace(message(), bot_id=BOT + 1))

    assert await lease(runner) == []
    assert await next_due(runner) is None


async def test_a_sent_message_is_sent_once_and_remembered_by_its_link(runner: Runner, clock: ManualClock) -> None:
    link = Link("card", "request.card", "request", 5)
    [row_id] = await put(runner, message(link=link))
    [row] = await lease(runner)

    assert await runner.run(lambda tx: messages.mark_sent(tx, row.id, row.rev, 2**33)) is True
    clock.advance(hours=1)
    assert await lease(runner) == []
    found = await runner.run(lambda tx: links.find(tx, BOT, 1, 2**33))
    assert found is not None
    assert found.link == link
    assert await column_of(runner, row_id, "sent_message_id") == 2**33


async def test_a_call_that_makes_no_message_is_sent_without_a_link(runner: Runner) -> None:
    link = Link("card", "request.card", "request", 5)
    [row_id] = await put(runner, message(link=link))
    await lease(runner)

    assert await runner.run(lambda tx: messages.mark_sent(tx, row_id, 1, None)) is True
    assert await runner.run(lambda tx: links.cards_of(tx, BOT, "request", 5)) == []


async def test_a_newer_text_replaces_the_queued_one(runner: Runner) -> None:
    first, other, second = await put(
        runner,
        message("в работе", dedupe_key="card:5"),
        message("другое"),
        message("выполнена", dedupe_key="card:5"),
    )

    assert first == second != other
    [row] = await lease(runner)
    assert (row.payload["text"], row.rev) == ("выполнена", 2)


async def test_the_same_key_in_another_chat_or_bot_is_another_message(runner: Runner) -> None:
    ids = await put(
        runner,
        message(dedupe_key="card:5"),
        message(chat_id=2, dedupe_key="card:5"),
        replace(message(dedupe_key="card:5"), bot_id=BOT + 1),
    )

    assert len(set(ids)) == 3


async def test_a_text_may_be_replaced_after_the_switch_to_a_generic_plan(runner: Runner) -> None:
    # PostgreSQL plans a prepared statement for its parameters five times and for any parameters from then on.
    ids = await put(runner, *(message(f"правка {number}", dedupe_key="card:5") for number in range(12)))

    assert len(set(ids)) == 1
    [row] = await lease(runner)
    assert (row.payload["text"], row.rev) == ("правка 11", 12)


async def test_messages_without_a_key_never_replace_each_other(runner: Runner) -> None:
    assert len(set(await put(runner, message(), message()))) == 2


async def test_a_text_replaced_while_it_was_sent_is_sent_again_as_the_same_message(runner: Runner) -> None:
    link = Link("card", "request.card", "request", 5)
    await put(runner, message("в работе", dedupe_key="card:5", link=link))
    [row] = await lease(runner)
    await put(runner, message("выполнена", dedupe_key="card:5", link=link))

    assert await runner.run(lambda tx: messages.mark_sent(tx, row.id, row.rev, 77)) is False
    assert len(await runner.run(lambda tx: links.cards_of(tx, BOT, "request", 5))) == 1
    [again] = await lease(runner)
    assert (again.id, again.payload["text"], again.rev, again.sent_message_id) == (row.id, "выполнена", 2, 77)
    assert await runner.run(lambda tx: messages.mark_sent(tx, again.id, again.rev, None)) is True
    assert await column_of(runner, row.id, "sent_message_id") == 77


async def test_a_key_is_free_again_once_its_message_is_sent(runner: Runner) -> None:
    [first] = await put(runner, message(dedupe_key="card:5"))
    await lease(runner)
    await runner.run(lambda tx: messages.mark_sent(tx, first, 1, 77))

    assert await put(runner, message(dedupe_key="card:5")) != [first]


async def test_a_failed_message_and_its_chat_wait_for_the_next_try(runner: Runner, clock: ManualClock) -> None:
    first, _, _ = await put(runner, message("1а"), message("1б"), message("2а", 2))
    await lease(runner)
    retry_at = clock.now + timedelta(seconds=LEASE + 30)
    await runner.run(lambda tx: messages.mark_failed(tx, first, "429: retry after 60\0", retry_at))

    clock.advance(seconds=LEASE)
    assert [row.payload["text"] for row in await lease(runner)] == ["2а"]
    clock.advance(seconds=30)
    [row] = [row for row in await lease(runner) if row.chat_id == 1]
    assert (row.payload["text"], row.tries) == ("1а", 1)
    assert await column_of(runner, first, "last_error") == "429: retry after 60"


async def test_a_dead_message_lets_the_next_one_of_its_chat_go(runner: Runner) -> None:
    first, second = await put(runner, message("<b"), message("да"))
    await lease(runner)
    await runner.run(lambda tx: messages.mark_dead(tx, first, 1, "400: can't parse entities"))

    assert [row.id for row in await lease(runner)] == [second]
    assert await column_of(runner, first, "state") == "dead"


async def test_a_newer_text_outlives_the_older_one_that_telegram_refused(runner: Runner) -> None:
    [row_id] = await put(runner, message("<b", dedupe_key="card:5"))
    [older] = await lease(runner)
    await put(runner, message("да", dedupe_key="card:5"))
    await runner.run(lambda tx: messages.mark_dead(tx, older.id, older.rev, "400: can't parse entities"))

    [newer] = await lease(runner)
    assert (newer.id, newer.rev, newer.payload["text"], newer.tries) == (row_id, 2, "да", 0)


async def test_a_message_whose_lease_has_ended_still_goes_before_the_others_of_its_chat(
    runner: Runner, clock: ManualClock
) -> None:
    first, _, other = await put(runner, message("1а"), message("1б"), message("2а", 2))
    await lease(runner)
    clock.advance(seconds=LEASE)

    assert await next_due(runner) == clock.now
    assert [row.id for row in await lease(runner)] == [first, other]


async def test_a_delayed_message_holds_up_no_other(runner: Runner, clock: ManualClock) -> None:
    later = clock.now + timedelta(seconds=30)
    waiting, ready = await put(runner, message("готово", not_before=later), message("вопрос"))

    [row] = await lease(runner)
    assert row.id == ready
    await runner.run(lambda tx: messages.mark_sent(tx, ready, 1, 77))
    assert await lease(runner) == []
    clock.advance(seconds=30)
    assert [row.id for row in await lease(runner)] == [waiting]


async def test_a_cancelled_message_is_never_sent(runner: Runner, clock: ManualClock) -> None:
    later = clock.now + timedelta(seconds=30)
    await put(
        runner,
        message("готово", not_before=later, cancel_key="undo:5"),
        message("готово", 2, not_before=later, cancel_key="undo:5"),
        message("другое", 3, cancel_key="undo:6"),
    )

    assert await runner.run(lambda tx: messages.cancel(tx, "undo:5")) == 2
    assert await runner.run(lambda tx: messages.cancel(tx, "undo:5")) == 0
    clock.advance(minutes=1)
    assert [row.chat_id for row in await lease(runner)] == [3]


async def test_a_message_that_is_out_is_not_taken_back(runner: Runner) -> None:
    [row_id] = await put(runner, message(cancel_key="undo:5"))
    await lease(runner)
    await runner.run(lambda tx: messages.mark_sent(tx, row_id, 1, 77))

    assert await runner.run(lambda tx: messages.cancel(tx, "undo:5")) == 0


async def test_the_outcome_of_a_cancelled_message_hits_no_other(runner: Runner) -> None:
    [cancelled] = await put(runner, message(cancel_key="undo:5"))
    await lease(runner)
    await runner.run(lambda tx: messages.cancel(tx, "undo:5"))
    [other] = await put(runner, message("другое"))

    assert other != cancelled
    assert await runner.run(lambda tx: messages.mark_sent(tx, cancelled, 1, 77)) is False
    assert [row.id for row in await lease(runner)] == [other]


async def test_the_next_due_time_is_the_earliest_of_what_may_go(runner: Runner, clock: ManualClock) -> None:
    start = clock.now
    assert await next_due(runner) is None

    await put(runner, message("позже", not_before=start + timedelta(hours=1)))
    assert await next_due(runner) == start + timedelta(hours=1)

    [failing] = await put(runner, message("сейчас", 2))
    assert await next_due(runner) == start

    await lease(runner)
    assert await next_due(runner) == start + timedelta(seconds=LEASE)

    retry_at = start + timedelta(minutes=10)
    await runner.run(lambda tx: messages.mark_failed(tx, failing, "500", retry_at))
    await put(runner, message("за ним", 2))
    assert await next_due(runner) == retry_at


async def test_a_message_is_stored_with_its_change_or_not_at_all(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        messages.put(tx, message())
        raise KeyError("no such step")

    try:
        await runner.run(work)
    except KeyError:
        assert await next_due(runner) is None


async def test_two_senders_never_lease_the_same_message(postgresql_url: str) -> None:
    first, second = open_runner(postgresql_url), open_runner(postgresql_url)
    await first.run(lambda tx: [messages.put(tx, message(chat_id=chat)) for chat in range(1, 41)])

    def work(tx: Transaction) -> list[int]:
        rows = queue.lease(tx, BOT, SENDER, 10)
        tx.connection.execute(select(func.pg_sleep(0.05)))
        return [row.id for row in rows]

    leased = await asyncio.gather(*(runner.run(work) for runner in (first, second, first, second)))
    assert [len(ids) for ids in leased] == [10, 10, 10, 10]
    assert len({row_id for ids in leased for row_id in ids}) == 40
    await first.close()
    await second.close()


async def test_a_second_sender_leaves_a_chat_to_the_first_one(postgresql_url: str) -> None:
    first, second = open_runner(postgresql_url), open_runner(postgresql_url)
    await first.run(lambda tx: [messages.put(tx, message(text)) for text in ("1а", "1б")])
    leased = asyncio.Event()

    def slow(tx: Transaction) -> list[str]:
        rows = queue.lease(tx, BOT, SENDER, 10)
        leased.set()
        tx.connection.execute(select(func.pg_sleep(0.2)))
        return [row.payload["text"] for row in rows]

    holding = asyncio.create_task(first.run(slow))
    await leased.wait()

    assert await lease(second) == []
    assert await holding == ["1а"]
    await first.close()
    await second.close()


async def test_a_closed_chat_is_given_up_as_a_whole(runner: Runner) -> None:
    ids = await put(runner, message("1а"), message("1б"), message("2а", 2))
    await runner.run(lambda tx: messages.give_up_chat(tx, BOT, 1, "403: bot was blocked by the user"))

    assert [row.id for row in await lease(runner)] == ids[2:]
    assert [await column_of(runner, row_id, "state") for row_id in ids] == ["closed", "closed", "pending"]


async def test_a_chat_is_paused_as_a_whole_and_alone(runner: Runner, clock: ManualClock) -> None:
    await put(runner, message("1а"), message("1б"), message("2а", 2))
    first, _ = await lease(runner)
    await runner.run(lambda tx: messages.pause_chat(tx, BOT, 1, clock.now + timedelta(seconds=40)))
    await runner.run(lambda tx: messages.release(tx, SENDER, [first.id]))

    clock.advance(seconds=39)
    assert await lease(runner) == []
    assert await next_due(runner) == clock.now + timedelta(seconds=1)
    clock.advance(seconds=1)
    assert [row.payload["text"] for row in await lease(runner)] == ["1а"]


async def test_nothing_is_sent_to_a_chat_whose_screen_rests(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: a_person(tx, 1))
    await runner.run(lambda tx: screens.pause_chat(tx, BOT, 1, clock.now + timedelta(seconds=40)))
    await put(runner, message("1а"), message("2а", 2))

    assert [row.payload["text"] for row in await lease(runner)] == ["2а"]
    clock.advance(seconds=39)
    assert await next_due(runner) == clock.now + timedelta(seconds=1)
    clock.advance(seconds=1)
    assert [row.payload["text"] for row in await lease(runner)] == ["1а"]


async def test_what_was_refused_outside_the_outbox_can_be_inspected(runner: Runner) -> None:
    await runner.run(lambda tx: messages.bury(tx, message("<b"), "400: can't parse entities\0"))

    assert await lease(runner) == []
    query = select(table.c.state, table.c.last_error)
    rows = await runner.run(lambda tx: [tuple(row) for row in tx.connection.execute(query)])
    assert rows == [("dead", "400: can't parse entities")]


async def test_a_dropped_message_is_gone(runner: Runner) -> None:
    [row_id] = await put(runner, message())
    await runner.run(lambda tx: messages.drop(tx, row_id))

    assert await lease(runner) == []


async def test_queueing_a_message_signals_the_delivery(runner: Runner) -> None:
    woken: list[str] = []
    runner.subscribe(messages.SIGNAL, lambda: woken.append("delivery"))
    await put(runner, message(), message("ещё"))

    assert woken == ["delivery"]
