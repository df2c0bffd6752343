"""What the database learns of screens that were sent: with the reader's next step, or a moment later."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest_asyncio

from bot import recording
from tests.conversation import Town
from tests.databases import count_statements
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

UNRECORDED = "SELECT count(*) FROM conversations WHERE screen_rev > sent_rev"


@pytest_asyncio.fixture
async def city(database_url: str, flows: CompiledFlows, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town on each kind of database, where what is known of screens waits for as long as it may."""
    monkeypatch.setattr(recording, "HOLD", 600)
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
    await eventually(lambda: any(words in each.text for each in actor.messages) and town.app.delivery.shown.news)


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
    await city.settle()
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
    await city.settle()
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
    await city.settle()
    assert await city.value("SELECT count(*) FROM message_links") > 0


async def test_what_is_known_of_a_screen_outlives_an_update_that_fails(city: Town) -> None:
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
    shown = city.app.delivery.shown
    ((key, news),) = shown.news.take_some(1).items()
    shown.news.give_back(key)
    with suppress(ZeroDivisionError), shown.along(key) as taken:
        assert taken == news
        assert shown.news.take(key) is None
        raise ZeroDivisionError
    assert shown.news.last(key) == news
    await city.settle()
    assert await city.value(UNRECORDED) == 0


async def test_what_two_screens_told_is_told_together() -> None:
    first = recording.Shown(1, 1, 77, [5])
    assert recording.Shown(1, 2, None, [6]).after(first) == recording.Shown(1, 2, 77, [5, 6])
    assert recording.Shown(1, 2, 78).after(first) == recording.Shown(1, 2, 78, [5])


async def test_a_screen_drawn_elsewhere_meanwhile_follows_the_one_that_was_sent(
    postgresql_url: str, flows: CompiledFlows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "HOLD", 600)
    city, other = Town(postgresql_url, flows), Town(postgresql_url, flows)
    anna = await _draft(city)
    async with _delivering(city):
        anna.person.say("Течёт кран")
        await city.app.poller.poll(timeout=0)
        await _sent(city, anna, "Где это?")
        anna.person.say("/help")
        await other.app.poller.handle(city.emulator.updates.take())
    await city.app.delivery.drain()
    await city.settle()
    assert await city.value(UNRECORDED) == 0
    assert "Где это?" not in anna.screen.text
    await other.app.close()
    await city.app.close()
