"""Updates on their way in: odd ones, doubled ones, poisonous ones, and a database that is gone for a while."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from aiogram.exceptions import TelegramUnauthorizedError

from bot.app import build_app, running
from bot.emulator.session import EmulatorSession
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.conversation import Actor, Town
    from tests.trouble import Trouble

FAILED = (
    "Не получилось: ошибка в боте, о ней уже сообщено. То, что вы прислали, сохранено. Попробуйте ещё раз "
    "или отправьте /menu."
)
POISON = "SELECT error, tries FROM quarantined_updates"


async def test_an_update_that_cannot_be_read_blocks_nobody(town: Town, anna: Actor, boris: Actor) -> None:
    anna.person.say("/start")
    odd = town.emulator.push_raw({"message": {"message_id": "нет", "chat": 5, "text": ["\0", "\ud83d"]}})
    anna.person.say("/help")
    boris.person.say("/start")
    await town.until_idle()
    assert "Как сообщить о поломке" in anna.text
    assert boris.text.startswith("Здравствуйте, Борис!")
    assert await town.query("SELECT update_id, error, tries FROM quarantined_updates") == [(odd, "ValidationError", 1)]
    assert "\\ud83d" in await town.value("SELECT raw FROM quarantined_updates")
    assert not town.emulator.updates.pending


@pytest.mark.filterwarnings("ignore:Detected unknown update type")
@pytest.mark.parametrize(
    "update",
    [
        {},
        {"something_new": {"id": 1}},
        {"message": None},
        {"callback_query": {"message": {"chat": "x"}}},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": 1001, "type": "private"}}},
    ],
)
async def test_odd_updates_do_no_harm(town: Town, anna: Actor, update: dict[str, Any]) -> None:
    town.emulator.push_raw(update)
    await anna.say("/start")
    assert anna.text.startswith("Здравствуйте, Анна!")
    assert not town.emulator.updates.pending


async def test_an_update_that_raises_every_time_is_set_aside_after_three_tries(
    town: Town, anna: Actor, boris: Actor, trouble: Trouble
) -> None:
    calls = []

    def explode(_context: Context) -> None:
        calls.append(1)
        raise RuntimeError("boom")

    await trouble(explode)
    await anna.say("/start")
    anna.person.say("/explode")
    anna.person.say("/help")
    boris.person.say("/start")
    await town.until_idle()
    assert len(calls) == 3
    assert await town.query(POISON) == [("RuntimeError", 3)]
    assert anna.text == FAILED
    assert any("Как сообщить о поломке" in each.text for each in anna.messages)
    assert boris.text.startswith("Здравствуйте")
    assert not town.emulator.updates.pending


async def test_an_update_that_raises_once_is_handled_at_the_second_try(
    town: Town, anna: Actor, trouble: Trouble
) -> None:
    calls = []

    def explode(_context: Context) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("boom")

    await trouble(explode)
    await anna.say("/explode")
    assert len(calls) == 2
    assert await town.query(POISON) == []
    assert anna.text.startswith("Здравствуйте")


async def test_what_a_failing_update_did_is_undone(town: Town, anna: Actor, trouble: Trouble) -> None:
    def explode(context: Context) -> None:
        context.set("draft.description", "наполовину")
        raise RuntimeError("boom")

    await trouble(explode)
    await anna.say("/start")
    await anna.say("/explode")
    await anna.say("/menu")
    assert "➕ Новая заявка" in anna.labels


async def test_an_update_delivered_twice_has_effect_once(town: Town, anna: Actor) -> None:
    await anna.draft()
    press = anna.person.press("Отправить")
    again = dict(town.emulator.updates.pending[-1])
    await town.until_idle()
    town.emulator.push_raw(again)
    town.clock.advance(minutes=1)
    before = anna.transcript()
    await town.until_idle()
    assert press.answered
    assert await town.value("SELECT count(*) FROM requests") == 1
    assert anna.transcript() == before


async def test_a_batch_that_comes_again_after_a_crash_has_effect_once(town: Town, anna: Actor) -> None:
    anna.person.say("/new")
    anna.person.say("Не греет батарея")
    anna.person.say("Класс 5А")
    batch = [dict(each) for each in town.emulator.updates.pending]
    await town.app.poller.handle(batch)
    await town.restart()
    await town.until_idle()
    assert anna.text.startswith("К чему это относится?")
    assert sum(each.by_bot for each in anna.messages) == 1


async def test_messages_of_one_batch_are_answered_in_their_order(anna: Actor) -> None:
    for words in ("/new", "Не греет батарея", "Класс 5А"):
        anna.person.say(words)
    await anna.town.until_idle()
    await anna.press("Отопление", "Обычная")
    assert anna.text.startswith("Проверьте заявку\n\nНе греет батарея\n\n📍 Класс 5А")


async def test_an_update_is_confirmed_only_after_its_commit(town: Town, anna: Actor, sqlite_url: str) -> None:
    await anna.say("/start")
    await town.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    anna.person.say("/help")
    settling = asyncio.create_task(town.until_idle())
    await asyncio.sleep(0.4)
    assert len(town.emulator.updates.pending) == 1
    assert anna.text.startswith("Здравствуйте")
    other.rollback()
    other.close()
    await settling
    assert not town.emulator.updates.pending
    assert anna.text.startswith("Как сообщить о поломке")


async def _hold_up(town: Town, anna: Actor, boris: Actor) -> AsyncExitStack:
    """Let a batch come of which Boris' update cannot be handled until what is returned is closed."""
    anna.person.say("/help")
    boris.person.say("/help")
    anna.person.say("/menu")
    held = AsyncExitStack()
    await held.enter_async_context(town.app.poller._processor.lock_of(town.emulator.updates.pending[1]))
    return held


