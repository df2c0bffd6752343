from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.dialogs import conversations
from storage.outbox import screens
from storage.outbox.leases import LEASE
from storage.outbox.screens import PendingScreen, Receipt
from tests.records import BOT, private_key

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction
    from storage.dialogs.conversations import StoredConversation

SENDER, OTHER = 71, 72


def show(tx: Transaction, telegram_id: int, text: str, worker: int | None = None) -> PendingScreen | None:
    """Do what a step does: a new screen, one revision on, taken by a process if one is named."""
    stored = conversations.load(tx, private_key(telegram_id))
    stored.screen = {"text": text}
    stored.screen_rev += 1
    taken = screens.take(stored, worker, tx.now, new=True) if worker else None
    conversations.save(tx, stored)
    return taken


async def load(runner: Runner, telegram_id: int = 1) -> StoredConversation:
    return await runner.run(lambda tx: conversations.load(tx, private_key(telegram_id)))


async def lease(runner: Runner, worker: int = SENDER, limit: int = 10) -> list[PendingScreen]:
    return await runner.run(lambda tx: screens.lease(tx, BOT, worker, limit))


async def mark(runner: Runner, *news: Receipt) -> list[bool]:
    return await runner.run(lambda tx: screens.mark_shown(tx, news))


async def next_due(runner: Runner, *in_hand: int) -> object:
    return await runner.run(lambda tx: screens.next_due_at(tx, BOT, in_hand))


async def test_a_new_screen_is_handed_to_the_process_that_drew_it(runner: Runner) -> None:
    taken = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))

    stored = await load(runner)
    assert taken == PendingScreen(
        stored.id, private_key(1), {"text": "Меню"}, 1, None, [], 0, new=True, user_id=stored.person.id
    )
    assert await lease(runner, OTHER) == []


@pytest.mark.parametrize("recorded_first", [True, False])
async def test_a_screen_drawn_around_the_recording_of_the_one_before_need_not_be_read(
    runner: Runner, recorded_first: bool
) -> None:
    def draw(tx: Transaction) -> PendingScreen | None:
        stored = conversations.load(tx, private_key(1))
        stored.outdated = [*stored.outdated, 5, 6]
        conversations.save(tx, stored)
        return show(tx, 1, "Опишите", SENDER)

    first = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert first
    news = Receipt(first.conversation_id, 1, 77, [5])
    if recorded_first:
        await mark(runner, news)
    handed = await runner.run(draw)
    if not recorded_first:
        await mark(runner, news)

    assert handed
    read = await runner.run(lambda tx: screens.current(tx, first.conversation_id, SENDER))
    assert replace(screens.since(handed, news), new=False) == read


async def test_a_delivered_screen_waits_no_more(runner: Runner) -> None:
    await runner.run(lambda tx: show(tx, 1, "Меню"))
    [found] = await lease(runner)
    assert await mark(runner, Receipt(found.conversation_id, 1, 2**33)) == [True]

    assert await lease(runner) == []
    assert await next_due(runner) is None
    stored = await load(runner)
    assert (stored.sent_rev, stored.message_id, stored.screen_leased_by) == (1, 2**33, None)
    assert await runner.run(lambda tx: screens.current(tx, found.conversation_id, SENDER)) is None


async def test_a_screen_that_changed_while_it_was_sent_is_its_sender_s_to_go_on_with(
    runner: Runner, clock: ManualClock
) -> None:
    first = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert first
    assert await runner.run(lambda tx: show(tx, 1, "Опишите", OTHER)) is None
    clock.advance(seconds=50)
    assert await mark(runner, Receipt(first.conversation_id, 1, 77)) == [False]

    clock.advance(seconds=50)
    assert await lease(runner, OTHER) == []
    newest = await runner.run(lambda tx: screens.current(tx, first.conversation_id, SENDER))
    assert newest == replace(first, screen={"text": "Опишите"}, rev=2, message_id=77, new=False, sent_rev=1)
    assert await runner.run(lambda tx: screens.current(tx, first.conversation_id, OTHER)) is None


