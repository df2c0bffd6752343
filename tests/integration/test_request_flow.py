"""A request's whole way, through the real dispatcher, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.records import requests
from storage.records.requests import KIND
from tests.consistency import assert_consistent, cards_of

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from engine.compiled import CompiledFlows
    from tests.conversation import Actor, Town

LABELS = {
    "take": "🔧 Взять",
    "complete": "✅ Выполнено",
    "assign": "👤 Назначить",
    "hold": "⏸ Отложить",
    "resume": "▶️ Продолжить",
    "release": "↩️ Вернуть в очередь",
    "reject": "🚫 Отклонить",
    "cancel_own": "✖️ Отменить заявку",
    "reopen": "🔁 Не исправлено",
}
PATHS = [
    "cancel_own",
    "reject",
    "take reject",
    "take hold reject",
    "take hold resume complete reopen cancel_own",
    "take release take complete reopen assign complete",
    "assign assign hold resume release assign complete reopen take hold resume reject",
]
"""Transitions one after the other: together, each of the flow's from each status it may leave."""


async def _main_job(anna: Actor, sergey: Actor) -> None:
    """From a photo to "done", back, and to "done" again."""
    clock = anna.town.clock
    await anna.say("/start")
    await anna.send_album(3, "Течёт кран в туалете. Вода на полу")
    await anna.say("Туалт")
    await anna.press("Сантехника", "Срочно", "Место")
    await anna.say("Туалет, 2 этаж")
    await anna.press("Отправить")
    clock.advance(minutes=7)
    await sergey.press("Взять")
    await sergey.say("Сейчас буду", sergey.card(1))
    clock.advance(minutes=3)
    await anna.send_photo(caption="Уже по щиколотку", reply_to=anna.seen("Сейчас буду"))
    await sergey.press("Выполнено")
    clock.advance(minutes=40)
    await sergey.send_photo(caption="Заменил прокладку")
    await anna.press("Открыть", "Файлы", "Не исправлено")
    clock.advance(days=1)
    await anna.say("Капает снова")
    await sergey.press("Открыть", "Взять", "Выполнено", "Без фото")


