"""A chat in which much waits: one message follows the other without a look at all chats, and nobody else suffers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from bot import app as composition
from bot.app import running
from bot.emulator.session import EmulatorSession
from storage.outbox import messages
from storage.outbox.links import Link
from storage.outbox.messages import Outgoing
from tests.conversation import Town
from tests.databases import count_statements
from tests.waiting import eventually

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.methods import TelegramMethod

    from engine.compiled import CompiledFlows
    from storage.database.transaction import Transaction
    from tests.conversation import Actor

WORDS = [f"Объявление {number}" for number in range(1, 9)]
STATES = "SELECT state, count(*) FROM outbox GROUP BY state"


@pytest.fixture
def town(city: Town) -> Town:
    """Give the town on each kind of database."""
    return city


async def _put(town: Town, chat_id: int, *words: str, link: Link | None = None, key: str | None = None) -> None:
    bot_id = town.app.bot.id

    def put(tx: Transaction) -> None:
        for each in words:
            call = {"call": {"text": each}}
            messages.put(tx, Outgoing(bot_id, chat_id, "sendMessage", call, link=link, dedupe_key=key))

    await town.app.runner.run(put)


def _announced(actor: Actor) -> list[str]:
    return [told for told in actor.texts if told.startswith("Объявление")]


async def test_each_message_that_waits_costs_three_writes_and_the_commit(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    prices = []
    for count in (1, 9):
        await _put(town, 1001, *("Объявление" for _ in range(count)), link=Link("notice", "request.taken"))
        with count_statements(town.app.runner) as counted:
            await town.app.delivery.flush()
        prices.append(counted.verbs)
    assert len(_announced(anna)) == 10
    few, many = map(Counter, prices)
    # It is recorded, it is remembered, the next one is taken.
    assert many - few == {"UPDATE": 8, "INSERT": 8, "WITH": 8, "COMMIT": 8}


async def test_they_come_in_their_order_and_once(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS


async def test_one_that_telegram_refuses_does_not_hold_up_the_others(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("slow", "sendMessage", times=2, delay=0.01)
    town.emulator.faults.add("400", "sendMessage")
    await town.app.delivery.flush()
    assert _announced(anna) == [*WORDS[:2], *WORDS[3:]]


async def test_a_pause_that_telegram_asks_for_in_between_is_kept_by_all_that_follow(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("slow", "sendMessage", times=2, delay=0.01)
    town.emulator.faults.add("429", "sendMessage", retry_after=40)
    await town.app.delivery.flush()
    town.clock.advance(seconds=39)
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS[:2]
    assert len(town.emulator.journal.calls("sendMessage", chat_id=1001)) == 4
    town.clock.advance(seconds=1)
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS


async def test_a_message_in_hand_keeps_the_pause_that_the_screen_before_it_was_told_of(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    slow = town.emulator.faults.add("slow", "sendMessage", delay=0.3)
    anna.person.say("/help")
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    town.emulator.faults.add("429", "sendMessage", retry_after=40)
    anna.person.say("/menu")
    await town.app.poller.poll(timeout=0)
    await _put(town, 1001, *WORDS[:2])
    await town.app.delivery.flush()
    await sending
    town.clock.advance(seconds=39)
    await town.app.delivery.flush()
    assert len(town.emulator.journal.calls("sendMessage", chat_id=1001)) == 3
    town.clock.advance(seconds=1)
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS[:2]


async def test_whoever_blocks_the_bot_in_between_is_sent_nothing_more(town: Town) -> None:
    await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("slow", "sendMessage", times=2, delay=0.01)
    town.emulator.faults.add("403", "sendMessage")
    await town.app.delivery.flush()
    assert len(town.emulator.journal.calls("sendMessage", chat_id=1001)) == 4
    assert dict(await town.query(STATES)) == {"sent": 2, "closed": 6}


async def test_a_text_that_is_replaced_while_others_are_sent_is_sent_as_it_is_by_then(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS[:2])
    await _put(town, 1001, "Объявление старое", key="card")
    slow = town.emulator.faults.add("slow", "sendMessage", delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    await _put(town, 1001, "Объявление новое", key="card")
    await sending
    assert _announced(anna) == [*WORDS[:2], "Объявление новое"]


async def test_whoever_presses_a_button_waits_for_one_message_and_not_for_all(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    slow = town.emulator.faults.add("slow", "sendMessage", delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    anna.person.say("/help")
    await town.app.poller.poll(timeout=0)
    await town.app.delivery.flush()
    await sending
    answer = next(number for number, told in enumerate(anna.texts) if told.startswith("Как сообщить"))
    assert answer <= anna.texts.index(WORDS[2])
    assert _announced(anna) == WORDS


async def test_a_kill_leaves_one_message_of_a_chat_in_doubt_however_many_wait(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("slow", "sendMessage", times=2, delay=0.01)
    slow = town.emulator.faults.add("slow", "sendMessage", delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    in_doubt = "SELECT count(*) FROM outbox WHERE state = 'pending' AND leased_by IS NOT NULL"
    assert await town.value(in_doubt) == 1
    assert dict(await town.query(STATES)) == {"sent": 2, "pending": 6}
    await sending
    assert _announced(anna) == WORDS


async def test_what_an_ending_process_does_not_get_done_is_another_s_at_once(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("slow", "sendMessage", times=2, delay=0.01)
    slow = town.emulator.faults.add("slow", "sendMessage", delay=60)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    town.app.delivery.abandon()
    await sending
    await town.restart()
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS


async def test_what_was_sent_is_recorded_though_the_next_one_cannot_be_taken(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("no such chat")

    monkeypatch.setattr("storage.outbox.queue.lease_next", broken)
    monkeypatch.setattr("bot.delivery.delivery.IDLE", 3600.0)
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    delivering = asyncio.create_task(town.app.delivery.run())
    await eventually(lambda: WORDS[-1] in anna.texts)
    delivering.cancel()
    await asyncio.wait({delivering})
    await town.app.delivery.flush()
    assert _announced(anna) == WORDS


async def test_an_ending_process_takes_no_other_message(town: Town) -> None:
    await _put(town, 1001, *WORDS)
    delivery = town.app.delivery
    delivery.abandon()
    assert await town.app.runner.run(lambda tx: delivery._lease_next(tx, 1001)) is None


async def test_one_that_failed_while_a_look_began_is_tried_again_when_it_is_due(town: Town) -> None:
    anna = await town.arrive(1001, "Анна")
    await _put(town, 1001, *WORDS)
    town.emulator.faults.add("500", "sendMessage")
    delivery = town.app.delivery
    await delivery.flush()
    first = await town.value("SELECT min(id) FROM outbox")
    town.clock.advance(seconds=2)
    # Its failure was recorded between the beginning of the look and its claim.
    await town.app.runner.run(lambda tx: delivery._lease_due(tx, frozenset({first}), frozenset()))
    await delivery.flush()
    assert _announced(anna) == WORDS


class DistantTelegram(EmulatorSession):
    """Calls take effect at once, and the answers are on their way for a while."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        """Call one method."""
        result = await super().make_request(bot, method, timeout)
        await asyncio.sleep(0.2)
        return result


async def test_an_ending_process_waits_for_what_telegram_says_to_the_calls_under_way(
    database_url: str, flows: CompiledFlows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "FINISHING", 0.1)
    town = Town(database_url, flows, session=DistantTelegram)
    anna, boris = await town.arrive(1001, "Анна"), await town.arrive(1002, "Борис")
    for each in (anna, boris):
        await _put(town, each.person.id, *WORDS)
    async with running(town.app):
        await eventually(lambda: _announced(anna) and _announced(boris))
        anna.person.say("/help")
        await eventually(lambda: town.app.delivery._showing)
    assert len(_announced(anna)) < len(WORDS), "much is left for the next process"

    await town.restart()
    await town.until_idle()
    assert _announced(anna) == _announced(boris) == WORDS
    assert sum(told.startswith("Как сообщить") for told in anna.texts) == 1
    await town.app.close()
