"""Telegram refuses, breaks down, loses connections, is slow: nothing is lost, and only those are kept waiting whom it
concerns."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from storage.models.tables import outbox
from tests.consistency import assert_consistent
from tests.conversation import MANAGER_ID
from tests.processes import until
from tests.reliability.judging import assert_chats_rest_as_long_as_telegram_asks, assert_each_notice_came_once
from tests.reliability.pace import SCALE, run_down
from tests.reliability.school_day import School

if TYPE_CHECKING:
    from bot.emulator.faults import FaultKind
    from tests.conversation import Actor, Town

SLOW = 0.2 if SCALE == 1 else 3.0
"""Seconds that a call takes while Telegram is slow."""
BETWEEN = 5
"""Seconds between two things that happen: more than any limit of Telegram's makes a single message wait."""

SENT = select(outbox.c.chat_id, outbox.c.created_at, outbox.c.sent_at)


async def _at_work(town: Town) -> tuple[School, list[Any]]:
    """Return a school with three requests, and a card of each in the chats of those who talk about it."""
    school = await School.open(town)
    for author in (school.anna, school.boris, school.vera):
        await author.submit(f"Поломка: {author.person.name}")
    await run_down(town)
    cards = [(school.anna, 1), (school.boris, 2), (school.vera, 3), *((school.olga, number) for number in (1, 2, 3))]
    return school, [(actor, actor.card(number)) for actor, number in cards]


@pytest.mark.parametrize("kinds", [("429",), ("500", "drop_before"), ("429", "500", "drop_before", "drop_after")])
async def test_in_a_storm_of_failures_nothing_is_lost_and_no_chat_is_called_too_early(
    town: Town, kinds: tuple[FaultKind, ...]
) -> None:
    school, cards = await _at_work(town)
    chance = random.Random(len(kinds))  # noqa: S311 - reproducible, not secret
    chats = [*town.emulator.people, None]
    for number in range(20 * SCALE):
        kind, chat_id = chance.choice(kinds), chance.choice(chats)
        town.emulator.faults.add(kind, None, chat_id, times=chance.randint(1, 3), retry_after=chance.randint(1, 40))
        actor, card = chance.choice(cards)
        actor.person.say(f"Слово {number}", card)
        _press_something(chance, school.sergey)
        for _ in range(chance.randint(1, 20)):
            await town.until_idle()
            town.clock.advance(seconds=1)
    hits = sum(order.hits for order in town.emulator.faults.orders)
    town.emulator.faults.clear()
    await run_down(town)

    assert hits > 10
    asked = assert_chats_rest_as_long_as_telegram_asks(town)
    assert asked > 2 or "429" not in kinds
    await assert_each_notice_came_once(town)
    if "drop_after" not in kinds:
        await assert_consistent(town)


def _press_something(chance: random.Random, actor: Actor) -> None:
    """Press a button of some card: the request changes, and with it all its cards."""
    shown = [each for each in actor.messages if each.text.startswith("№") and each.keyboard]
    if shown:
        message = chance.choice(shown)
        actor.person.press_button(message, chance.choice([button for row in message.keyboard for button in row]))


async def test_chats_that_telegram_does_not_serve_keep_no_other_waiting(town: Town) -> None:
    school, cards = await _at_work(town)
    for kind, chat_id in (("429", MANAGER_ID), ("500", 1001), ("drop_before", 1002)):
        town.emulator.faults.add(kind, None, chat_id, times=10_000, retry_after=7)
    for number in range(20):
        town.clock.advance(seconds=BETWEEN)
        actor, card = cards[number % len(cards)]
        actor.person.say(f"Слово {number}", card)
        await town.until_idle()
    rows = await town.app.runner.run(lambda tx: tx.connection.execute(SENT).all())
    waited = {row.chat_id for row in rows if row.sent_at != row.created_at}
    assert waited == {school.anna.person.id, school.boris.person.id, MANAGER_ID}
    assert {row.chat_id for row in rows} - waited == {school.olga.person.id, school.vera.person.id}


async def test_what_people_do_takes_effect_while_telegram_is_slow(town: Town) -> None:
    school, cards = await _at_work(town)
    town.emulator.faults.add("slow", "sendMessage", times=10_000, delay=SLOW)
    for number in range(6):
        actor, card = cards[number]
        actor.person.say(f"Слово {number}", card)
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    school.sergey.person.press_on(school.sergey.card(1), "🔧 Взять")
    await town.app.poller.poll(timeout=0)
    assert await town.value("SELECT count(*) FROM comments") == 6
    assert await town.value("SELECT count(*) FROM events WHERE name = 'take'") == 1
    assert not sending.done()
    await sending
    town.emulator.faults.clear()
    await run_down(town)
    await assert_each_notice_came_once(town)
    await assert_consistent(town)


async def test_a_chat_whose_messages_take_long_keeps_no_other_waiting(town: Town) -> None:
    school, _ = await _at_work(town)
    town.emulator.faults.add("slow", "sendMessage", school.anna.person.id, delay=5 * SLOW)
    before = len(town.emulator.journal.entries)
    for actor in (school.anna, school.boris, school.olga, school.vera):
        actor.person.say("/help")
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())

    async def others_are_served() -> bool:
        return all("Как сообщить" in actor.text for actor in (school.boris, school.olga, school.vera))

    await until(others_are_served)
    (slow,) = [call for call in town.emulator.journal.entries[before:] if call.outcome == "waiting"]
    assert slow.chat_id == school.anna.person.id
    await sending
    assert "Как сообщить" in school.anna.text
