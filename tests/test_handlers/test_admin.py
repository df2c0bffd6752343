"""The manager's and the crew's side: queue, live cards, assigning, finishing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor, Town

ASSIGNEE = "SELECT u.full_name FROM requests r JOIN users u ON u.id = r.assignee_id"


async def test_the_main_job_as_the_manager_sees_it(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.send_photo(caption="Течёт кран в туалете. Вода на полу")
    await anna.say("Туалет, 2 этаж")
    await anna.press("Сантехника", "Срочно", "Отправить")
    await sergey.press("Взять")
    await sergey.say("Сейчас буду", sergey.card(1))
    await sergey.press("Выполнено")
    await sergey.send_photo(caption="Заменил прокладку")
    assert sergey.transcript() == transcripts


async def test_the_main_job_as_the_author_sees_it(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.send_photo(caption="Течёт кран в туалете. Вода на полу")
    await anna.say("Туалет, 2 этаж")
    await anna.press("Сантехника", "Срочно", "Отправить")
    await sergey.press("Взять")
    await sergey.say("Сейчас буду", sergey.card(1))
    await anna.say("Спасибо!", anna.seen("Сейчас буду"))
    await sergey.press("Выполнено")
    await sergey.send_photo()
    await anna.press("Открыть", "Не исправлено")
    await anna.say("Капает снова")
    assert anna.transcript() == transcripts


async def test_a_plumber_takes_from_the_queue_and_finishes(
    anna: Actor, pyotr: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.submit("Течёт кран")
    await pyotr.say("/queue")
    await pyotr.press("№1", "Взять", "Отложить")
    await pyotr.say("жду прокладку")
    await pyotr.press("Продолжить", "Выполнено", "Без фото", "Назад")
    assert pyotr.transcript() == transcripts


async def test_the_director_reads_everything_and_changes_only_an_own_request(
    town: Town, anna: Actor, vera: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.submit()
    await vera.submit("Дует из окна", "Приёмная")
    await vera.press("Комментарий")
    await vera.say("Очень холодно")
    await vera.say("/queue")
    await vera.press("№1")
    await vera.say("Когда починят?")
    assert vera.transcript() == transcripts
    assert await town.query("SELECT count(*) FROM comments") == [(1,)]


async def test_every_manager_gets_one_live_card(town: Town, anna: Actor, sergey: Actor, olga: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять")
    await sergey.press("Отложить")
    await sergey.say("нет деталей")
    cards = [each for each in olga.messages if each.text.startswith("№1 · ")]
    assert len(cards) == 1
    assert cards[0].text.startswith("№1 · ⏸ отложена")
    assert "Сергей Иванов: отложена (нет деталей)" in cards[0].text


async def test_a_manager_who_never_started_the_bot_is_no_obstacle(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    assert [each.chat_id for each in town.emulator.journal.calls("sendMessage", accepted=False)] == []
    assert sergey.card(1)


async def test_a_manager_may_file_and_take_an_own_request(town: Town, sergey: Actor) -> None:
    await sergey.submit("Проверить щиток")
    await sergey.press("Взять", "Выполнено", "Без фото")
    assert sergey.text.startswith("№1 · ✅ выполнена")


# The queue


async def test_the_queue_counts_and_puts_the_urgent_first_then_the_oldest(
    town: Town, anna: Actor, sergey: Actor, transcripts: SnapshotAssertion
) -> None:
    for description, urgency in [
        ("Скрипит", "Подождёт"),
        ("Течёт", "Срочно"),
        ("Дует", "Обычная"),
        ("Искрит", "Срочно"),
    ]:
        await anna.say("/new")
        await anna.say(description)
        await anna.say("Коридор")
        await anna.press("Другое", urgency, "Отправить")
    await sergey.press_on(sergey.card(3), "🔧 Взять")
    await sergey.press_on(sergey.card(1), "🚫 Отклонить")
    await sergey.say("это не к нам")
    before = sergey.transcript()
    await sergey.say("/queue")
    assert sergey.transcript().removeprefix(before) == transcripts


async def test_a_queue_of_twenty_comes_in_pages(town: Town, anna: Actor, pyotr: Actor) -> None:
    for number in range(20):
        town.clock.advance(minutes=5, seconds=1)
        await anna.submit(f"Поломка {number}")
    await pyotr.say("/queue")

    def numbers() -> list[int]:
        return [int(label.partition("№")[2].split()[0]) for label in pyotr.labels if "№" in label]

    assert numbers() == list(range(1, 9))
    await pyotr.press("Дальше ›")
    assert numbers() == list(range(9, 17))
    await pyotr.press("Дальше ›")
    assert numbers() == list(range(17, 21))
    await pyotr.press("‹ Назад")
    assert numbers() == list(range(9, 17))
    await pyotr.press("№12", "⬅️ Назад")
    assert numbers() == list(range(9, 17))


async def test_a_request_taken_meanwhile_is_shown_as_it_is_when_opened_from_an_old_queue(
    anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    await olga.say("/queue")
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await olga.press("№1 Течёт")
    assert olga.text.startswith("№1 · 🔧 в работе")
    await olga.press("⬅️ Назад")
    assert olga.text.startswith("Очередь")


async def test_refreshing_the_queue_shows_what_came(anna: Actor, sergey: Actor) -> None:
    await sergey.say("/queue")
    assert "Все заявки разобраны." in sergey.text
    queue = sergey.screen
    await anna.submit()
    await sergey.press_on(queue, "🔄 Обновить")
    assert any("№1" in label for label in sergey.messages[queue.id - 1].labels)


async def test_a_demoted_plumber_loses_the_queue(town: Town, anna: Actor, pyotr: Actor) -> None:
    await anna.submit()
    await pyotr.say("/queue")
    queue = pyotr.screen
    await town.execute("UPDATE users SET role = 'staff' WHERE telegram_id = 3001")
    press = await pyotr.press("№1")
    assert press.text
    assert not pyotr.text.startswith("№1 · ")
    await pyotr.say("/menu")
    await pyotr.press_on(queue, "🔄 Обновить")
    assert not any("№1" in label for each in pyotr.messages for label in each.labels)


# Assigning


async def test_a_manager_assigns_a_plumber(
    town: Town, anna: Actor, sergey: Actor, pyotr: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.submit()
    before = sergey.transcript()
    await sergey.press("Назначить", "Пётр Кузнецов")
    assert await town.value(ASSIGNEE) == "Пётр Кузнецов"
    assert "Вам назначена заявка №1" in pyotr.text
    assert "Исполнитель: Пётр Кузнецов." in anna.text
    assert sergey.transcript().removeprefix(before) == transcripts


async def test_an_assigned_plumber_may_finish(town: Town, anna: Actor, sergey: Actor, pyotr: Actor) -> None:
    await anna.submit()
    await sergey.press("Назначить", "Пётр Кузнецов")
    await pyotr.press("Открыть", "Выполнено", "Без фото")
    assert await town.value("SELECT status FROM requests") == "completed"


async def test_a_request_is_reassigned(town: Town, anna: Actor, sergey: Actor, olga: Actor, pyotr: Actor) -> None:
    await anna.submit()
    await sergey.press("Назначить", "Пётр Кузнецов")
    await sergey.press_on(sergey.card(1), "👤 Назначить")
    await sergey.press("Ольга Смирнова")
    assert await town.value(ASSIGNEE) == "Ольга Смирнова"
    assert "Вам назначена заявка №1" in olga.seen("назначена").text


@pytest.mark.parametrize("data", ["admin.pick:pick:1:999~1", "admin.pick:pick:1:1~1", "admin.pick:pick:1:я~1"])
async def test_only_crew_and_managers_can_be_assigned(town: Town, anna: Actor, sergey: Actor, data: str) -> None:
    await anna.submit()
    await sergey.press("Назначить")
    author_id = await town.value("SELECT id FROM users WHERE telegram_id = 1001")
    press = await sergey.press_data(sergey.screen, data.replace(":1~", f":{author_id}~"))
    assert press.text == "Этого больше нет или это не для вас."
    assert await town.value("SELECT assignee_id FROM requests") is None


async def test_leaving_a_question_leaves_the_request_as_it_was(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    for label in ("Назначить", "Отклонить"):
        await sergey.press(label, "Назад")
        assert sergey.text.startswith("№1 · 🆕 открыта")
    await sergey.press("Взять")
    for label in ("Отложить", "Выполнено"):
        await sergey.press(label, "Назад")
        assert sergey.text.startswith("№1 · 🔧 в работе")
    assert await town.value("SELECT count(*) FROM events") == 2


@pytest.mark.parametrize("reason", ["не", "я" * 501])
async def test_a_reason_has_bounds(town: Town, anna: Actor, sergey: Actor, reason: str) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    await sergey.say(reason)
    assert sergey.text.startswith("Слишком")
    assert await town.value("SELECT status FROM requests") == "open"
    await sergey.say("это не к нам")
    assert await town.value("SELECT reason FROM events ORDER BY id DESC") == "это не к нам"


async def test_a_screen_that_was_deleted_is_shown_anew(anna: Actor) -> None:
    await anna.say("/start")
    screen = anna.screen
    press = anna.person.press("Помощь")
    anna.person.chat.delete(anna.person.chat.messages[screen.id])
    await anna.town.until_idle()
    assert press.answered
    assert anna.text.startswith("Как сообщить о поломке")
    assert anna.screen.id > screen.id


async def test_a_card_on_which_the_manager_is_answering_a_question_is_not_drawn_over_it(
    anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    question = sergey.screen
    assert question.text.startswith("Заявка №1\nНапишите причину")
    await anna.say("Уже сильнее", anna.card(1))
    shown = next(each for each in sergey.messages if each.id == question.id)
    assert shown.text.startswith("Заявка №1\nНапишите причину")


async def test_a_card_taken_for_the_menu_is_not_drawn_over_it(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press_data(sergey.card(1), "made up")
    menu = sergey.screen
    assert menu.text.startswith("Здравствуйте")
    await anna.say("Уже сильнее", anna.card(1))
    assert next(each for each in sergey.messages if each.id == menu.id).text.startswith("Здравствуйте")
