"""What people do with a filed request: every status transition by every role, comments, late and doubled presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor, Town

STATUS = "SELECT status FROM requests WHERE number = 1"
GONE = "Этого больше нет или это не для вас."

WAYS_TO = {
    "open": [],
    "in_progress": ["Взять"],
    "on_hold": ["Взять", "Отложить"],
    "completed": ["Взять", "Выполнено"],
    "rejected": ["Отклонить"],
    "cancelled": [],
}
"""Buttons by which the manager brings a request into a status."""

ALLOWED = {
    ("take", "open"): {"manager", "second_manager", "crew"},
    ("assign", "open"): {"manager", "second_manager"},
    ("assign", "in_progress"): {"manager", "second_manager"},
    ("complete", "in_progress"): {"manager", "second_manager"},
    ("hold", "in_progress"): {"manager", "second_manager"},
    ("resume", "on_hold"): {"manager", "second_manager"},
    ("release", "in_progress"): {"manager", "second_manager"},
    ("reject", "open"): {"manager", "second_manager"},
    ("reject", "in_progress"): {"manager", "second_manager"},
    ("reject", "on_hold"): {"manager", "second_manager"},
    ("cancel_own", "open"): {"author"},
    ("reopen", "completed"): {"author"},
}
"""Who may make which transition from which status, as PRODUCT says; the manager is the assignee."""

RESULT = {
    "take": "in_progress",
    "assign": "in_progress",
    "complete": "completed",
    "hold": "on_hold",
    "resume": "in_progress",
    "release": "open",
    "reject": "rejected",
    "cancel_own": "cancelled",
    "reopen": "open",
}
ANSWERS = {"assign": "Пётр Кузнецов", "complete": "Без фото", "hold": None, "reject": None, "reopen": None}
"""How the question of a transition is answered: by a button, or (None) by typed words."""

SAID = {
    "take": "Заявка №1 теперь ваша.",
    "release": "Заявка снова в очереди.",
    "resume": "Заявка снова в работе.",
    "cancel_own": "Заявка отменена.",
}
"""What is said of a transition that asks nothing."""


async def _bring(author: Actor, manager: Actor, status: str) -> None:
    await author.submit("Течёт кран")
    for label in WAYS_TO[status]:
        await manager.press_on(manager.card(1), next(each for each in manager.card(1).labels if label in each))
        if "Напишите причину" in manager.text:
            await manager.say("потому что так")
        if "Без фото" in manager.labels:
            await manager.press("Без фото")
    if status == "cancelled":
        await author.press("Отменить заявку")


async def _do(actor: Actor, transition: str) -> str:
    """Press as a tampered client may, answer what is asked; return what the bot said of the press."""
    press = await actor.press_data(actor.screen, f"request.card:{transition}:1:~x")
    if press.text or transition not in ANSWERS:
        return press.text
    answer = ANSWERS[transition]
    await (actor.say("есть причина") if answer is None else actor.press(answer))
    return ""


@pytest.fixture
async def people(anna: Actor, boris: Actor, sergey: Actor, olga: Actor, pyotr: Actor, vera: Actor) -> dict[str, Actor]:
    """One of each kind; the manager is the assignee of what is taken."""
    await boris.say("/start")
    return {"author": anna, "staff": boris, "crew": pyotr, "manager": sergey, "second_manager": olga, "viewer": vera}


@pytest.mark.parametrize("status", WAYS_TO)
async def test_nobody_makes_a_transition_that_is_not_theirs_or_not_now(
    town: Town, people: dict[str, Actor], status: str
) -> None:
    await _bring(people["author"], people["manager"], status)
    events = await town.value("SELECT count(*) FROM events")
    for who, actor in people.items():
        for transition in RESULT:
            if who not in ALLOWED.get((transition, status), ()):
                said = await _do(actor, transition)
                assert said, f"{who} is told why {transition} is refused"
                assert (said == GONE) == (who == "staff"), f"{who} tries {transition}: {said}"
    assert await town.value(STATUS) == status
    assert await town.value("SELECT count(*) FROM events") == events


@pytest.mark.parametrize(
    ("transition", "status", "who"), [(*way, who) for way, allowed in ALLOWED.items() for who in sorted(allowed)]
)
async def test_everybody_makes_the_transitions_that_are_theirs(
    town: Town, people: dict[str, Actor], transition: str, status: str, who: str
) -> None:
    await _bring(people["author"], people["manager"], status)
    assert await _do(people[who], transition) in {"", *SAID.values()}
    assert await town.value(STATUS) == RESULT[transition]
    assert await town.query("SELECT name, from_state, to_state FROM events ORDER BY id DESC LIMIT 1") == [
        (transition, status, RESULT[transition])
    ]


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("open", {"✖️ Отменить заявку"}),
        ("in_progress", set()),
        ("on_hold", set()),
        ("completed", {"🔁 Не исправлено"}),
        ("rejected", set()),
        ("cancelled", set()),
    ],
)
async def test_the_author_sees_the_buttons_of_the_moment(
    anna: Actor, sergey: Actor, status: str, buttons: set[str]
) -> None:
    await _bring(anna, sergey, status)
    ways = {"💬 Комментарий", "⬅️ Назад", "🏠 Меню"}
    assert set(anna.card(1).labels) - ways == buttons


# Two at once, and too late


async def test_of_two_managers_who_press_take_at_once_one_has_it_and_the_other_is_told(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.submit()
    town.clock.advance(minutes=7)
    first, second = sergey.person.press("Взять"), olga.person.press("Взять")
    assert len(town.emulator.updates.pending) == 2
    await town.until_idle()
    assert await town.query("SELECT count(*) FROM events WHERE name = 'take'") == [(1,)]
    taker = {"Сергей Иванов": first, "Ольга Смирнова": second}
    name = await town.value("SELECT u.full_name FROM requests r JOIN users u ON u.id = r.assignee_id")
    winner = taker.pop(name)
    (loser,) = taker.values()
    assert winner.text == "Заявка №1 теперь ваша."
    assert loser.text == f"Заявку уже взял(а) {name} в 11:07."
    assert sum("в работе" in told and "Ваша заявка" in told for told in anna.texts) == 1
    assert f"🔧 {name}" in sergey.card(1).text
    assert f"🔧 {name}" in olga.card(1).text
    assert olga.transcript() == transcripts


async def test_a_double_tap_on_take_takes_once(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    presses = [sergey.person.press("Взять"), sergey.person.press("Взять")]
    await town.until_idle()
    assert all(press.answered for press in presses)
    assert await town.value("SELECT count(*) FROM events WHERE name = 'take'") == 1


async def test_a_button_of_an_old_drawing_of_a_card_says_who_has_it(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    old = olga.card(1)
    await sergey.press("Взять")
    town.clock.advance(minutes=30)
    press = await olga.press_on(old, "🔧 Взять")
    assert press.text == "Заявку уже взял(а) Сергей Иванов в 11:00."
    assert "🔧 Взять" not in olga.card(1).labels


async def test_an_old_drawing_of_a_finished_request_says_how_it_ended(anna: Actor, sergey: Actor, olga: Actor) -> None:
    await anna.submit()
    old = olga.card(1)
    await anna.press("Отменить заявку")
    press = await olga.press_on(old, "🔧 Взять")
    assert press.text == "Заявка уже отменена автором."
    press = await olga.press_on(old, "🚫 Отклонить")
    assert press.text == "Заявка уже отменена автором."


async def test_cancelling_too_late_says_who_can(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    old = anna.screen
    await sergey.press("Взять")
    press = await anna.press_on(old, "✖️ Отменить заявку")
    assert press.text == "Заявка уже в работе: отменить её может завхоз."


async def test_an_answer_that_comes_after_the_request_was_closed_changes_nothing(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено")
    await olga.press_on(olga.card(1), "🚫 Отклонить")
    await olga.say("крана больше нет")
    await sergey.send_photo()
    assert sergey.text.startswith("Заявка уже отклонена.")
    assert await town.value(STATUS) == "rejected"
    assert await town.value("SELECT count(*) FROM files") == 0


async def test_a_photo_in_place_of_a_reason_begins_no_other_request_and_drops_nothing(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    await sergey.send_photo(caption="Всё цело")
    assert sergey.text.startswith("Причину нужно написать словами.")
    await sergey.say("Кран уже заменили")
    assert await town.value(STATUS) == "rejected"
    await sergey.say("/menu")
    assert "➕ Новая заявка" in sergey.labels


async def test_a_photo_out_of_the_blue_begins_a_request_though_a_question_stands_unanswered_below(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    await sergey.say("/help")
    await sergey.send_photo(caption="Искрит розетка")
    assert "Где это?" in sergey.text


async def test_a_request_begun_over_an_unanswered_question_is_thrown_away_where_its_author_says_so(
    anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    await sergey.say("/new")
    await sergey.say("Искрит розетка")
    await sergey.send_photo()
    assert "📎 Файл принят." in sergey.text
    await sergey.press("Отмена", "Убрать")
    await sergey.say("/menu")
    assert "➕ Новая заявка" in sergey.labels


async def test_an_old_question_about_one_request_never_answers_for_another(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit("Первая поломка")
    await anna.submit("Вторая поломка")
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await sergey.press_on(sergey.card(2), "🔧 Взять")
    await sergey.press_on(sergey.card(1), "✅ Выполнено")
    question = sergey.screen if "готово" in sergey.text else sergey.seen("готово?")
    await sergey.press_on(sergey.card(2), "✅ Выполнено")
    await sergey.press_on(question, "Без фото")
    assert await town.query("SELECT number FROM requests WHERE status = 'completed'") == []


async def test_a_notice_of_a_request_that_changed_since_opens_what_is_now(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять")
    notice = anna.seen("Ваша заявка")
    await sergey.press("Выполнено", "Без фото")
    await anna.press_on(notice, "Открыть")
    assert any(each.text.startswith("№1 · ✅ выполнена") for each in anna.messages if each.id == notice.id)


async def test_a_notice_opened_twice_stays_one_card(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять")
    notice = anna.seen("Ваша заявка")
    await anna.press_on(notice, "Открыть")
    await anna.press_on(notice, "Открыть")
    assert anna.messages[notice.id - 1].text.startswith("№1 · 🔧 в работе")


# Comments


async def test_a_comment_by_the_button(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.submit()
    before = anna.transcript()
    await anna.press("Комментарий")
    await anna.say("Осторожно, <мокрый> пол & ступенька")
    assert anna.transcript().removeprefix(before) == transcripts
    assert "Анна Петрова: Осторожно, <мокрый> пол & ступенька" in sergey.text


async def test_a_reply_to_a_card_a_notice_or_a_screen_is_a_comment(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.say("Буду через час", sergey.card(1))
    await anna.say("Спасибо", anna.seen("Буду через час"))
    await anna.say("Жду", anna.card(1))
    assert await town.query("SELECT text FROM comments ORDER BY id") == [("Буду через час",), ("Спасибо",), ("Жду",)]


async def test_a_reply_leaves_the_dialog_as_it_is(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.submit()
    card = anna.screen
    await anna.say("/new")
    await anna.say("Скрипит дверь")
    before = anna.transcript()
    await anna.say("Кран всё ещё течёт", card)
    await anna.say("Спортзал")
    assert anna.transcript().removeprefix(before) == transcripts


async def test_words_under_an_open_card_are_a_comment_if_their_author_says_so(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await anna.say("Ещё и вода на полу")
    assert anna.text == "Это к заявке №1 или о новой поломке?\n«Ещё и вода на полу»"
    press = await anna.press("К заявке №1")
    assert press.text == "💬 Комментарий передан."
    assert anna.text.startswith("№1")
    assert await town.query("SELECT text FROM comments") == [("Ещё и вода на полу",)]
    assert "Анна Петрова: Ещё и вода на полу" in sergey.text


async def test_a_breakdown_told_under_the_card_of_another_becomes_a_request_of_its_own(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено", "Без фото")
    await anna.send_photo(caption="Искрит розетка")
    assert anna.text == "Это к заявке №1 или о новой поломке?\n«Искрит розетка»\n📎 Файлов: 1"
    await anna.press("Новая заявка")
    assert anna.text.startswith("Где это?")
    await anna.say("Кабинет 5")
    await anna.press("Электрика", "Срочно", "Отправить")
    assert await town.query("SELECT description FROM requests WHERE number = 2") == [("Искрит розетка",)]
    assert await town.query("SELECT subject_id, purpose FROM files") == [(2, "request")]
    assert await town.value("SELECT count(*) FROM comments") == 0


async def test_a_photo_without_words_under_a_card_is_asked_what_it_shows(anna: Actor) -> None:
    await anna.submit()
    await anna.send_photo()
    await anna.press("Новая заявка")
    assert anna.text == "Новая заявка\nПришлите фото с подписью или опишите словами, что случилось.\n📎 Файлов: 1"


async def test_an_album_under_a_card_goes_where_its_author_says_whole(town: Town, anna: Actor) -> None:
    await anna.submit()
    await anna.send_album(3, "Ещё и вода на полу")
    await anna.press("К заявке №1")
    assert await town.query("SELECT purpose, count(*) FROM files GROUP BY purpose") == [("comment", 3)]


async def test_a_late_piece_of_an_album_joins_the_request_that_its_author_made_of_it(town: Town, anna: Actor) -> None:
    await anna.submit()
    anna.person.send_album([None, None], "Искрит розетка")
    late = town.emulator.updates.pending.pop()
    await town.until_idle()
    await anna.press("Новая заявка")
    town.emulator.updates.pending.append(late)
    await town.until_idle()
    await anna.say("Кабинет 5")
    await anna.press("Электрика", "Срочно", "Отправить")
    assert await town.query("SELECT subject_id, count(*) FROM files GROUP BY subject_id") == [(2, 2)]


async def test_whoever_goes_back_has_written_nothing(town: Town, anna: Actor) -> None:
    await anna.submit()
    await anna.say("Ещё и вода на полу")
    await anna.press("Назад")
    assert anna.text.startswith("№1")
    assert await town.value("SELECT count(*) FROM comments") == 0


async def test_a_reply_to_another_message_is_no_comment(town: Town, anna: Actor) -> None:
    await anna.submit()
    await anna.say("/menu")
    await anna.say("что это?", anna.screen)
    assert await town.value("SELECT count(*) FROM comments") == 0
    assert anna.text.startswith("Сообщить о поломке?\n«что это?»")


async def test_a_reply_to_a_card_seen_no_more_is_refused(town: Town, anna: Actor, boris: Actor) -> None:
    await anna.submit()
    await boris.say("/start")
    await town.execute(
        "INSERT INTO message_links (bot_id, chat_id, message_id, shape, name, subject_kind, subject_id, created_at)"
        " VALUES (:bot, 1002, :message, 'card', 'request.card', 'request', 1, '2026-03-02 08:00:00')",
        bot=town.app.bot.id,
        message=boris.screen.id,
    )
    await boris.say("а что у вас?", boris.screen)
    assert boris.text == GONE
    assert await town.value("SELECT count(*) FROM comments") == 0


@pytest.mark.parametrize("words", ["я" * 1001, " "])
async def test_a_comment_out_of_bounds_is_explained(town: Town, anna: Actor, words: str) -> None:
    await anna.submit()
    await anna.say(words, anna.card(1))
    assert anna.text.startswith("Слишком")
    await anna.press("Комментарий")
    await anna.say(words)
    assert anna.text.startswith("Слишком")
    assert await town.value("SELECT count(*) FROM comments") == 0


async def test_a_sticker_is_no_comment(town: Town, anna: Actor) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    await anna.send_sticker()
    assert anna.text.startswith("Комментарий — это текст, фото или документ.")
    await anna.press("Назад")
    assert anna.text.startswith("№1 · ")
    assert await town.value("SELECT count(*) FROM comments") == 0


async def test_the_eleventh_comment_in_five_minutes_is_refused_and_kept_for_later(town: Town, anna: Actor) -> None:
    await anna.submit()
    for number in range(10):
        await anna.say(f"Капля {number}", anna.card(1))
    await anna.say("Одиннадцатая", anna.card(1))
    assert anna.text.startswith("Слишком много комментариев подряд.")
    await anna.press("Комментарий")
    await anna.say("И так тоже")
    assert anna.text.startswith("Слишком много комментариев подряд.")
    assert await town.value("SELECT count(*) FROM comments") == 10
    town.clock.advance(minutes=5, seconds=1)
    await anna.say("А теперь можно")
    assert await town.value("SELECT text FROM comments ORDER BY id DESC") == "А теперь можно"


async def test_a_card_shows_the_last_three_comments(anna: Actor) -> None:
    await anna.submit()
    for number in range(5):
        await anna.say(f"Капля {number}", anna.card(1))
    assert [number for number in range(5) if f"Капля {number}" in anna.card(1).text] == [2, 3, 4]


# In groups


async def test_a_groups_own_talk_is_left_alone(town: Town, anna: Actor, sergey: Actor) -> None:
    group = town.emulator.group(-1001234567890, "Завхозы", [anna.person, sergey.person])
    await anna.say_in(group, "Кто сегодня на вахте?")
    await anna.say_in(group, "/start@zavhoz_local_bot")
    anna.person.send_photo(None, "Закат", group=group)
    anna.person.edit(group.messages[0].id, "Кто завтра на вахте?", group=group)
    await town.until_idle()
    assert not [each for each in group.messages if each.by_bot]
    assert await town.value("SELECT count(*) FROM users WHERE telegram_id = 1001") == 0


async def test_a_reply_to_a_card_in_a_group_is_a_comment(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    group = town.emulator.group(-1001234567890, "Завхозы", [anna.person, sergey.person])
    await town.app.bot.send_message(group.id, "№1 · открыта")
    await town.execute(
        "INSERT INTO message_links (bot_id, chat_id, message_id, shape, name, subject_kind, subject_id, created_at)"
        " VALUES (:bot, :chat, :message, 'notice', 'request!new', 'request', 1, '2026-03-02 08:00:00')",
        bot=town.app.bot.id,
        chat=group.id,
        message=group.messages[-1].id,
    )
    await sergey.say_in(group, "Иду смотреть", group.messages[-1])
    assert group.messages[-1].text == "💬 Комментарий к заявке №1 передан."
    assert await town.query("SELECT text FROM comments") == [("Иду смотреть",)]
    assert "Сергей Иванов: Иду смотреть" in anna.card(1).text


async def test_a_reply_in_a_topic_is_answered_in_that_topic(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    group = town.emulator.group(-1001234567891, "Завхозы", [sergey.person], topics=(7,))
    await town.app.bot.send_message(group.id, "№1 · открыта", message_thread_id=7)
    await town.execute(
        "INSERT INTO message_links (bot_id, chat_id, message_id, shape, name, subject_kind, subject_id, created_at)"
        " VALUES (:bot, :chat, :message, 'notice', 'request!new', 'request', 1, '2026-03-02 08:00:00')",
        bot=town.app.bot.id,
        chat=group.id,
        message=group.messages[-1].id,
    )
    sergey.person.say_in(group, "Иду смотреть", group.messages[-1], thread_id=7)
    await town.until_idle()
    assert group.messages[-1].text == "💬 Комментарий к заявке №1 передан."
    assert group.messages[-1].thread_id == 7


async def test_a_reply_in_a_group_to_someone_else_is_left_alone(town: Town, anna: Actor, sergey: Actor) -> None:
    group = town.emulator.group(-1001234567890, "Завхозы", [anna.person, sergey.person])
    said = anna.person.say_in(group, "Кто сегодня на вахте?")
    await sergey.say_in(group, "Я", said)
    assert not [each for each in group.messages if each.by_bot]


async def test_a_channel_post_and_messages_of_bots_are_left_alone(town: Town, anna: Actor) -> None:
    town.emulator.channel(-1009876543210, "Новости школы").write("Каникулы!")
    anna.person.say("/start")
    town.emulator.updates.pending[-1]["message"]["from"]["is_bot"] = True
    anna.person.say("/start")
    town.emulator.updates.pending[-1]["message"].pop("from")
    said = anna.person.say("/start")
    anna.person.edit(said, "/menu")
    town.emulator.updates.pending[-1]["edited_message"].pop("from")
    del town.emulator.updates.pending[-2]
    await town.until_idle()
    assert await town.value("SELECT count(*) FROM users") == 0
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0
    assert not town.emulator.updates.pending


async def test_who_had_the_request_is_told_that_it_was_reopened(
    town: Town, anna: Actor, sergey: Actor, pyotr: Actor
) -> None:
    await anna.submit()
    await sergey.press_on(sergey.card(1), "👤 Назначить")
    await sergey.press("Пётр Кузнецов")
    await pyotr.press("Открыть", "Выполнено", "Без фото")
    await anna.press_on(anna.card(1), "🔁 Не исправлено")
    await anna.say("Снова течёт")
    assert "снова открыта" in pyotr.text
    assert "Снова течёт" in pyotr.text


async def test_who_lost_the_role_sees_no_rows_of_the_queue(town: Town, anna: Actor, pyotr: Actor) -> None:
    await pyotr.say("/queue")
    await town.query("UPDATE users SET role = 'staff' WHERE telegram_id = :id RETURNING id", id=pyotr.person.id)
    await anna.submit()
    await pyotr.press("Обновить")
    assert not any("№1" in label for label in pyotr.screen.labels)