async def test_the_author_sees_the_main_job(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await _main_job(anna, sergey)
    assert anna.transcript() == transcripts


async def test_the_manager_sees_the_main_job(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await _main_job(anna, sergey)
    assert sergey.transcript() == transcripts


async def test_the_main_job_stores_everything_that_was_said_and_sent(town: Town, anna: Actor, sergey: Actor) -> None:
    await _main_job(anna, sergey)
    fields = "SELECT number, title, description, location, priority, status, stage FROM requests"
    assert await town.query(fields) == [
        (1, "Течёт кран в туалете", "Течёт кран в туалете. Вода на полу", "Туалет, 2 этаж", "high", "completed", "done")
    ]
    assert await town.value("SELECT c.code FROM requests r JOIN categories c ON c.id = r.category_id") == "plumbing"
    people = "SELECT a.telegram_id, m.telegram_id FROM requests r JOIN users a ON a.id = r.user_id "
    assert await town.query(people + "JOIN users m ON m.id = r.assignee_id") == [(1001, 2001)]
    assert await town.query("SELECT purpose, count(*) FROM files GROUP BY purpose ORDER BY purpose") == [
        ("comment", 1),
        ("report", 1),
        ("request", 3),
    ]
    assert await town.query("SELECT text FROM comments ORDER BY id") == [
        ("Сейчас буду",),
        ("Уже по щиколотку",),
        ("Заменил прокладку",),
    ]
    assert await town.query("SELECT name, reason FROM events ORDER BY id") == [
        ("create", None),
        ("take", None),
        ("complete", None),
        ("reopen", "Капает снова"),
        ("take", None),
        ("complete", None),
    ]
    await assert_consistent(town)


async def test_the_times_of_a_request_are_those_of_what_happened(town: Town, anna: Actor, sergey: Actor) -> None:
    filed = town.clock.now
    await anna.submit()
    taken = town.clock.advance(minutes=7)
    await sergey.press("Взять")
    done = town.clock.advance(hours=1)
    await sergey.press("Выполнено", "Без фото")
    row = await town.app.runner.run(lambda tx: requests.by_number(tx, 1))
    assert row
    assert (row.created_at, row.taken_at, row.completed_at) == (filed, taken, done)


async def _carry_out(transition: str, anna: Actor, sergey: Actor) -> None:
    anna.town.clock.advance(minutes=1)
    actor = anna if transition in {"cancel_own", "reopen"} else sergey
    await actor.press_on(actor.card(1), LABELS[transition])
    if transition == "complete":
        await actor.send_photo()
    elif transition == "assign":
        await actor.press("Пётр Кузнецов")
    elif transition in {"hold", "reject", "reopen"}:
        await actor.say("есть причина")


@pytest.mark.parametrize("path", PATHS)
async def test_every_change_is_in_the_history_and_on_every_card(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor, path: str
) -> None:
    await anna.submit()
    await anna.say("/my")
    await anna.press("№1")
    await pyotr.say("/queue")
    await pyotr.press("№1")
    for done, transition in enumerate(path.split(), 1):
        await _carry_out(transition, anna, sergey)
        assert await town.value("SELECT name FROM events ORDER BY id DESC LIMIT 1") == transition
        assert await town.value("SELECT count(*) FROM events") == done + 1
        assert {message.chat_id for message in cards_of(town, 1)} == {1001, 2001, 2002, 3001}
        await assert_consistent(town)


def test_the_paths_take_every_transition_from_every_status(flows: CompiledFlows) -> None:
    life = flows.lifecycles[KIND]
    taken = set()
    for path in PATHS:
        state = life.initial
        for name in path.split():
            taken.add((name, state))
            (way,) = life.machine.events[name].transitions[state]
            state = way.dest
    declared = {(name, state) for name in life.transitions for state in life.machine.events[name].transitions}
    assert taken == declared


async def test_a_request_is_reopened_within_seven_days_and_not_later(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено", "Без фото")
    town.clock.advance(days=7)
    await _carry_out_reopening(anna, minutes_before=1)
    assert await town.value("SELECT status FROM requests") == "open"

    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await sergey.press("Выполнено", "Без фото")
    old = anna.card(1)
    town.clock.advance(days=7, minutes=1)
    press = await anna.press_on(old, "🔁 Не исправлено")
    assert press.text == "Сейчас это сделать нельзя."
    assert await town.value("SELECT status FROM requests") == "completed"
    await assert_consistent(town)


async def _carry_out_reopening(anna: Actor, minutes_before: float) -> None:
    anna.town.clock.advance(minutes=-minutes_before)
    await anna.press_on(anna.card(1), "🔁 Не исправлено")
    await anna.say("Капает снова")


async def test_of_an_answer_that_comes_after_the_seven_days_only_the_explanation_is_left(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено", "Без фото")
    town.clock.advance(days=6)
    await anna.press_on(anna.card(1), "🔁 Не исправлено")
    town.clock.advance(days=2)
    await anna.say("Капает снова")
    assert anna.text.startswith("Сейчас это сделать нельзя.")
    assert await town.value("SELECT status FROM requests") == "completed"
    assert await town.value("SELECT count(*) FROM events WHERE name = 'reopen'") == 0
    await assert_consistent(town)


async def test_ten_people_who_send_at_once_get_the_numbers_one_to_ten(town: Town, sergey: Actor, olga: Actor) -> None:
    people = [town.person(5001 + index, f"Учитель{index}") for index in range(10)]
    for index, each in enumerate(people):
        await each.draft(f"Поломка {index}")
    for each in people:
        each.person.press("Отправить")
        each.person.press("Отправить")
    await town.until_idle()

    numbers = await town.query("SELECT number FROM requests ORDER BY number")
    assert [number for (number,) in numbers] == list(range(1, 11))
    shown = [each.screen.text.partition("№")[2].partition(" ")[0] for each in people]
    assert sorted(map(int, shown)) == list(range(1, 11))
    for manager in (sergey, olga):
        assert len([each for each in manager.texts if each.startswith("№")]) == 10
    assert await town.value("SELECT count(*) FROM events") == 10
    await assert_consistent(town)


async def test_two_comments_at_once_are_both_kept_told_and_shown(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    for each in (anna, sergey, olga):
        each.person.say(f"Пишет {each.person.name}", each.card(1))
    await town.until_idle()

    comments = await town.query("SELECT text FROM comments ORDER BY text")
    assert comments == [("Пишет Анна",), ("Пишет Ольга",), ("Пишет Сергей",)]
    assert {text for text in ("Пишет Сергей", "Пишет Ольга") if anna.seen(f": {text}")}
    for message in cards_of(town, 1):
        assert all(text in message.text for (text,) in comments)
    await assert_consistent(town)


async def test_the_photos_of_a_comment_can_be_had_from_the_card(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    await anna.send_album(2, "Уже по щиколотку")
    assert "📎 Файлы (2)" in sergey.card(1).labels
    await sergey.press("Файлы")
    sent = [message for message in sergey.messages if message.by_bot and message.kind == "photo"]
    assert len(sent) == 2
    await assert_consistent(town)


async def test_an_album_whose_last_pieces_come_while_the_request_is_taken_is_whole(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    for piece in range(5):
        town.clock.advance(seconds=1)
        anna.person.send_album([None, None], f"Фото {piece}")
        if piece == 1:
            sergey.person.press_on(sergey.card(1), "🔧 Взять")
        if piece == 3:
            olga.person.press_on(olga.card(1), "🚫 Отклонить")
        await town.until_idle()
        await anna.press_on(anna.card(1), "💬 Комментарий")
    assert await town.value("SELECT count(*) FROM files") == 10
    assert await town.query("SELECT count(*), count(DISTINCT comment_id) FROM files") == [(10, 5)]
    await anna.press("Назад")
    await olga.press("Назад")
    await assert_consistent(town)


async def test_an_update_that_comes_again_after_a_restart_takes_effect_once(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    await town.app.poller.poll(timeout=0)
    assert town.emulator.updates.pending, "handled, but not confirmed yet"
    await town.restart()
    await town.until_idle()
    assert not town.emulator.updates.pending
    assert await town.value("SELECT count(*) FROM requests") == 1
    assert len([each for each in sergey.texts if each.startswith("№1")]) == 1
    await assert_consistent(town)


async def test_a_draft_survives_a_restart_and_a_month_of_silence(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.send_album(2, "Течёт кран")
    await anna.say("Кабинет 214")
    await town.restart()
    town.clock.advance(days=31)
    await anna.press("Сантехника")
    await town.restart()
    await anna.press("Срочно", "Отправить")
    assert sergey.card(1)
    assert await town.value("SELECT count(*) FROM files") == 2
    await assert_consistent(town)
