"""Two processes of the bot on one PostgreSQL database: each thing is sent once, in order, whoever dies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from bot.app import App, build_app, running
from bot.emulator.session import EmulatorSession
from storage.database.errors import StorageUnavailable
from storage.outbox import leases, messages
from storage.outbox.messages import Outgoing
from tests.conversation import Town
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.scenarios.clock import ManualClock
    from engine.compiled import CompiledFlows
    from storage.database.transaction import Transaction


@pytest_asyncio.fixture
async def town(postgresql_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    """A town whose bot is one of two processes."""
    town = Town(postgresql_url, flows, clock=clock)
    yield town
    await town.app.close()


@pytest_asyncio.fixture
async def other(town: Town) -> AsyncIterator[App]:
    """The second process; it receives no updates by itself."""
    app = build_app(
        town.flows,
        token=town.emulator.token,
        database_url=town.url,
        owners=town.owners,
        session=EmulatorSession(town.emulator),
        clock=town.clock,
    )
    yield app
    await app.close()


async def _both_deliver(town: Town, other: App) -> None:
    for _ in range(3):
        await asyncio.gather(town.app.delivery.flush(), other.delivery.flush())


async def test_what_waits_is_sent_once_by_whoever_takes_it(town: Town, other: App) -> None:
    crowd = [town.person(5000 + number, f"Гость {number}") for number in range(30)]
    for number, each in enumerate(crowd):
        each.person.say("/start")
        app = (town.app, other)[number % 2]
        await app.poller.handle(town.emulator.updates.take())
    await _both_deliver(town, other)
    sergey = await town.arrive(2001, "Сергей")
    for each in crowd[:5]:
        await each.draft()
        each.person.press("Отправить")
    await town.app.poller.poll(timeout=0)
    await _both_deliver(town, other)

    assert [sum("Здравствуйте" in words for words in each.texts) for each in crowd] == [1] * 30
    assert sum(words.startswith("№") for words in sergey.texts) == 5


async def test_chats_in_which_much_waits_are_served_by_both_in_order_and_once(town: Town, other: App) -> None:
    crowd = [await town.arrive(5000 + number, f"Гость {number}") for number in range(8)]
    words = [f"Объявление {number}" for number in range(20)]
    bot_id = town.app.bot.id

    def put(tx: Transaction) -> None:
        for text in words:
            for each in crowd:
                messages.put(tx, Outgoing(bot_id, each.person.id, "sendMessage", {"call": {"text": text}}))

    await town.app.runner.run(put)
    town.emulator.faults.add("500", "sendMessage", times=5)
    sending = asyncio.create_task(_both_deliver(town, other))
    for each in crowd[:3]:
        each.person.say("/help")
        await town.app.poller.poll(timeout=0)
    await sending
    town.clock.advance(seconds=2)
    await _both_deliver(town, other)
    assert [[told for told in each.texts if told.startswith("Объявление")] for each in crowd] == [words] * 8


async def test_a_screen_drawn_by_one_while_the_other_sends_is_sent_after_it_and_edits_it(
    town: Town, other: App
) -> None:
    anna = town.person(1001, "Анна")
    anna.person.say("/start")
    await town.app.poller.poll(timeout=0)
    town.emulator.faults.add("slow", "sendMessage", 1001, delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: bool(town.emulator.journal.calls("sendMessage")))
    anna.person.say("/help")
    await other.poller.handle(town.emulator.updates.take())
    await other.delivery.flush()
    assert len(town.emulator.journal.calls("sendMessage")) == 1
    await sending
    await _both_deliver(town, other)

    assert [words.split("\n")[0] for words in anna.texts] == ["Здравствуйте, Анна!", "Как сообщить о поломке"]
    assert anna.labels


async def test_what_a_dead_process_had_in_hand_is_sent_by_the_other(town: Town, other: App) -> None:
    anna, sergey = town.person(1001, "Анна"), await town.arrive(2001, "Сергей")
    await anna.draft()
    anna.person.press("Отправить")
    await other.poller.handle(town.emulator.updates.take())
    await town.app.delivery.flush()
    assert not any(words.startswith("№1") for words in anna.texts), "the screen is the other's, which never sends it"

    town.clock.advance(seconds=leases.GRACE.total_seconds() + 1)
    await town.app.delivery.flush()
    assert sum(words.startswith("№1") for words in anna.texts) == 1
    assert sum(words.startswith("№1") for words in sergey.texts) == 1


async def test_whoever_comes_back_first_when_the_database_does_leaves_the_other_time_to_come_back(
    town: Town, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await town.arrive(1001, "Анна")
    anna.person.say("/help")
    await other.poller.handle(town.emulator.updates.take())

    async def away(_work: Any) -> Any:
        raise StorageUnavailable("gone for a moment")

    with monkeypatch.context() as patch:
        patch.setattr(town.app.runner, "run", away)
        await town.app.delivery._poll()
    town.clock.advance(seconds=30)
    await town.app.delivery.flush()
    assert len(anna.texts) == 1, "the other has it in hand, and has only not come back yet"

    town.clock.advance(seconds=leases.GRACE.total_seconds())
    await town.app.delivery.flush()
    assert len(anna.texts) == 2


@pytest.mark.parametrize("trouble", ["blocked", "429"])
async def test_recording_a_failure_waits_for_a_unit_of_work_without_holding_what_that_may_need(
    town: Town, trouble: str
) -> None:
    anna, sergey = town.person(1001, "Анна"), await town.arrive(2001, "Сергей")
    await anna.submit()
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)
    hold = "SELECT 1 FROM conversations WHERE chat_id = 1001 FOR NO KEY UPDATE"
    if trouble == "blocked":
        hold = "SELECT 1 FROM users WHERE telegram_id = 1001 FOR NO KEY UPDATE"
        anna.person.block()
    else:
        town.emulator.faults.add("429", chat_id=1001, retry_after=5)
    unit, watch = await asyncpg.connect(town.url), await asyncpg.connect(town.url)
    async with unit.transaction():
        await unit.execute(hold)
        sending = asyncio.create_task(town.app.delivery.flush())
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with asyncio.timeout(60):
            while not await watch.fetchval(waiting):  # noqa: ASYNC110 - nothing tells when a lock is waited for
                await asyncio.sleep(0.01)
        await unit.execute("SELECT 1 FROM outbox WHERE chat_id = 1001 AND state = 'pending' FOR UPDATE NOWAIT")
    await sending
    for connection in (unit, watch):
        await connection.close()


async def test_a_pause_that_telegram_asked_one_process_for_is_kept_by_the_other(town: Town, other: App) -> None:
    anna, boris = town.person(1001, "Анна"), town.person(1002, "Борис")
    town.emulator.faults.add("429", "sendMessage", 1001, retry_after=40)
    await anna.say("/start")
    for each in (anna, boris):
        each.person.say("/help")
    await other.poller.handle(town.emulator.updates.take())
    # Before the clock moves: nobody here is known to be alive, and what is claimed for long is taken over.
    await other.delivery.flush()
    town.clock.advance(seconds=39)
    await _both_deliver(town, other)
    assert (anna.texts, len(boris.texts)) == ([], 1)

    town.clock.advance(seconds=1)
    await _both_deliver(town, other)
    assert len(anna.texts) == 1


async def test_what_one_is_sending_when_telegram_asks_the_other_for_a_pause_is_sent_once(
    town: Town, other: App
) -> None:
    anna = await town.arrive(1001, "Анна")
    notice = Outgoing(town.app.bot.id, 1001, "sendMessage", {"call": {"text": "Объявление"}})
    await town.app.runner.run(lambda tx: messages.put(tx, notice))
    slow = town.emulator.faults.add("slow", "sendMessage", 1001, delay=1.0)
    sending = asyncio.create_task(other.delivery.flush())
    await eventually(lambda: slow.hits)
    town.emulator.faults.add("429", chat_id=1001, retry_after=1)
    anna.person.say("/help")
    await town.app.poller.poll(timeout=0)
    await town.app.delivery.flush()
    town.clock.advance(seconds=1)
    await town.app.delivery.flush()
    await sending
    await _both_deliver(town, other)
    assert anna.texts.count("Объявление") == 1
    assert len(anna.texts) == 3


async def test_a_notice_committed_by_one_wakes_the_other(town: Town, other: App) -> None:
    town.clock.advance(hours=1)
    sergey = await town.arrive(2001, "Сергей")
    anna = town.person(1001, "Анна")
    await anna.draft()
    async with running(other):
        await eventually(lambda: other.delivery._lease_keeper._kept_at is not None)
        anna.person.press("Отправить")
        await town.app.poller.handle(town.emulator.updates.take())
        await eventually(lambda: any(words.startswith("№1") for words in sergey.texts))
