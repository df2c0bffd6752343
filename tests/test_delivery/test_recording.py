"""What the database learns of screens that were sent: with the reader's next step, or a moment later."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.delivery import recording
from bot.helpdesk.hooks.registry import build_hooks
from storage.outbox.screens import Receipt
from tests.conversation import Town, shipped_flows
from tests.databases import count_statements
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.compiled import CompiledFlows
    from engine.subjects import SubjectPort
    from tests.conversation import Actor

UNRECORDED = "SELECT count(*) FROM conversations WHERE screen_rev > sent_rev"


@pytest_asyncio.fixture
async def city(database_url: str, flows: CompiledFlows, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town on each kind of database, where what is known of screens waits for as long as it may."""
    monkeypatch.setattr(recording, "DELAY", 600)
    town = Town(database_url, flows)
    yield town
    await town.app.close()


@asynccontextmanager
async def _delivering(town: Town) -> AsyncIterator[None]:
    """Deliver as a running bot does."""
    delivering = asyncio.create_task(town.app.delivery.run())
    try:
        yield
    finally:
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering


async def _sent(town: Town, actor: Actor, words: str) -> None:
    """Wait until a screen is sent; the database does not know it then."""
    await eventually(
        lambda: any(words in each.text for each in actor.messages) and town.app.delivery.receipts.unrecorded
    )


async def _draft(town: Town) -> Actor:
    """Let somebody come to the step before the place is asked for, everything recorded."""
    anna = town.person(1001, "Анна", "Петрова")
    await anna.say("/new")
    return anna


async def test_what_is_answered_at_once_records_the_screen_and_costs_no_statement_more(city: Town) -> None:
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
        assert await city.value(UNRECORDED) == 1

        anna.person.press("Назад")
        with count_statements(city.app.runner) as counted:
            await city.app.poller.poll(timeout=0)
        assert counted.verbs == ["SELECT", "UPDATE", "COMMIT"]
        assert await city.value("SELECT sent_rev FROM conversations") == 2
    await city.until_idle()
    assert await city.value(UNRECORDED) == 0


async def test_an_update_that_comes_twice_records_the_screen_and_shows_nothing_again(city: Town) -> None:
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        (update,) = city.emulator.updates.pending
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
        shown = len(anna.messages)

        await city.app.poller.handle([update])
        assert await city.value(UNRECORDED) == 0
    await city.until_idle()
    assert len(anna.messages) == shown


async def test_a_card_that_is_left_at_once_is_remembered_for_replies(city: Town) -> None:
    anna = await _draft(city)
    await anna.say("Течёт кран")
    await anna.say("Кабинет 214")
    await anna.press("Сантехника")
    await anna.press("Обычная")
    async with _delivering(city):
        anna.person.press("Отправить")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "№1")
        assert await city.value("SELECT count(*) FROM message_links") == 0

        anna.person.say("Уточнение: вода горячая", anna.screen)
        await city.app.poller.poll(timeout=0)
    await city.until_idle()
    assert await city.value("SELECT count(*) FROM message_links") > 0


async def test_what_is_known_of_a_screen_outlives_an_update_that_fails(city: Town) -> None:
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
    shown = city.app.delivery.receipts
    ((key, news),) = shown.unrecorded.take_some(1).items()
    shown.unrecorded.give_back(key)
    with suppress(ZeroDivisionError), shown.along(key) as taken:
        assert taken == news
        assert shown.unrecorded.take(key) is None
        raise ZeroDivisionError
    assert shown.unrecorded.last(key) == news
    await city.until_idle()
    assert await city.value(UNRECORDED) == 0


async def test_what_two_screens_told_is_told_together() -> None:
    first = Receipt(1, 1, 77, [5])
    assert Receipt(1, 2, None, [6]).after(first) == Receipt(1, 2, 77, [5, 6])
    assert Receipt(1, 2, 78).after(first) == Receipt(1, 2, 78, [5])


async def test_a_screen_drawn_elsewhere_meanwhile_follows_the_one_that_was_sent(
    postgresql_url: str, flows: CompiledFlows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "DELAY", 600)
    city, other = Town(postgresql_url, flows), Town(postgresql_url, flows)
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
        anna.person.say("/help")
        await other.app.poller.handle(city.emulator.updates.take())
    await city.app.delivery.drain()
    await city.until_idle()
    assert await city.value(UNRECORDED) == 0
    assert "Где это?" not in anna.screen.text
    await other.app.close()
    await city.app.close()


class BrokenPort:
    """Requests as they are, but one of them cannot be shown any more."""

    def __init__(self, port: SubjectPort) -> None:
        self._port = port
        self.broken: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def show(self, transaction: Any, subject: Any, status: str, clearance: str) -> Any:
        """Fail for the broken one."""
        if subject.id == self.broken:
            raise ZeroDivisionError
        return self._port.show(transaction, subject, status, clearance)


@pytest.fixture
def port() -> BrokenPort:
    """Give requests that break when told to."""
    return BrokenPort(build_hooks().subjects["request"])


@pytest_asyncio.fixture
async def village(sqlite_url: str, port: BrokenPort, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town with those requests, where what is known of screens waits for as long as it may."""
    monkeypatch.setattr(recording, "DELAY", 600)
    hooks = build_hooks()
    hooks.subjects["request"] = port
    town = Town(sqlite_url, shipped_flows(hooks=hooks))
    yield town
    await town.app.close()


async def _break_first(town: Town, port: BrokenPort) -> None:
    """Change the first request, so that its card is to be drawn anew, which fails."""
    await town.execute("UPDATE requests SET title = 'Течёт труба'")
    port.broken = 1


async def test_a_card_that_cannot_be_drawn_anew_costs_its_reader_no_press(village: Town, port: BrokenPort) -> None:
    anna = village.person(1001, "Анна")
    await anna.draft()
    async with _delivering(village):
        anna.person.press("Отправить")
        await village.app.poller.poll(timeout=0)
        await _sent(village, anna, "№1")
        await _break_first(village, port)
        anna.person.press("Меню")
        await village.app.poller.poll(timeout=0)
    await village.until_idle()
    assert await village.value("SELECT count(*) FROM quarantined_updates") == 0
    assert await village.value(UNRECORDED) == 0
    assert anna.text.startswith("Здравствуйте")


async def test_a_card_that_cannot_be_drawn_anew_keeps_no_other_from_being_remembered(
    village: Town, port: BrokenPort
) -> None:
    anna, boris = village.person(1001, "Анна"), village.person(1002, "Борис")
    for each in (anna, boris):
        await each.draft()
    async with _delivering(village):
        for each, words in ((anna, "№1"), (boris, "№2")):
            each.person.press("Отправить")
            await village.app.poller.poll(timeout=0)
            await _sent(village, each, words)
        await eventually(lambda: len(village.app.delivery.receipts.unrecorded.conversations()) == 2)
        await _break_first(village, port)
        await village.app.delivery.drain()
    assert await village.query("SELECT chat_id FROM message_links") == [(1002,)]
    assert await village.value(UNRECORDED) == 0


async def test_whoever_waits_for_all_to_be_recorded_waits_for_a_step_that_records_something_too(city: Town) -> None:
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
    shown = city.app.delivery.receipts
    (key,) = shown.unrecorded.take_some(1)
    shown.unrecorded.give_back(key)
    with shown.along(key) as news:
        assert news
        shown.add(key, news)
        async with asyncio.timeout(5):
            await shown.drain()
    assert shown.is_recording
    await city.until_idle()
    assert await city.value(UNRECORDED) == 0
