"""Managers and the crew at work, often at the same moment, on both databases."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.consistency import assert_consistent, cards_of

if TYPE_CHECKING:
    from tests.conversation import Actor, Town

STATUS = "SELECT status FROM requests WHERE number = 1"
ASSIGNEE = "SELECT u.full_name FROM requests r JOIN users u ON u.id = r.assignee_id"
EVENTS = "SELECT name FROM events ORDER BY id"


async def test_of_two_managers_who_take_in_one_batch_one_has_it_and_the_other_is_told(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    town.clock.advance(minutes=7)
    presses = {"Сергей Иванов": sergey.person.press("Взять"), "Ольга Смирнова": olga.person.press("Взять")}
    assert len(town.emulator.updates.pending) == 2
    await town.until_idle()

    winner = await town.value(ASSIGNEE)
    assert presses.pop(winner).text == "Заявка №1 теперь ваша."
    assert [press.text for press in presses.values()] == [f"Заявку уже взял(а) {winner} в 11:07."]
    assert await town.query(EVENTS) == [("create",), ("take",)]
    assert sum("Ваша заявка" in told for told in anna.texts) == 1
    await assert_consistent(town)


async def test_a_crowd_that_takes_at_once_shares_out_every_request_once(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor
) -> None:
    await anna.submit(times=5)
    await pyotr.say("/queue")
    await pyotr.press("№3")
    for number in range(1, 6):
        sergey.person.press_on(sergey.card(number), "🔧 Взять")
        olga.person.press_on(olga.card(6 - number), "🔧 Взять")
    pyotr.person.press("Взять")
    await town.until_idle()

    taken = "SELECT subject_id, count(*) FROM events WHERE name = 'take' GROUP BY subject_id ORDER BY subject_id"
    assert await town.query(taken) == [(number, 1) for number in range(1, 6)]
    assert sum("Ваша заявка" in told for told in anna.texts) == 5
    await assert_consistent(town)


async def test_taking_and_cancelling_at_once_has_one_winner_and_one_explanation(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    taking, cancelling = sergey.person.press("Взять"), anna.person.press("Отменить заявку")
    await town.until_idle()

    status = await town.value(STATUS)
    assert (taking.text, cancelling.text) == {
        "in_progress": ("Заявка №1 теперь ваша.", "Заявка уже в работе: отменить её может завхоз."),
        "cancelled": ("Заявка уже отменена автором.", "Заявка отменена."),
    }[status]
    assert len(await town.query(EVENTS)) == 2
    await assert_consistent(town)


async def test_finishing_and_rejecting_at_once_has_one_winner_and_one_explanation(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено")
    await olga.press_on(olga.card(1), "🚫 Отклонить")
    sergey.person.send_photo(None, "Заменил")
    olga.person.say("крана больше нет")
    await town.until_idle()

    status = await town.value(STATUS)
    said = {
        "completed": ("Заявка №1 выполнена. Спасибо!", "Заявка уже выполнена."),
        "rejected": ("Заявка уже отклонена.", "Заявка отклонена, автор узнает причину."),
    }[status]
    assert [each.seen("№1 · ").text.split("\n")[0] for each in (sergey, olga)] == list(said)
    assert await town.value("SELECT count(*) FROM files") == (1 if status == "completed" else 0)
    assert len(await town.query(EVENTS)) == 3
    await assert_consistent(town)


async def test_two_who_assign_at_once_leave_one_assignee_and_tell_both_assigned(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor
) -> None:
    await anna.submit()
    await sergey.press("Назначить")
    await olga.press_on(olga.card(1), "👤 Назначить")
    sergey.person.press("Пётр Кузнецов")
    olga.person.press("Сергей Иванов")
    await town.until_idle()

    assert await town.query(EVENTS) == [("create",), ("assign",), ("assign",)]
    assert "Вам назначена заявка №1" in pyotr.seen("назначена").text
    assert "Вам назначена заявка №1" in sergey.seen("назначена").text
    assert anna.texts.count(anna.seen(f"Исполнитель: {await town.value(ASSIGNEE)}").text) == 1
    await assert_consistent(town)


async def test_a_request_changes_hands(town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor) -> None:
    await anna.submit()
    await sergey.press("Назначить", "Пётр Кузнецов")
    await pyotr.press("Открыть")
    assert "✅ Выполнено" in pyotr.card(1).labels
    await olga.press_on(olga.card(1), "👤 Назначить")
    await olga.press("Ольга Смирнова")
    assert "✅ Выполнено" not in pyotr.card(1).labels
    assert "🔧 Ольга Смирнова" in pyotr.card(1).text
    await assert_consistent(town)


async def test_a_released_request_is_anybodys_again(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor
) -> None:
    await anna.submit()
    await pyotr.say("/queue")
    await pyotr.press("№1", "Взять", "Вернуть в очередь")
    assert await town.query("SELECT status, stage, assignee_id, taken_at FROM requests") == [
        ("open", "waiting", None, None)
    ]
    await olga.press_on(olga.card(1), "🔧 Взять")
    assert await town.value(ASSIGNEE) == "Ольга Смирнова"
    await assert_consistent(town)


async def test_a_request_waits_and_goes_on_with_its_reason_in_the_history(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    await sergey.press("Взять", "Отложить")
    await sergey.say("жду прокладку")
    assert await town.query("SELECT status, stage FROM requests") == [("on_hold", "paused")]
    assert "отложена (жду прокладку)" in olga.card(1).text
    await sergey.press("Продолжить")
    assert await town.query("SELECT status, stage FROM requests") == [("in_progress", "active")]
    assert await town.query("SELECT name, reason FROM events ORDER BY id") == [
        ("create", None),
        ("take", None),
        ("hold", "жду прокладку"),
        ("resume", None),
    ]
    await assert_consistent(town)


async def test_a_rejected_request_is_closed_to_everybody(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    await anna.submit()
    old = olga.card(1)
    await sergey.press("Отклонить")
    await sergey.say("это к соседям")
    for label in ("🔧 Взять", "👤 Назначить", "🚫 Отклонить"):
        town.clock.advance(minutes=1)
        assert (await olga.press_on(old, label)).text
    assert await town.query(EVENTS) == [("create",), ("reject",)]
    assert "это к соседям" in anna.seen("отклонена").text
    await assert_consistent(town)


async def test_the_queue_says_at_every_moment_what_is_not_finished(
    town: Town, anna: Actor, sergey: Actor, pyotr: Actor
) -> None:
    await anna.submit(times=3)
    queue = [
        ("Ждут: 3 · в работе: 0 · отложены: 0", "Взять", None),
        ("Ждут: 2 · в работе: 1 · отложены: 0", "Отложить", "нет деталей"),
        ("Ждут: 2 · в работе: 0 · отложены: 1", "Отклонить", "не к нам"),
        ("Ждут: 2 · в работе: 0 · отложены: 0", None, None),
    ]
    for counts, label, reason in queue:
        await pyotr.say("/queue")
        assert counts in pyotr.text
        if label:
            await sergey.press_on(sergey.card(2), label)
        if reason:
            await sergey.say(reason)
    assert [text.split()[1] for text in pyotr.labels if "№" in text] == ["№1", "№3"]


async def test_a_manager_who_comes_later_finds_what_is_open_and_hears_of_what_follows(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit("Скрипит дверь")
    olga = await town.arrive(2002, "Ольга", "Смирнова")
    await olga.say("/queue")
    await olga.press("№1", "Взять")
    await anna.submit("Течёт кран")
    assert "🔧 Ольга Смирнова" in sergey.card(1).text
    assert olga.card(2)
    await assert_consistent(town)


async def test_the_director_opens_nobodys_button(town: Town, anna: Actor, sergey: Actor, vera: Actor) -> None:
    await anna.submit()
    for transition in ("take", "assign", "reject", "cancel_own"):
        town.clock.advance(minutes=1)
        assert (await vera.press_data(vera.screen, f"request.card:{transition}:1:~x")).text
    assert await town.query(EVENTS) == [("create",)]
    assert not cards_of(town, 1) or {each.chat_id for each in cards_of(town, 1)} <= {1001, 2001, 4001}
    await assert_consistent(town)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_a_busy_school_presses_at_once_everything_stays_consistent(
    town: Town, anna: Actor, boris: Actor, sergey: Actor, olga: Actor, pyotr: Actor, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable story, no secret
    people = [anna, boris, sergey, olga, pyotr]
    await anna.submit("Течёт кран", times=2)
    await boris.submit("Скрипит дверь", times=2)
    await pyotr.say("/queue")
    presses = []
    for _ in range(15):
        town.clock.advance(seconds=40)
        for actor in people:
            presses.append(_anything(actor, chance))
        await town.until_idle()
    for actor in people:
        await actor.say("/menu")
    assert all(press.answered for press in presses if press)
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0
    assert await town.value("SELECT count(*) FROM events") > 5
    await assert_consistent(town)


def _anything(actor: Actor, chance: random.Random) -> object:
    """Press one of the buttons in sight, write something, or send a photo."""
    shown = [(message, label) for message in actor.messages for label in message.labels if "✖️" not in label]
    what = chance.random()
    if what < 0.15 or not shown:
        actor.person.say(chance.choice(["есть причина", "Кабинет 3"]))
    elif what < 0.25:
        actor.person.send_photo(None, "Вот так")
    elif what < 0.3:
        actor.person.say("Ответ", chance.choice(shown)[0])
    else:
        return actor.person.press_on(*chance.choice(shown))
    return None
