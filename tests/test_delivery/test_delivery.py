"""Messages on their way out: Telegram slow, refusing, out of reach; nothing is lost, nothing blocks a transition."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.telegram import calls
from engine.running.engine import Engine
from storage.database.errors import StorageUnavailable
from storage.outbox import messages
from storage.outbox.leases import LEASE
from storage.outbox.messages import Outgoing
from tests.conversation import MANAGER_ID
from tests.waiting import eventually

if TYPE_CHECKING:
    from bot.emulator.faults import FaultKind
    from storage.database.transaction import Transaction
    from tests.conversation import Actor, Town

PENDING = "SELECT count(*) FROM outbox WHERE state = 'pending'"


def _times(actor: Actor, words: str) -> int:
    return sum(words in told for told in actor.texts)


@pytest.mark.parametrize("kind", ["429", "500", "drop_before"])
async def test_a_screen_that_could_not_be_sent_is_sent_once_later(town: Town, anna: Actor, kind: FaultKind) -> None:
    town.emulator.faults.add(kind, "sendMessage", retry_after=1)
    await anna.say("/start")
    assert anna.texts == []
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 1
    town.clock.advance(seconds=1.5)
    await town.until_idle()
    assert _times(anna, "Здравствуйте") == 1
    await town.until_idle()
    assert _times(anna, "Здравствуйте") == 1


@pytest.mark.parametrize("kind", ["429", "500", "drop_before"])
async def test_a_notice_that_could_not_be_sent_is_sent_once_later(
    town: Town, anna: Actor, sergey: Actor, kind: FaultKind
) -> None:
    await anna.submit()
    town.emulator.faults.add(kind, "sendMessage", 1001, retry_after=1)
    await sergey.press("Взять")
    assert await town.value("SELECT status FROM requests") == "in_progress"
    assert _times(anna, "Ваша заявка") == 0
    town.clock.advance(seconds=1.5)
    await town.until_idle()
    assert _times(anna, "Ваша заявка") == 1
    assert await town.value(PENDING) == 0


async def test_telegram_is_left_alone_for_as_long_as_it_asks(town: Town, anna: Actor) -> None:
    town.emulator.faults.add("429", "sendMessage", retry_after=40)
    await anna.say("/start")
    town.clock.advance(seconds=39)
    await town.until_idle()
    assert len(town.emulator.journal.calls("sendMessage")) == 1
    town.clock.advance(seconds=2)
    await town.until_idle()
    assert _times(anna, "Здравствуйте") == 1


async def test_pauses_grow_with_every_failure(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("500", "sendMessage", 1001, times=4)
    town.emulator.faults.add("500", "editMessageText", 1001, times=4)
    await sergey.press("Взять")
    tries = []
    for second in range(1, 20):
        town.clock.advance(seconds=1)
        before = len(town.emulator.journal.calls("sendMessage", chat_id=1001))
        await town.until_idle()
        if len(town.emulator.journal.calls("sendMessage", chat_id=1001)) > before:
            tries.append(second)
    assert tries == [1, 3, 7, 15]
    assert _times(anna, "Ваша заявка") == 1


@pytest.mark.parametrize("who", ["screen", "notice"])
async def test_a_connection_that_broke_after_the_call_may_send_twice_and_no_more(
    town: Town, anna: Actor, sergey: Actor, who: str
) -> None:
    await anna.submit()
    town.emulator.faults.add("drop_after", "sendMessage", 1001)
    if who == "notice":
        await sergey.press("Взять")
    else:
        await anna.say("/help")
    town.clock.advance(seconds=2)
    await town.until_idle()
    words = "Ваша заявка" if who == "notice" else "Как сообщить о поломке"
    assert _times(anna, words) == 2
    town.clock.advance(minutes=10)
    await town.until_idle()
    assert _times(anna, words) == 2


async def test_an_edit_whose_answer_was_lost_is_made_once(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    town.emulator.faults.add("drop_after", "editMessageText")
    await anna.press("Помощь")
    town.clock.advance(seconds=2)
    await town.until_idle()
    assert anna.transcript().count("(правка) <b>Как сообщить") == 1
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 0


async def test_notices_keep_their_order_when_the_first_fails(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("500", "sendMessage", 1001)
    await sergey.press("Взять", "Вернуть в очередь")
    assert _times(anna, "вернулась в очередь") == 0
    town.clock.advance(seconds=2)
    await town.until_idle()
    notices = [told for told in anna.texts if "Ваша заявка" in told or "вернулась" in told]
    assert ["Ваша" in told for told in notices] == [True, False]


async def test_one_chat_that_fails_holds_up_no_other(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    town.emulator.faults.add("500", chat_id=MANAGER_ID, times=99)
    await anna.submit()
    assert olga.card(1).text.startswith("№1 · 🆕")
    assert anna.text.startswith("№1 · 🆕")


async def test_what_waits_for_telegram_survives_a_restart(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("500", times=99)
    await sergey.press("Взять")
    await town.restart()
    town.emulator.faults.clear()
    town.clock.advance(minutes=2)
    await town.until_idle()
    assert _times(anna, "Ваша заявка") == 1
    assert anna.card(1).text.startswith("№1 · 🔧 в работе")
    assert sergey.card(1).text.startswith("№1 · 🔧 в работе")


async def test_a_card_that_waits_is_sent_as_it_is_by_then(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    town.emulator.faults.add("500", "sendMessage", olga.person.id)
    await anna.submit()
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    town.clock.advance(seconds=2)
    await town.until_idle()
    assert olga.card(1).text.startswith("№1 · 🔧 в работе")


async def test_a_card_that_changes_while_it_is_sent_is_edited_and_not_sent_twice(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    await town.app.poller.poll(timeout=0)
    slow = town.emulator.faults.add("slow", "sendMessage", olga.person.id, delay=1.0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)
    await sending
    await town.until_idle()
    cards = [each for each in olga.messages if each.text.startswith("№1 · ")]
    assert [each.text.startswith("№1 · 🔧 в работе") for each in cards] == [True]


async def test_a_card_whose_answer_was_lost_becomes_one_live_card_in_the_end(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    town.emulator.faults.add("drop_after", "sendMessage", olga.person.id)
    await anna.submit()
    town.clock.advance(seconds=2)
    await town.until_idle()
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    assert olga.card(1).text.startswith("№1 · 🔧 в работе")


async def test_someone_who_blocked_the_bot_is_marked_and_stops_nobody(town: Town, anna: Actor, sergey: Actor) -> None:
    unreachable = "SELECT count(*) FROM users WHERE unreachable_since IS NOT NULL"
    await anna.submit()
    anna.person.block()
    await sergey.press("Взять")
    assert await town.value("SELECT status FROM requests") == "in_progress"
    assert await town.value(unreachable) == 1
    assert await town.value(PENDING) == 0
    anna.person.unblock()
    await anna.say("/my")
    assert await town.value(unreachable) == 0
    assert "№1" in " ".join(anna.labels)


async def test_a_screen_for_someone_who_blocked_the_bot_is_given_up(town: Town, anna: Actor) -> None:
    anna.person.say("/start")
    anna.person.block()
    await town.until_idle()
    assert await town.value("SELECT count(*) FROM users WHERE unreachable_since IS NOT NULL") == 1
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 0
    anna.person.unblock()
    await anna.say("/help")
    assert anna.text.startswith("Как сообщить")


async def test_a_message_that_telegram_refuses_is_given_up_and_the_next_goes(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    town.emulator.faults.add("400", "sendMessage", 1001, description="message is too long")
    await sergey.press("Взять", "Вернуть в очередь")
    assert _times(anna, "Ваша заявка") == 0
    assert _times(anna, "вернулась в очередь") == 1
    assert await town.query("SELECT last_error FROM outbox WHERE state = 'dead'") == [
        ("Bad Request: message is too long",)
    ]


async def test_a_screen_that_telegram_refuses_leaves_the_person_able_to_go_on(town: Town, anna: Actor) -> None:
    town.emulator.faults.add("400", "sendMessage", 1001)
    await anna.say("/start")
    assert anna.texts == []
    await anna.say("/help")
    assert anna.text.startswith("Как сообщить")


async def test_buttons_that_could_not_be_taken_away_are_taken_away_later(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    town.emulator.faults.add("500", "editMessageReplyMarkup")
    await anna.say("/help")
    first = next(each for each in anna.messages if each.by_bot)
    assert first.labels
    await anna.say("/menu")
    assert not next(each for each in anna.messages if each.id == first.id).labels


async def test_a_retired_message_that_was_deleted_is_no_obstacle(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    anna.person.chat.delete(anna.person.chat.messages[anna.screen.id])
    await anna.say("/help")
    assert anna.text.startswith("Как сообщить")
    assert await town.value("SELECT outdated FROM conversations") == "[]"


async def test_a_toast_that_could_not_be_shown_changes_nothing(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("500", "answerCallbackQuery")
    press = await sergey.press("Взять")
    assert not press.answered
    assert sergey.card(1).text.startswith("№1 · 🔧 в работе")
    assert len(town.emulator.journal.calls("answerCallbackQuery")) >= 1


async def test_every_press_is_answered_exactly_once(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено", "Без фото")
    answers = [call.params["callback_query_id"] for call in town.emulator.journal.calls("answerCallbackQuery")]
    assert len(answers) == len(set(answers)) == len(town.emulator.callback_queries.by_id)


async def test_a_screen_edited_into_itself_is_shown(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    await anna.press("Помощь", "Меню")
    assert anna.text.startswith("Здравствуйте")
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 0


async def test_sixty_chats_that_rest_hide_no_other(town: Town, anna: Actor) -> None:
    crowd = [town.person(5000 + number, f"Гость {number}") for number in range(60)]
    town.emulator.faults.add("429", "sendMessage", times=60, retry_after=600)
    for each in crowd:
        each.person.say("/start")
    await town.until_idle()
    assert not any(each.texts for each in crowd)
    await anna.say("/start")
    assert anna.text.startswith("Здравствуйте")
    town.clock.advance(seconds=601)
    await town.until_idle()
    assert all(_times(each, "Здравствуйте") == 1 for each in crowd)


async def test_a_screen_that_was_sent_since_it_was_found_is_not_sent_again(town: Town, anna: Actor) -> None:
    anna.person.say("/start")
    await town.app.poller.poll(timeout=0)
    delivery = town.app.delivery
    (found,) = delivery._newest.values()
    await delivery.flush()
    delivery.show(replace(found, new=False))
    await delivery.flush()
    assert _times(anna, "Здравствуйте") == 1


async def test_a_message_on_its_way_for_longer_than_its_lease_is_sent_once(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    slow = town.emulator.faults.add("slow", "sendMessage", 1001, delay=1.0)
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.app.delivery.flush()
    await sending
    assert _times(anna, "Ваша заявка") == 1


async def test_a_message_whose_claim_could_not_be_prolonged_is_not_taken_twice(
    town: Town, anna: Actor, sergey: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As it happens where its row is locked each time that claims are prolonged.
    monkeypatch.setattr("storage.outbox.leases.renew", lambda *_: None)
    await anna.submit()
    slow = town.emulator.faults.add("slow", "sendMessage", 1001, delay=0.5)
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.app.delivery.flush()
    await sending
    assert _times(anna, "Ваша заявка") == 1


async def test_a_call_that_telegram_leaves_unanswered_is_made_again(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LEASE.total_seconds() / 2 > calls.CALL_TIMEOUT
    monkeypatch.setattr(calls, "CALL_TIMEOUT", 0.05)
    town.emulator.faults.add("slow", "sendMessage", 1001, delay=30)
    async with asyncio.timeout(10):
        await anna.say("/start")
    monkeypatch.undo()
    town.clock.advance(seconds=2)
    await town.until_idle()
    assert _times(anna, "Здравствуйте") == 1


async def test_a_menu_that_came_while_the_card_before_it_was_drawn_is_not_overdrawn_by_the_card(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await anna.say("/my")
    slow = town.emulator.faults.add("slow", "editMessageText", 1001, delay=1.0)
    row, menu = (next(each for each in anna.labels if words in each) for words in ("№1", "Меню"))
    anna.person.press(row)
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    anna.person.press(menu)
    await town.app.poller.poll(timeout=0)
    await sending
    await town.until_idle()
    shown = anna.screen.id
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    (message,) = [each for each in anna.messages if each.id == shown]
    assert message.text.startswith("Здравствуйте")


async def test_a_message_that_cannot_be_sent_is_given_up_in_time_and_the_next_goes(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    bot_id = town.app.bot.id

    def put(tx: Transaction) -> None:
        messages.put(tx, Outgoing(bot_id, 1001, "noSuchMethod", {"call": {"text": "да"}}))
        messages.put(tx, Outgoing(bot_id, 1001, "sendMessage", {"call": {"text": "Следующее"}}))

    await town.app.runner.run(put)
    for _ in range(5):
        assert _times(anna, "Следующее") == 0
        await town.until_idle()
        town.clock.advance(seconds=20)
    await town.until_idle()
    assert _times(anna, "Следующее") == 1
    assert await town.query("SELECT tries, last_error FROM outbox WHERE state = 'dead'") == [(5, "AttributeError")]


@pytest.mark.parametrize("payload", [{"text": "of no version"}, {"call": "Текст"}, []])
async def test_a_message_that_cannot_be_read_is_put_aside_at_once(town: Town, anna: Actor, payload: Any) -> None:
    await anna.say("/start")
    bot_id = town.app.bot.id

    def put(tx: Transaction) -> None:
        messages.put(tx, Outgoing(bot_id, 1001, "sendMessage", payload))
        messages.put(tx, Outgoing(bot_id, 1001, "sendMessage", {"call": {"text": "Следующее"}}))

    await town.app.runner.run(put)
    await town.until_idle()
    assert _times(anna, "Следующее") == 1
    assert await town.query("SELECT last_error FROM outbox WHERE state = 'dead'") == [("it cannot be read",)]


async def test_a_message_outlives_any_number_of_failures_of_the_network(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("drop_before", "sendMessage", 1001, times=7)
    await sergey.press("Взять")
    for _ in range(7):
        town.clock.advance(seconds=301)
        await town.until_idle()
    assert _times(anna, "Ваша заявка") == 1


@pytest.mark.parametrize("screen", ["{}", "[]", '{"name": "main.menu", "text": 5, "rows": [], "about": null}'])
async def test_a_screen_that_cannot_be_read_is_put_aside_at_once(town: Town, anna: Actor, screen: str) -> None:
    await anna.say("/start")
    await town.execute("UPDATE conversations SET screen = :screen, screen_rev = screen_rev + 1", screen=screen)
    await town.until_idle()
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 0
    await anna.say("/help")
    assert anna.text.startswith("Как сообщить")


async def test_chats_that_are_served_leave_nothing_behind(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    assert len(town.app.delivery._chats) == 0


async def test_a_pause_that_telegram_asks_for_is_the_whole_chat_s_and_no_other_s(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    calls = len(town.emulator.journal.calls(chat_id=1001))
    town.emulator.faults.add("429", "sendMessage", 1001, retry_after=40)
    await sergey.press("Взять")
    await anna.say("/help")
    town.clock.advance(seconds=39)
    await anna.say("/menu")
    await sergey.say("/help")
    assert len(town.emulator.journal.calls(chat_id=1001)) == calls + 1
    assert sergey.text.startswith("Как сообщить")

    town.clock.advance(seconds=1)
    await town.until_idle()
    assert _times(anna, "Ваша заявка") == 1
    assert anna.text.startswith("Здравствуйте") or _times(anna, "Здравствуйте") == 1


async def test_whoever_blocked_the_bot_is_told_nothing_more_until_they_come_back(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    anna.person.block()
    await sergey.press("Взять", "Вернуть в очередь")
    tried = len(town.emulator.journal.calls("sendMessage", chat_id=1001))
    await sergey.press("Взять")
    assert len(town.emulator.journal.calls("sendMessage", chat_id=1001)) == tried
    assert await town.value("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0
    anna.person.unblock()
    await anna.say("/start")
    await sergey.press("Вернуть в очередь")
    assert _times(anna, "вернулась в очередь") == 1


async def test_a_screen_that_telegram_refuses_is_kept_with_its_reason(town: Town, anna: Actor) -> None:
    town.emulator.faults.add("400", "sendMessage", 1001, description="can't parse entities")
    await anna.say("/start")
    assert await town.query("SELECT method, chat_id, last_error FROM outbox WHERE state = 'dead'") == [
        ("sendMessage", 1001, "Bad Request: can't parse entities")
    ]


@pytest.mark.parametrize("who", ["screen", "notice"])
async def test_what_was_sent_while_the_database_was_away_is_not_sent_again(
    town: Town, anna: Actor, sergey: Actor, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.retrying.SHORTEST_PAUSE", 0.01)
    await anna.submit()
    words = "Ваша заявка" if who == "notice" else "Как сообщить"
    run, failed = town.app.runner.run, []
    if who == "notice":
        sergey.person.press("Взять")
    else:
        anna.person.say("/help")
    await town.app.poller.poll(timeout=0)

    async def away(work: Any) -> Any:
        if _times(anna, words) and len(failed) < 3:
            failed.append(work)
            raise StorageUnavailable("gone for a moment")
        return await run(work)

    monkeypatch.setattr(town.app.runner, "run", away)
    with suppress(StorageUnavailable):
        await town.app.delivery.flush()
    await town.until_idle()
    assert len(failed) == 3
    assert _times(anna, words) == 1
    assert await town.value(PENDING) == 0


@pytest.mark.parametrize("who", ["card", "screen"])
async def test_what_was_sent_is_not_sent_again_because_of_a_mistake_in_what_follows(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if who == "card":
        await anna.draft()
        anna.person.press("Отправить")
        chat_id = olga.person.id
    else:
        await anna.submit()
        await anna.say("/my")
        anna.person.press(next(each for each in anna.labels if "№1" in each))
        chat_id = anna.person.id
    await town.app.poller.poll(timeout=0)
    town.emulator.faults.add("slow", chat_id=chat_id, delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await asyncio.sleep(0.1)
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)

    def broken(*_: Any) -> None:
        raise KeyError("no such source")

    monkeypatch.setattr(Engine, "cards", broken)
    await sending
    made = len(town.emulator.journal.calls(chat_id=chat_id))
    town.clock.advance(seconds=LEASE.total_seconds() + 1)
    await town.app.delivery.flush()
    assert len(town.emulator.journal.calls(chat_id=chat_id)) == made
    assert await town.value(PENDING) == 0
    assert await town.value("SELECT count(*) FROM conversations WHERE screen_rev > sent_rev") == 0


async def test_a_screen_that_cannot_be_read_for_a_moment_is_shown_as_soon_as_it_can(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.retrying.SHORTEST_PAUSE", 0.01)
    anna.person.say("/start")
    await town.app.poller.poll(timeout=0)
    delivery, run, failed, this = town.app.delivery, town.app.runner.run, [], asyncio.current_task()
    (found,) = delivery._newest.values()

    async def away(work: Any) -> Any:
        if asyncio.current_task() is not this and len(failed) < 3:
            failed.append(work)
            raise StorageUnavailable("gone for a moment")
        return await run(work)

    monkeypatch.setattr(town.app.runner, "run", away)
    delivery.show(replace(found, new=False))
    await delivery.flush()
    assert len(failed) == 3
    assert _times(anna, "Здравствуйте") == 1


async def test_an_older_screen_that_is_handed_over_late_does_not_overdraw_the_newer_one(
    town: Town, anna: Actor
) -> None:
    delivery, handed = town.app.delivery, []
    for words in ("/start", "/help"):
        anna.person.say(words)
        await town.app.poller.poll(timeout=0)
        handed += delivery._newest.values()
    town.emulator.faults.add("slow", "sendMessage", 1001, delay=0.3)
    sending = asyncio.create_task(delivery.flush())
    await asyncio.sleep(0.1)
    delivery.show(handed[0])
    await sending
    await town.until_idle()
    assert anna.text.startswith("Как сообщить")
    assert _times(anna, "Здравствуйте") == 0


async def _announce(town: Town, chats: int) -> list[Actor]:
    """Put a message for each of so many new people into the outbox."""
    crowd = [await town.arrive(5000 + number, f"Гость {number}") for number in range(chats)]
    bot_id = town.app.bot.id
    for each in crowd:
        message = Outgoing(bot_id, each.person.id, "sendMessage", {"call": {"text": "Объявление"}})
        await town.app.runner.run(partial(messages.put, message=message))
    return crowd


async def test_a_process_takes_no_more_in_hand_than_it_sends_soon(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.delivery.MOST_IN_HAND", 3)
    crowd = await _announce(town, 7)
    slow = town.emulator.faults.add("slow", "sendMessage", times=3, delay=0.3)
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits == 3)
    assert await town.value("SELECT count(*) FROM outbox WHERE leased_by IS NOT NULL") == 3
    await sending
    assert [_times(each, "Объявление") for each in crowd] == [1] * 7


async def test_a_process_whose_hands_were_full_goes_on_as_soon_as_they_are_not(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.delivery.MOST_IN_HAND", 3)
    monkeypatch.setattr("bot.delivery.delivery.IDLE", 3600.0)
    crowd = await _announce(town, 7)
    town.emulator.faults.add("slow", "sendMessage", times=3, delay=0.3)
    delivering = asyncio.create_task(town.app.delivery.run())
    await eventually(lambda: all(_times(each, "Объявление") for each in crowd))
    delivering.cancel()
    await asyncio.wait({delivering})