async def test_what_was_handled_of_a_batch_that_takes_long_is_confirmed_meanwhile(
    town: Town, anna: Actor, boris: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ingress.polling.CONFIRMED_EVERY", 0.01)
    held = await _hold_up(town, anna, boris)
    polling = asyncio.create_task(town.app.poller.poll(timeout=0))
    await eventually(lambda: len(town.emulator.updates.pending) == 2)
    calls = len(town.emulator.journal.calls("getUpdates"))
    await asyncio.sleep(0.1)
    assert len(town.emulator.journal.calls("getUpdates")) == calls
    await held.aclose()
    assert await polling == 3
    await town.until_idle()
    assert not town.emulator.updates.pending
    assert anna.text.startswith("Здравствуйте")
    assert boris.text.startswith("Как сообщить о поломке")


async def test_a_batch_is_handled_to_its_end_though_telegram_does_not_hear_how_far_it_is(
    town: Town, anna: Actor, boris: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ingress.polling.CONFIRMED_EVERY", 0.01)
    held = await _hold_up(town, anna, boris)
    polling = asyncio.create_task(town.app.poller.poll(timeout=0))
    await eventually(lambda: town.emulator.journal.calls("getUpdates"))
    fault = town.emulator.faults.add("500", "getUpdates", times=3)
    await eventually(lambda: fault.hits == 3)
    await held.aclose()
    assert await polling == 3
    await town.until_idle()
    assert boris.text.startswith("Как сообщить о поломке")


async def test_setting_an_update_aside_waits_for_the_database_too(town: Town, anna: Actor, sqlite_url: str) -> None:
    await town.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    town.emulator.push_raw({"message": 5})
    settling = asyncio.create_task(town.until_idle())
    await asyncio.sleep(0.2)
    assert len(town.emulator.updates.pending) == 1
    other.rollback()
    other.close()
    await settling
    assert await town.query(POISON) == [("ValidationError", 1)]


async def test_a_press_that_is_set_aside_is_answered_all_the_same(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    press = anna.person.press_data(anna.screen, "whatever")
    [update] = town.emulator.updates.take()
    town.emulator.push_raw({**update, "callback_query": {**update["callback_query"], "from": None}})
    await town.until_idle()
    assert press.answered
    assert press.text == FAILED
    assert await town.query(POISON) == [("ValidationError", 1)]


async def test_who_sent_what_cannot_be_handled_is_told_so_once(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    anna.person.say("Течёт кран")
    [update] = town.emulator.updates.take()
    town.emulator.push_raw({**update, "message": {**update["message"], "date": "вчера"}})
    await town.until_idle()
    assert await town.query(POISON) == [("ValidationError", 1)]
    assert [each.text for each in anna.messages].count(FAILED) == 1
    town.emulator.push_raw({**update, "message": {**update["message"], "date": "вчера"}})
    await town.until_idle()
    assert await town.query(POISON) == [("ValidationError", 2)]
    assert [each.text for each in anna.messages].count(FAILED) == 1


async def test_what_cannot_be_handled_at_the_end_comes_again_in_its_order(
    town: Town, anna: Actor, sqlite_url: str
) -> None:
    await town.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    for words in ("/new", "Не греет батарея", "Класс 5А"):
        anna.person.say(words)
    polling = asyncio.create_task(town.app.poller.poll(timeout=0))
    await eventually(lambda: town.emulator.journal.calls("getUpdates", accepted=True))
    await town.app.poller.drain()
    await polling
    assert len(town.emulator.updates.pending) == 3
    other.rollback()
    other.close()
    await town.restart()
    await town.until_idle()
    assert anna.text.startswith("К чему это относится?")


async def test_a_press_that_takes_seconds_is_answered_meanwhile_and_explained_afterwards(
    town: Town, anna: Actor, sergey: Actor, sqlite_url: str
) -> None:
    await anna.submit()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    press = sergey.person.press("Взять")
    settling = asyncio.create_task(town.until_idle())
    await eventually(lambda: press.answered)
    assert press.text == "Секунду…"
    assert await asyncio.wait([settling], timeout=0) == (set(), {settling})
    other.rollback()
    other.close()
    await settling
    assert sergey.text == "Заявка №1 теперь ваша."
    assert sergey.card(1).text.startswith("№1 · 🔧 в работе")


async def test_the_bot_serves_until_it_is_stopped(town: Town, anna: Actor) -> None:
    async with running(town.app) as serving:
        anna.person.say("/start")
        await eventually(lambda: anna.texts)
        anna.person.press("Помощь")
        await eventually(lambda: "Как сообщить" in anna.text)
        assert not serving.done()
    assert serving.cancelled()
    assert town.emulator.commands.get(None, "")
    await town.restart()


@pytest.mark.parametrize("part", ["delivery", "timekeeper", "retrier"])
async def test_a_part_that_ends_with_an_error_ends_the_bot_with_it(
    town: Town, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks() -> None:
        raise KeyError(part)

    monkeypatch.setattr(getattr(town.app, part), "run", breaks)
    with pytest.raises(KeyError, match=part):
        await town.app.serve()


async def test_the_bot_goes_on_after_telegram_was_out_of_reach(town: Town, anna: Actor) -> None:
    town.emulator.faults.add("500", "getUpdates")
    async with running(town.app):
        await eventually(lambda: town.emulator.faults.orders[0].hits)
        anna.person.say("/start")
        await eventually(lambda: anna.texts)
    await town.restart()


async def test_the_bot_goes_on_after_the_database_was_out_of_reach(town: Town, anna: Actor, sqlite_url: str) -> None:
    await town.execute("PRAGMA busy_timeout = 20")
    async with running(town.app):
        anna.person.say("/start")
        await eventually(lambda: anna.texts)
        await town.app.delivery.drain()
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
        other.execute("BEGIN IMMEDIATE")
        anna.person.say("/help")
        await asyncio.sleep(0.3)
        other.rollback()
        other.close()
        await eventually(lambda: "Как сообщить" in anna.text)
    await town.restart()


async def test_a_token_that_is_no_bots_ends_the_bot(town: Town, sqlite_url: str) -> None:
    app = build_app(town.flows, token="1:wrong", database_url=sqlite_url, session=EmulatorSession(town.emulator))
    with pytest.raises(TelegramUnauthorizedError):
        await app.serve()
    await app.close()


async def test_a_position_that_moves_is_no_edit(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    before = len(anna.messages)
    message = {
        "message_id": 900,
        "date": 1,
        "edit_date": 2,
        "chat": {"id": 1001, "type": "private"},
        "from": {"id": 1001, "is_bot": False, "first_name": "Анна"},
        "location": {"latitude": 55.7, "longitude": 37.6, "live_period": 600},
    }
    town.emulator.queue_update("edited_message", message)
    await town.until_idle()
    assert len(anna.messages) == before
