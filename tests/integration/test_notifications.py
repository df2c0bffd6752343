"""Who is told what, whatever happens to the network, the bot or the database meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from bot.emulator.session import EmulatorSession
from storage.database.url import normalise
from storage.models.tables import outbox
from storage.outbox.leases import LEASE
from tests.consistency import assert_consistent, cards_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiogram import Bot
    from aiogram.methods import TelegramMethod
    from aiogram.methods.base import TelegramType

    from tests.conversation import Actor, Town

TOLD = {
    "take": {"anna": "🔧 Ваша заявка №1"},
    "assign": {"anna": "🔧 Ваша заявка №1", "pyotr": "👤 Вам назначена заявка №1"},
    "complete": {"anna": "✅ Заявка №1", "olga": "✅ Заявка №1"},
    "hold": {"anna": "⏸ Заявка №1"},
    "resume": {"anna": "▶️ Заявка №1"},
    "release": {"anna": "↩️ Заявка №1", "olga": "↩️ Заявка №1"},
    "reject": {"anna": "🚫 Заявка №1"},
    "cancel_own": {"sergey": "✖️ Автор отменил заявку №1", "olga": "✖️ Автор отменил заявку №1"},
    "reopen": {"sergey": "🔁 Заявка №1", "olga": "🔁 Заявка №1"},
    "comment": {"sergey": "💬 №1", "olga": "💬 №1"},
}
"""Who gets which new message at a change; the one who made it sees it without."""

WAYS = {
    "take": [("sergey", "Взять")],
    "assign": [("sergey", "Назначить"), ("sergey", "Пётр Кузнецов")],
    "complete": [("sergey", "Взять"), ("sergey", "Выполнено"), ("sergey", "Без фото")],
    "hold": [("sergey", "Взять"), ("sergey", "Отложить"), ("sergey", "нет деталей")],
    "resume": [("sergey", "Взять"), ("sergey", "Отложить"), ("sergey", "нет деталей"), ("sergey", "Продолжить")],
    "release": [("sergey", "Взять"), ("sergey", "Вернуть в очередь")],
    "reject": [("sergey", "Отклонить"), ("sergey", "не к нам")],
    "cancel_own": [("anna", "Отменить заявку")],
    "reopen": [
        ("sergey", "Взять"),
        ("sergey", "Выполнено"),
        ("sergey", "Без фото"),
        ("anna", "Не исправлено"),
        ("anna", "Капает снова"),
    ],
    "comment": [("anna", "Комментарий"), ("anna", "Уже сильнее")],
}
"""What is pressed or typed for a change, the last of which makes it."""

TYPED = {"нет деталей", "не к нам", "Капает снова", "Уже сильнее"}


@pytest.mark.parametrize("change", TOLD)
async def test_everybody_concerned_is_told_once_and_nobody_else(
    town: Town, anna: Actor, boris: Actor, sergey: Actor, olga: Actor, pyotr: Actor, vera: Actor, change: str
) -> None:
    people = {"anna": anna, "boris": boris, "sergey": sergey, "olga": olga, "pyotr": pyotr, "vera": vera}
    await boris.say("/start")
    await anna.submit()
    seen: dict[str, int] = {}
    for name, words in WAYS[change]:
        seen = {each: len(actor.messages) for each, actor in people.items()}
        await (people[name].say(words) if words in TYPED else people[name].press(words))
    actor = WAYS[change][-1][0]
    told = {
        name: [message.text for message in each.messages[seen[name] :] if message.by_bot]
        for name, each in people.items()
        if name != actor
    }
    assert {name: [text[: len(TOLD[change][name])] for text in texts] for name, texts in told.items() if texts} == {
        name: [words] for name, words in TOLD[change].items()
    }
    await assert_consistent(town)


# Restarts and crashes


async def test_a_restart_between_commit_and_delivery_delivers_everything_exactly_once(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    sends = len(town.emulator.journal.calls("sendMessage", "editMessageText"))
    await town.app.poller.handle(town.emulator.updates.take())
    await town.restart()
    assert len(town.emulator.journal.calls("sendMessage", "editMessageText")) == sends
    await town.until_idle()

    assert anna.text.startswith("№1 · 🆕 открыта")
    assert [sum(text.startswith("№1") for text in each.texts) for each in (anna, sergey, olga)] == [1, 1, 1]
    await assert_consistent(town)
    await town.restart()
    calls = len(town.emulator.journal.calls())
    await town.until_idle()
    assert len(town.emulator.journal.calls()) == calls


async def test_many_changes_before_a_restart_are_told_in_their_order_and_drawn_once(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    edits = len(town.emulator.journal.calls("editMessageText", chat_id=2002))
    told = len(anna.texts)
    for label in ("🔧 Взять", "↩️ Вернуть в очередь", "🔧 Взять"):
        town.clock.advance(minutes=1)
        data = {"🔧 Взять": "take", "↩️ Вернуть в очередь": "release"}[label]
        sergey.person.press_data(sergey.card(1), f"request.card:{data}:1:~x")
        await town.app.poller.handle(town.emulator.updates.take())
    await town.restart()
    await town.until_idle()

    assert [text.split()[0] for text in anna.texts[told:]] == ["🔧", "↩️", "🔧"]
    assert len(town.emulator.journal.calls("editMessageText", chat_id=2002)) == edits + 1
    await assert_consistent(town)


@dataclass
class Severed:
    """Says when a call has taken effect whose answer never comes."""

    method: str
    chat_id: int
    reached: asyncio.Event


class SeveredSession(EmulatorSession):
    """Telegram takes the call, and the bot is gone before it hears of it."""

    severed: Severed | None = None

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        """Call one method, and never return from the one to be severed."""
        result = await super().make_request(bot, method, timeout)
        cut = self.severed
        if cut and (method.__api_method__, getattr(method, "chat_id", None)) == (cut.method, cut.chat_id):
            cut.reached.set()
            await asyncio.Event().wait()
        return result


async def _crash_after(town: Town, method: str, chat_id: int) -> None:
    """Deliver until Telegram has taken this call, and end the process before it is recorded."""
    session = SeveredSession(town.emulator)
    session.severed = Severed(method, chat_id, asyncio.Event())
    town.app.bot.session = session
    updates = town.emulator.updates.take()
    await town.app.poller.handle(updates)
    await town.app.handlers.drain()
    delivering = asyncio.create_task(town.app.delivery.run())
    async with asyncio.timeout(60):
        await session.severed.reached.wait()
    delivering.cancel()
    town.app.delivery.abandon()
    await asyncio.wait({delivering})
    await town.restart()


async def test_a_crash_between_a_send_and_its_record_repeats_that_one_message_at_most(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    before = {each.person.name: Counter(each.texts) for each in (anna, sergey, olga)}
    sergey.person.press("Взять")
    await _crash_after(town, "sendMessage", 1001)
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.until_idle()

    new = {each.person.name: Counter(each.texts) - before[each.person.name] for each in (anna, sergey, olga)}
    notices = [count for text, count in new["Анна"].items() if "Ваша заявка" in text]
    assert notices == [2], "sent by the first process, which nobody knows, and by the second"
    assert all(count == 1 for text, count in new["Анна"].items() if "Ваша заявка" not in text)
    assert all(count == 1 for name in ("Сергей", "Ольга") for count in new[name].values())
    assert await town.value("SELECT count(*) FROM events WHERE name = 'take'") == 1
    await assert_consistent(town)


async def test_a_crash_between_an_edit_and_its_record_shows_nothing_twice(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    messages = len(olga.messages)
    sergey.person.press("Взять")
    await _crash_after(town, "editMessageText", 2002)
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.until_idle()
    assert len(olga.messages) == messages
    assert olga.card(1).text.startswith("№1 · 🔧 в работе")
    await assert_consistent(town)


async def test_a_crash_while_a_screen_is_sent_leaves_a_conversation_that_goes_on(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.say("/new")
    anna.person.say("Течёт кран")
    await _crash_after(town, "sendMessage", 1001)
    await town.until_idle()
    assert sum(text.startswith("Где это?") for text in anna.texts) == 2
    await anna.say("Кабинет 214")
    await anna.press("Сантехника", "Обычная", "Отправить")
    assert await town.value("SELECT count(*) FROM requests") == 1
    await assert_consistent(town)


async def test_a_crash_after_a_card_was_sent_leaves_at_most_one_card_that_nobody_knows(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    await _crash_after(town, "sendMessage", 2001)
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.until_idle()
    unknown, known = [each for each in cards_of(town, 1) if each.chat_id == 2001]
    await olga.press_on(olga.card(1), "🔧 Взять")

    press = await sergey.press_on(unknown, "🔧 Взять")
    assert press.text.startswith("Заявку уже взял(а) Ольга Смирнова")
    assert {each.text.split("\n")[0] for each in cards_of(town, 1)} == {"№1 · 🔧 в работе"}
    assert sergey.card(1).id == known.id
    await assert_consistent(town)


# The network


async def test_a_card_that_was_on_its_way_while_the_request_was_taken_shows_who_has_it(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    town.emulator.faults.add(kind="slow", method="sendMessage", chat_id=2001, delay=0.4)
    town.emulator.faults.add(kind="slow", method="editMessageText", chat_id=1001, delay=0.4)
    await town.app.poller.handle(town.emulator.updates.take())
    sending = asyncio.create_task(town.app.delivery.flush())
    await asyncio.sleep(0.2)
    town.clock.advance(seconds=5)
    olga.person.press("Взять")
    await town.app.poller.handle(town.emulator.updates.take())
    await sending
    await town.until_idle()

    for actor in (anna, sergey, olga):
        assert "🔧 Ольга Смирнова" in actor.card(1).text
        assert "🔧 Взять" not in actor.card(1).labels
    await assert_consistent(town)


async def test_a_card_changed_while_its_last_drawing_was_on_its_way_is_drawn_again(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    town.emulator.faults.add(kind="slow", method="editMessageText", chat_id=2002, delay=0.4)
    sergey.person.press("Взять")
    await town.app.poller.handle(town.emulator.updates.take())
    sending = asyncio.create_task(town.app.delivery.flush())
    await asyncio.sleep(0.2)
    town.clock.advance(seconds=5)
    sergey.person.press_data(sergey.card(1), "request.card:release:1:~x")
    await town.app.poller.handle(town.emulator.updates.take())
    await sending
    await town.until_idle()
    assert olga.card(1).text.startswith("№1 · 🆕 открыта")
    await assert_consistent(town)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_card_recorded_while_a_change_is_being_committed_follows_that_change(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    """The change has looked for cards already, and this one is remembered before the change is there for all.

    Not so on SQLite: its one writer records nothing while a change is being committed.
    """
    await anna.draft()
    anna.person.press("Отправить")
    town.emulator.faults.add(kind="429", method="sendMessage", chat_id=2001, retry_after=30)
    await town.until_idle()
    town.clock.advance(seconds=31)
    async with _line_held(town, 1001, anna.card(1).id):
        olga.person.press("Взять")
        taking = asyncio.create_task(town.app.poller.handle(town.emulator.updates.take()))
        await asyncio.sleep(0.3)
        sending = asyncio.create_task(town.app.delivery.flush())
        await asyncio.sleep(0.3)
        assert not taking.done()
        assert sergey.card(1)
    await taking
    await sending
    await town.until_idle()
    assert "🔧 Ольга Смирнова" in sergey.card(1).text
    await assert_consistent(town)


@asynccontextmanager
async def _line_held(town: Town, chat_id: int, message_id: int) -> AsyncIterator[None]:
    """Keep whoever draws a card anew waiting for its place in the outbox."""
    engine = create_async_engine(normalise(town.url).async_)
    line = {"bot_id": town.app.bot.id, "chat_id": chat_id, "dedupe_key": f"card:{message_id}"}
    async with engine.connect() as connection:
        rest = {"method": "editMessageText", "payload": {}, "next_try_at": town.clock.now}
        await connection.execute(insert(outbox).values(**line, **rest))
        yield
        await connection.rollback()
    await engine.dispose()


async def test_a_chat_that_refuses_the_bot_holds_up_nobody(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    await anna.submit()
    sergey.person.block()
    await town.until_idle()
    await olga.press_on(olga.card(1), "🔧 Взять")
    await olga.press("Отложить")
    await olga.say("нет деталей")
    assert anna.card(1).text.startswith("№1 · ⏸ отложена")
    assert await town.value("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0
    sergey.person.unblock()
    await olga.press("Продолжить")
    assert not any("снова в работе" in each for each in sergey.texts)
    await sergey.say("/start")
    await olga.press("Выполнено", "Без фото")
    assert sergey.seen("✅ Заявка №1")
    await assert_consistent(town)


async def test_a_chat_that_must_wait_gets_its_messages_in_their_order(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    told = len(anna.texts)
    fault = town.emulator.faults.add(kind="429", method="sendMessage", chat_id=1001, retry_after=60)
    for label in ("Взять", "Вернуть в очередь", "Взять"):
        town.clock.advance(seconds=10)
        await sergey.press(label)
    assert fault.hits == 1
    assert len(anna.texts) == told
    town.clock.advance(seconds=60)
    await town.until_idle()
    assert [text.split()[0] for text in anna.texts[told:]] == ["🔧", "↩️", "🔧"]
    await assert_consistent(town)


@pytest.mark.parametrize(("kind", "most"), [("500", 1), ("drop_before", 1), ("drop_after", 2)])
async def test_a_failed_send_is_made_up_for_and_the_change_stands(
    town: Town, anna: Actor, sergey: Actor, kind: Any, most: int
) -> None:
    await anna.submit()
    town.emulator.faults.add(kind=kind, method="sendMessage", chat_id=1001)
    await sergey.press("Взять")
    assert await town.value("SELECT status FROM requests") == "in_progress"
    town.clock.advance(minutes=1)
    await town.until_idle()
    assert sum("Ваша заявка" in text for text in anna.texts) == most
    await assert_consistent(town)
