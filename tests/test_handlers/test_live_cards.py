"""Live cards: one message of a request in a chat, kept current, sent anew when somebody deleted it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.consistency import assert_consistent, cards_of

if TYPE_CHECKING:
    from tests.conversation import Actor, Town


def assert_says_where_the_newest_is(actor: Actor, message_id: int) -> None:
    """An older card shows no status that is none any more."""
    older = next(each for each in actor.messages if each.id == message_id)
    assert (older.text, older.labels) == ("⬇️ Карточка этой заявки теперь ниже.", ())


async def test_a_card_that_was_deleted_is_sent_anew_when_the_request_changes(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    deleted = olga.card(1).id
    olga.person.chat.delete(olga.person.chat.messages[deleted])
    await sergey.press_on(sergey.card(1), "🔧 Взять")

    assert olga.card(1).id != deleted
    assert olga.card(1).text.startswith("№1 · 🔧 в работе")
    assert await town.value("SELECT count(*) FROM outbox WHERE state <> 'sent'") == 0
    await sergey.press("Вернуть в очередь")
    assert [card.text.startswith("№1 · 🆕") for card in cards_of(town, 1) if card.chat_id == olga.person.id] == [True]
    await assert_consistent(town)


async def test_a_card_that_changed_while_it_was_sent_anew_shows_the_newest(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    olga.person.chat.delete(olga.person.chat.messages[olga.card(1).id])
    sergey.person.press_on(sergey.card(1), "🔧 Взять")
    await town.app.poller.poll(timeout=0)
    sergey.person.press_data(sergey.card(1), "request.card:release:1:~x")
    await town.until_idle()

    assert [card.text.startswith("№1 · 🆕") for card in cards_of(town, 1) if card.chat_id == olga.person.id] == [True]
    await assert_consistent(town)


async def test_the_card_left_last_is_the_live_one_of_its_chat(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    first = anna.card(1).id
    await anna.say("/my")
    await anna.press("№1")
    await anna.say("/menu")
    second = anna.card(1).id
    await sergey.press_on(sergey.card(1), "🔧 Взять")

    shown = {card.id: card for card in cards_of(town, 1) if card.chat_id == anna.person.id}
    assert first < second
    assert first not in shown
    assert_says_where_the_newest_is(anna, first)
    assert shown[second].text.startswith("№1 · 🔧 в работе")
    assert shown[second].labels
    await assert_consistent(town)


async def test_a_reply_to_a_card_that_is_live_no_more_is_still_a_comment(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    old = anna.card(1)
    await anna.say("/my")
    await anna.press("№1")
    await anna.say("/menu")
    await anna.say("Уже сильно течёт", reply_to=old)

    assert await town.value("SELECT text FROM comments") == "Уже сильно течёт"


async def test_changes_that_come_fast_are_drawn_once(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    await anna.submit()
    edits = len(town.emulator.journal.calls("editMessageText", chat_id=olga.person.id))
    for data in ("take", "release", "take", "release", "take"):
        sergey.person.press_data(sergey.card(1), f"request.card:{data}:1:~x")
        town.clock.advance(seconds=6)
        await town.app.poller.poll(timeout=0)
    await town.until_idle()

    assert len(town.emulator.journal.calls("editMessageText", chat_id=olga.person.id)) == edits + 1
    assert olga.card(1).text.startswith("№1 · 🔧 в работе")


async def test_a_card_that_loses_its_place_while_it_is_edited_leaves_it_to_the_newer_one(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await anna.say("/my")
    first = anna.card(1).id
    await anna.press("№1")
    town.emulator.faults.add("slow", "editMessageText", anna.person.id, delay=0.3, times=2)
    sergey.person.press("Взять")
    await town.app.poller.poll(timeout=0)
    sending = asyncio.create_task(town.app.delivery.flush())
    await asyncio.sleep(0.1)
    anna.person.say("/menu")
    await town.app.poller.poll(timeout=0)
    await sending
    await town.until_idle()
    await sergey.press_on(sergey.card(1), "Вернуть в очередь")

    shown = {card.id: card for card in cards_of(town, 1) if card.chat_id == anna.person.id}
    second = max(shown)
    assert first < second
    assert first not in shown
    assert_says_where_the_newest_is(anna, first)
    assert shown[second].text.startswith("№1 · 🆕")
    assert shown[second].labels
    await assert_consistent(town)
