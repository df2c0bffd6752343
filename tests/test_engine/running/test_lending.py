"""Whole conversations at the lending desk: a subject the engine was not written for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.events import SubjectRef
from engine.running.navigation import DEPTH
from tests.test_engine.desk import frames
from tests.test_engine.laptops import DAY

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.test_engine.desk import Chat, Desk

FIRST = SubjectRef("laptop", 1)


def borrow(chat: Chat, number: int = 1) -> None:
    chat.command("start", f"laptop-{number}")
    chat.press("Взять")
    chat.say("Урок физики")
    chat.press("3 марта", "МЫШЬ", "Готово")


def draft(chat: Chat) -> None:
    chat.command("menu")
    chat.press("Принять новый")
    chat.say("Sony V")
    chat.press("новый", "сумка", "Дальше", "Выбрать", "Глеб", "Дальше")


# Borrowing


def test_a_teacher_borrows_a_laptop_and_brings_it_back(
    desk: Desk, anna: Chat, vera: Chat, transcripts: SnapshotAssertion
) -> None:
    anna.command("start")
    anna.press("Каталог", "№1", "Взять")
    anna.say("Урок физики")
    anna.press("5 марта", "МЫШЬ", "Готово")
    desk.wait(DAY)
    anna.press("Сдать")
    anna.photo()
    vera.press_on(vera.messages[0], "Открыть")
    vera.press("Принять")
    assert desk.transcript() == transcripts
    assert [change.transition for change in desk.shelf.laptops[1].changes] == ["borrow", "give_back", "accept"]
    assert desk.shelf.laptops[1].borrower is None


def test_answers_out_of_bounds_are_explained_and_nothing_is_lost(anna: Chat, transcripts: SnapshotAssertion) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("ух")
    anna.say("ы" * 121)
    anna.say("🦉" * 61)
    anna.sticker()
    anna.photo("Зачем")
    anna.edit()
    anna.say("  <b>Урок</b> {{ 7 * 7 }}  ")
    anna.say("к пятнице")
    anna.press("Готово", "Ничего")
    assert anna.transcript() == transcripts
    assert anna.desk.shelf.laptops[1].purpose == "<b>Урок</b> {{ 7 * 7 }}"


def test_back_and_cancel_leave_a_transition_unmade(anna: Chat, desk: Desk, transcripts: SnapshotAssertion) -> None:
    anna.command("start", "laptop-2")
    anna.press("Взять")
    anna.say("Урок")
    anna.press("Назад", "Взять", "Отмена", "Взять")
    anna.command("cancel")
    anna.press("Назад")
    assert anna.transcript() == transcripts
    assert desk.shelf.laptops[2].state == "free"


def test_two_teachers_want_the_same_laptop(anna: Chat, boris: Chat, desk: Desk, transcripts: SnapshotAssertion) -> None:
    anna.command("start", "laptop-1")
    boris.command("start", "laptop-1")
    anna.press("Взять")
    boris.press("Взять")
    anna.say("Урок физики")
    boris.say("Кружок")
    anna.press("3 марта", "Ничего")
    boris.press("4 марта", "Ничего")
    assert desk.transcript() == transcripts
    assert desk.shelf.laptops[1].borrower == 1


def test_ticks_are_kept_over_pages_and_taken_away_again(anna: Chat, desk: Desk) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("Урок")
    anna.press("3 марта", "СУМКА", "МЫШЬ", "Позже", "ПЕРО", "Раньше", "СУМКА")
    assert "✅ МЫШЬ" in anna.screen.labels
    assert "СУМКА" in anna.screen.labels
    anna.press("Готово")
    assert desk.shelf.laptops[1].extras == ["мышь", "перо"]


def test_typed_words_serve_as_a_choice_where_the_step_takes_both(anna: Chat, desk: Desk) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("Урок")
    anna.say("к пятнице")
    anna.press("Ничего")
    assert desk.shelf.laptops[1].until == "к пятнице"


def test_a_transition_that_needs_time_appears_when_it_has_passed(
    desk: Desk, anna: Chat, vera: Chat, transcripts: SnapshotAssertion
) -> None:
    borrow(anna)
    vera.command("start", "laptop-1")
    assert not any("Просрочен" in label for label in vera.screen.labels)
    desk.wait(8 * DAY)
    vera.command("start", "laptop-1")
    vera.press("Просрочен")
    anna.press_on(anna.messages[-1], "Сдам завтра")
    assert desk.transcript() == transcripts


def test_a_laptop_is_handed_over_repaired_and_scrapped(
    desk: Desk, anna: Chat, vera: Chat, gleb: Chat, transcripts: SnapshotAssertion
) -> None:
    borrow(anna)
    vera.command("start", "laptop-1")
    vera.press("Передать", "Борис")
    vera.press("Сломан")
    vera.say("Залили чаем")
    gleb.press_on(gleb.messages[0], "Открыть")
    gleb.press("Списать", "Да", "Назад", "Да", "Точно")
    vera.say("Жаль", reply_to=FIRST)
    assert desk.transcript() == transcripts
    states = [change.target for change in desk.shelf.laptops[1].changes]
    assert states == ["lent", "lent", "repair", "scrapped"]
    assert desk.shelf.laptops[1].changes[-1].stage == "dropped"


def test_an_album_of_a_return_is_one_answer(desk: Desk, anna: Chat) -> None:
    borrow(anna)
    anna.press("Сдать")
    for _ in range(4):
        anna.photo(album="shelf")
    assert desk.shelf.laptops[1].state == "returned"
    assert len(desk.shelf.laptops[1].photos) == 4


def test_a_person_who_may_not_see_laptops_gets_no_card(desk: Desk, transcripts: SnapshotAssertion) -> None:
    stranger = desk.chat(5)
    stranger.command("start", "laptop-1")
    stranger.command("catalogue")
    stranger.press("№1")
    stranger.say("Хочу", reply_to=FIRST)
    assert stranger.transcript() == transcripts


def test_a_blocked_person_gets_one_line_and_nothing_else(desk: Desk, transcripts: SnapshotAssertion) -> None:
    ghost = desk.chat(6)
    ghost.command("start")
    ghost.say("Пустите")
    ghost.photo()
    assert ghost.transcript() == transcripts


# A new laptop


def test_a_librarian_puts_a_new_laptop_on_the_shelf(desk: Desk, vera: Chat, transcripts: SnapshotAssertion) -> None:
    desk.shelf.members[7] = type(vera.member)(7, "Зоя Библ", "librarian")
    vera.command("start")
    vera.press("Принять новый")
    vera.photo(album="a")
    vera.photo("Sony V", album="a")
    vera.press("новый", "сумка", "Дальше", "Выбрать", "Назад", "Выбрать", "Глеб", "Дальше", "Поставить")
    vera.photo(album="a")
    vera.press("Фото", "Назад")
    assert desk.transcript() == transcripts
    assert desk.shelf.laptops[7].extras == ["сумка"]


def test_each_answer_can_be_given_again_before_sending(vera: Chat, transcripts: SnapshotAssertion) -> None:
    draft(vera)
    before = len(vera.transcript())
    vera.press("Модель")
    vera.say("Sony W")
    vera.press("Вид", "бывалый", "Комплект", "сумка", "мышь", "Дальше")
    vera.press("Ответственный", "Выбрать", "Анна", "Дальше", "Модель", "Назад")
    assert vera.transcript()[before:] == transcripts


def test_a_draft_outlives_the_dialog_until_it_is_cancelled(vera: Chat) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.say("Sony V")
    vera.command("menu")
    assert "➕ Дописать новый" in vera.screen.labels
    vera.press("Дописать новый", "Отмена")
    assert "➕ Принять новый" in vera.screen.labels


def test_what_was_typed_moves_to_a_draft_in_place_of_what_was_there(vera: Chat) -> None:
    vera.command("start")
    vera.press("Принять новый")
    vera.say("Старый ноутбук")
    vera.command("rules")
    vera.say("Совсем новый")
    vera.press("Да")
    assert vera.screen.screen.text == "Не закончено Совсем новый."
    vera.press("Назад")
    assert vera.screen.screen.name == "intake.condition"


def test_what_was_typed_moves_to_the_person_and_is_in_the_dialog_no_more(vera: Chat) -> None:
    vera.command("rules")
    vera.say("Совсем новый")
    vera.press("Запомнить")
    assert vera.screen.screen.text.endswith("Вы искали «Совсем новый».")
    assert all("wish" not in frame.get("data", {}) for frame in frames(vera))


def test_a_file_too_many_or_too_large_is_explained(vera: Chat, transcripts: SnapshotAssertion) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.document(size=1024 * 1024 + 1)
    vera.document()
    vera.document()
    for _ in range(4):
        vera.photo(album="b")
    vera.photo("x", album="b")
    vera.sticker()
    assert vera.transcript() == transcripts


def test_a_full_shelf_keeps_the_draft(vera: Chat, desk: Desk) -> None:
    for number in range(6):
        desk.shelf.add(f"HP {number}")
    draft(vera)
    vera.press("Поставить")
    assert "Полка полна." in vera.screen.screen.text
    del desk.shelf.laptops[12]
    vera.press("Ещё раз", "Поставить")
    assert desk.shelf.laptops[12].model == "Sony V"


def test_an_old_dialog_without_its_draft_draws_and_leads_to_what_is_missing(vera: Chat) -> None:
    draft(vera)
    vera.state = vera.state.replace('"draft": {"model": "Sony V"}', '"draft": {}')
    assert vera.press("Поставить").toast == "Не хватает названия."
    assert vera.screen.screen.text.startswith("Какая модель?")
    assert frames(vera)[-1]["step"] == "intake.model"


def test_a_photo_out_of_the_blue_begins_an_intake_for_those_who_may(
    vera: Chat, anna: Chat, desk: Desk, transcripts: SnapshotAssertion
) -> None:
    anna.command("start")
    anna.photo("Мой")
    vera.command("start")
    vera.photo("Toshiba")
    vera.say("Toshiba 2")
    assert desk.transcript() == transcripts
    assert "draft" not in anna.state


# Lists, cards, links, replies


def test_a_list_is_paged_filtered_and_forgets_its_filter(anna: Chat, transcripts: SnapshotAssertion) -> None:
    anna.desk.shelf.laptops[2].state = "repair"
    anna.command("catalogue")
    anna.press("Позже", "Раньше", "Фильтр", "только свободные", "Позже", "№6", "Назад", "Сбросить")
    assert anna.transcript() == transcripts
    assert anna.member.prefs == {}


def test_an_empty_list_says_so(anna: Chat) -> None:
    anna.desk.shelf.laptops.clear()
    anna.command("catalogue")
    assert anna.screen.screen.text.endswith("На полке пусто, Анна Орлова.")


def test_a_list_that_shrank_shows_its_last_page(anna: Chat) -> None:
    anna.command("catalogue")
    anna.press("Позже")
    for number in (3, 4, 5, 6):
        del anna.desk.shelf.laptops[number]
    anna.command("catalogue")
    assert [label for label in anna.screen.labels if "№" in label] == ["🟢 №1 Asus A1", "🟢 №2 Acer <X> & Y"]


def test_a_removed_status_stands_for_its_successor(gleb: Chat) -> None:
    laptop = gleb.desk.shelf.laptops[1]
    laptop.state = "repair"
    gleb.command("start", "laptop-1")
    repair = gleb.screen.button("Починен").data
    laptop.state = "lost"
    gleb.command("start", "laptop-1")
    assert "🗑 Списан" in gleb.screen.screen.text
    assert gleb.press_data(gleb.screen, repair).toast == "Сейчас нельзя."
    assert laptop.state == "lost"


def test_a_card_lives_on_above_and_follows_its_laptop(
    anna: Chat, vera: Chat, desk: Desk, transcripts: SnapshotAssertion
) -> None:
    vera.command("start", "laptop-1")
    vera.command("menu")
    borrow(anna)
    vera.press_on(vera.messages[0], "Сломан")
    vera.say("Искрит")
    assert desk.transcript() == transcripts


def test_a_live_card_acts_in_its_place(vera: Chat, desk: Desk) -> None:
    desk.shelf.laptops[1].photos = [{"kind": "photo", "ref": "r1", "unique": "u1"}]
    desk.shelf.laptops[1].state = "returned"
    vera.command("start", "laptop-1")
    vera.command("menu")
    reply = vera.press_on(vera.messages[0], "Фото")
    assert [file.ref for file in reply.files] == ["r1"]
    assert reply.screen is None
    vera.press_on(vera.messages[0], "Принять")
    assert desk.shelf.laptops[1].state == "free"
    assert frames(vera)[-1]["step"] == "front.hall"


def test_a_reply_to_a_card_is_a_remark_and_leaves_the_step_alone(
    anna: Chat, vera: Chat, desk: Desk, transcripts: SnapshotAssertion
) -> None:
    borrow(anna)
    anna.command("rules")
    anna.say("Хрипит <динамик>", reply_to=FIRST)
    anna.say(" ", reply_to=FIRST)
    for _ in range(2):
        anna.photo("Вот", album="c", reply_to=FIRST)
    anna.document()
    anna.say("Что", reply_to=SubjectRef("laptop", 77))
    assert desk.transcript() == transcripts
    assert len(desk.shelf.laptops[1].photos) == 2
    assert frames(anna)[-1]["step"] == "front.rules"


def test_a_remark_can_be_written_from_the_card(anna: Chat, vera: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Замечание")
    anna.say("Пятно")
    assert "1. <i>Анна Орлова</i>: Пятно" in anna.screen.screen.text
    assert anna.screen.screen.text.startswith("Записано: Пятно")
    assert "Анна Орлова о «Asus A1»: Пятно" in vera.transcript()
    assert "remark" not in frames(anna)[-1].get("data", {})


def test_a_remark_about_a_scrapped_laptop_is_refused_by_its_outcome(anna: Chat, desk: Desk) -> None:
    desk.shelf.laptops[1].state = "scrapped"
    anna.command("start", "laptop-1")
    anna.press("Замечание")
    anna.say("Пятно")
    assert anna.screen.screen.text.startswith("Списанный ноутбук не обсуждаем.")
    assert anna.say("Пятно", reply_to=FIRST).note == "Списанный ноутбук не обсуждаем."


def test_a_deep_link_that_leads_nowhere_says_so(anna: Chat) -> None:
    anna.command("start", "laptop-99")
    assert anna.screen.screen.text.startswith("Ноутбука 99 у нас нет.")
    assert frames(anna)[-1]["data"] == {"number": "99"}


def test_a_deep_link_of_another_bot_is_a_plain_start(anna: Chat) -> None:
    anna.command("start", "promo-7")
    assert frames(anna) == [{"step": "front.hall"}]


def test_an_unknown_command_is_unexpected(anna: Chat) -> None:
    anna.command("dance")
    assert anna.screen.screen.text.startswith("Это здесь не подходит.")


def test_a_laptop_that_is_gone_closes_its_dialogs(anna: Chat, desk: Desk, transcripts: SnapshotAssertion) -> None:
    anna.command("catalogue")
    anna.press("№1", "Замечание")
    del desk.shelf.laptops[1]
    anna.say("Пятно")
    assert anna.transcript() == transcripts


# Presses


def test_a_second_tap_on_the_same_drawing_does_nothing(anna: Chat, desk: Desk) -> None:
    borrow(anna)
    button = anna.screen.button("Сломан")
    message = anna.screen
    first = anna.press_data(message, button.data)
    second = anna.press_data(message, button.data)
    assert first.screen
    assert second.screen is None
    assert second.toast is None


def test_an_old_button_is_applied_where_it_makes_sense_and_else_explained(
    anna: Chat, transcripts: SnapshotAssertion
) -> None:
    anna.command("menu")
    old = anna.messages[0]
    anna.command("catalogue")
    anna.press_on(old, "Правила")
    anna.command("start", "laptop-1")
    anna.press("Взять")
    asked = anna.screen
    anna.say("Урок")
    anna.press_on(asked, "Назад")
    anna.press_on(old, "Назад")
    assert anna.transcript() == transcripts


def test_an_old_question_about_one_laptop_is_not_an_answer_about_another(anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    old = anna.screen
    anna.command("start", "laptop-2")
    anna.press("Взять")
    reply = anna.press_on(old, "Назад")
    assert reply.toast == "Кнопка устарела."
    assert frames(anna)[-1]["about"] == 2


def test_made_up_data_changes_nothing(anna: Chat, desk: Desk) -> None:
    anna.command("menu")
    for data in (
        "",
        "~",
        "front.hall:nothing::~",
        "laptop.catalogue:row::abc~",
        "laptop.catalogue:row::99999999999999999999~",
        "laptop.catalogue:page::a99999999999999999999~",
        "laptop.catalogue:page::bxyz~",
        "laptop.card:borrow:zzzzzzzzzzzzz:~",
        "laptop.card:scrap:1:~",
        "laptop.card:borrow::~",
        "laptop!lent:card:99:~",
        "laptop!lent:nothing:1:~",
        "laptop!nothing:card:1:~",
        "people.pick:pick::1~",
        "loan.sure:really:1:~",
        "loan.really:agreed:1:~",
    ):
        anna.press_data(anna.screen, data)
    assert not any(laptop.changes for laptop in desk.shelf.laptops.values())
    anna.command("menu")
    assert "Каталог" in anna.screen.labels[0]


def test_a_button_that_is_closed_by_now_is_refused(vera: Chat) -> None:
    vera.command("menu")
    vera.member.role = "teacher"
    assert vera.press("Принять новый").toast == "Сейчас нельзя."


def test_a_notice_whose_laptop_is_gone_says_so(anna: Chat, vera: Chat, desk: Desk) -> None:
    borrow(anna)
    del desk.shelf.laptops[1]
    assert vera.press_on(vera.messages[0], "Открыть").toast == "Этого нет."


def test_a_choice_whose_row_is_gone_says_so(vera: Chat) -> None:
    draft(vera)
    vera.press("Ответственный", "Выбрать")
    del vera.desk.shelf.members[4]
    assert vera.press("Глеб").toast == "Этого нет."


# Flows change


def test_conversations_in_a_removed_step_move_or_close(anna: Chat) -> None:
    anna.state = '{"frames": [{"step": "front.hall"}, {"step": "laptop.old_catalogue", "trail": ["laptop.gone"]}]}'
    anna.command("cancel")
    anna.state = '{"frames": [{"step": "front.hall"}, {"step": "laptop.old_catalogue"}]}'
    anna.sticker()
    assert anna.screen.screen.name == "laptop.catalogue"
    anna.state = '{"frames": [{"step": "gone.away", "mode": "edit"}], "draft": {"model": "X"}}'
    anna.say("Ау")
    assert anna.screen.screen.name == "front.hall"
    assert '"model": "X"' in anna.state


def test_a_question_of_a_removed_transition_is_forgotten(anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.state = anna.state.replace('"transition": "borrow"', '"transition": "gone"')
    anna.say("Урок")
    assert anna.screen.screen.name == "laptop.card"
    assert "pending" not in frames(anna)[-1]


def test_open_dialogs_are_bounded(vera: Chat) -> None:
    for number in (1, 2, 3, 4, 5, 6) * 3:
        vera.command("start", f"laptop-{number}")
        vera.press("Сломан")
    assert len(frames(vera)) == DEPTH
    assert frames(vera)[0]["step"] == "front.hall"