async def test_a_lease_ends_and_another_process_goes_on(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert await next_due(runner) == clock.now + LEASE
    clock.advance(seconds=LEASE.total_seconds())

    assert len(await lease(runner, OTHER)) == 1
    assert await lease(runner, SENDER) == []


async def test_a_screen_drawn_after_a_lease_has_ended_is_leased(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    clock.advance(seconds=LEASE.total_seconds())

    assert await runner.run(lambda tx: show(tx, 1, "Опишите", OTHER))


async def test_a_late_receipt_of_an_older_screen_changes_nothing(runner: Runner) -> None:
    await runner.run(lambda tx: show(tx, 1, "Меню"))
    await runner.run(lambda tx: show(tx, 1, "Опишите"))
    [found] = await lease(runner)
    await mark(runner, Receipt(found.conversation_id, 2, 78))
    await mark(runner, Receipt(found.conversation_id, 1, 77))

    stored = await load(runner)
    assert (stored.sent_rev, stored.message_id) == (2, 78)


async def test_messages_whose_buttons_are_gone_are_forgotten_and_others_stay(runner: Runner) -> None:
    def retire(tx: Transaction) -> int:
        show(tx, 1, "Меню")
        stored = conversations.load(tx, private_key(1))
        stored.outdated = [5, 6, 7]
        conversations.save(tx, stored)
        return stored.id

    conversation_id = await runner.run(retire)
    await mark(runner, Receipt(conversation_id, 1, 8, [5, 7]))

    assert (await load(runner)).outdated == [6]


async def test_a_screen_given_up_leaves_the_message_before_it(runner: Runner) -> None:
    taken = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert taken
    await mark(runner, Receipt(taken.conversation_id, 1, 77))
    await runner.run(lambda tx: show(tx, 1, "Опишите"))
    await mark(runner, Receipt(taken.conversation_id, 2, None))

    stored = await load(runner)
    assert (stored.sent_rev, stored.message_id) == (2, 77)


async def test_many_screens_are_recorded_at_once(runner: Runner) -> None:
    for who in (1, 2, 3):
        await runner.run(lambda tx, who=who: show(tx, who, "Меню"))
    found = await lease(runner)
    await runner.run(lambda tx: show(tx, 2, "Опишите"))
    news = [Receipt(each.conversation_id, 1, 70 + number) for number, each in enumerate(found)]

    assert await mark(runner, *news, Receipt(999, 1, 5)) == [True, False, True, False]
    assert [(await load(runner, who)).message_id for who in (1, 2, 3)] == [70, 71, 72]


async def test_after_a_restart_every_undelivered_screen_of_the_bot_is_found(runner: Runner) -> None:
    for who in (1, 2, 3):
        await runner.run(lambda tx, who=who: show(tx, who, "Меню"))
    assert await runner.run(lambda tx: screens.lease(tx, BOT + 1, SENDER, 10)) == []
    [first] = await lease(runner, limit=1)
    await mark(runner, Receipt(first.conversation_id, 1, 77))

    assert len(await lease(runner)) == 2


async def test_a_screen_that_failed_backs_off_and_counts_its_failures(runner: Runner, clock: ManualClock) -> None:
    taken = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert taken
    until = clock.now + timedelta(seconds=4)
    await runner.run(lambda tx: screens.postpone(tx, taken.conversation_id, until))

    assert await runner.run(lambda tx: show(tx, 1, "Опишите", SENDER)) is None
    assert await lease(runner) == []
    assert await next_due(runner) == until
    assert await next_due(runner, taken.conversation_id) is None
    clock.advance(seconds=4)
    [again] = await lease(runner)
    assert (again.screen, again.tries) == ({"text": "Опишите"}, 1)
    await mark(runner, Receipt(again.conversation_id, 2, 77))
    assert (await load(runner)).screen_tries == 0


async def test_a_pause_that_telegram_asked_for_outlasts_a_screen_that_was_just_sent(
    runner: Runner, clock: ManualClock
) -> None:
    taken = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert taken
    await runner.run(lambda tx: screens.pause_chat(tx, BOT, 1, clock.now + timedelta(seconds=4)))
    await mark(runner, Receipt(taken.conversation_id, 1, 77))

    assert await runner.run(lambda tx: show(tx, 1, "Опишите", SENDER)) is None


async def test_a_receipt_that_comes_twice_does_not_move_a_screen_that_was_drawn_with_it(runner: Runner) -> None:
    def answer(tx: Transaction) -> None:
        stored = conversations.load(tx, private_key(1))
        stored.message_id = 55
        conversations.save(tx, stored)
        show(tx, 1, "Опишите", SENDER)

    first = await runner.run(lambda tx: show(tx, 1, "Меню", SENDER))
    assert first
    news = Receipt(first.conversation_id, 1, 77)
    await mark(runner, news)
    await runner.run(answer)
    assert await mark(runner, news) == [False]
    assert (await load(runner)).message_id == 55
