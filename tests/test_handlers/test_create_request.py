"""A new request, from the first word to the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conversation import SHIPPED, Town, shipped_flows

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor

REQUESTS = "SELECT count(*) FROM requests"
DESCRIPTION = "SELECT description FROM requests ORDER BY id DESC"


async def test_a_request_from_text(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/start")
    await anna.press("Новая заявка")
    await anna.say("Не горит лампа у доски. Дети не видят")
    await anna.say("Корпус 1, кабинет 12")
    await anna.press("Электрика", "Обычная", "Отправить")
    assert anna.transcript() == transcripts


async def test_a_request_from_a_photo_with_a_caption(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/new")
    await anna.send_photo(caption="Течёт кран")
    await anna.say("Туалет, 2 этаж")
    await anna.press("Сантехника", "Срочно", "Отправить")
    assert anna.transcript() == transcripts


async def test_a_request_is_stored_with_what_was_answered(town: Town, anna: Actor) -> None:
    await anna.submit("Сломан стул. Шатается ножка", "Актовый зал")
    rows = await town.query(
        "SELECT r.number, r.title, r.description, r.location, r.priority, r.status, r.stage, c.code, u.telegram_id"
        " FROM requests r JOIN categories c ON c.id = r.category_id JOIN users u ON u.id = r.user_id"
    )
    assert rows == [
        (
            1,
            "Сломан стул",
            "Сломан стул. Шатается ножка",
            "Актовый зал",
            "medium",
            "open",
            "waiting",
            "plumbing",
            1001,
        )
    ]


async def test_a_photo_without_a_caption_is_kept_and_words_are_asked_for(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    await anna.send_photo()
    assert anna.text.startswith("📎 Файл принят. Теперь напишите в двух словах")
    await anna.say("Разбито окно")
    await anna.say("Коридор")
    await anna.press("Окна", "Срочно", "Отправить")
    assert await town.value("SELECT count(*) FROM files WHERE purpose = 'request'") == 1
    assert await town.value(DESCRIPTION) == "Разбито окно"


async def test_numbers_count_on(anna: Actor, boris: Actor) -> None:
    await anna.submit()
    await boris.submit()
    assert boris.text.startswith("№2")


# Going back, changing answers, leaving


async def test_back_leads_through_every_step_and_keeps_the_answers(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/start")
    await anna.press("Новая заявка")
    await anna.say("Не греет батарея")
    await anna.say("Класс 5А")
    await anna.press("Отопление", "Обычная")
    await anna.press("Назад", "Назад", "Назад", "Назад", "Назад")
    await anna.press("Продолжить черновик", "Продолжить")
    assert anna.transcript() == transcripts


@pytest.mark.parametrize("answers", [0, 1, 2, 3, 4])
async def test_cancel_at_each_step_asks_before_it_empties_the_draft_and_returns_to_the_menu(
    anna: Actor, answers: int
) -> None:
    await anna.say("/new")
    for number, answer in enumerate(["Не греет батарея", "Класс 5А", "Отопление", "Обычная"][:answers]):
        await (anna.say(answer) if number < 2 else anna.press(answer))
    await anna.press("Отмена")
    if answers:
        assert anna.text == "Убрать начатую заявку?\n«Не греет батарея»"
        await anna.press("Убрать")
    assert anna.text.startswith("Здравствуйте")
    assert "➕ Новая заявка" in anna.labels


@pytest.mark.parametrize(("way_out", "stands_in"), [("Назад", "Где это?"), ("Оставить на потом", "Здравствуйте")])
async def test_whoever_does_not_confirm_a_cancel_keeps_the_draft(anna: Actor, way_out: str, stands_in: str) -> None:
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.press("Отмена", way_out)
    assert anna.text.startswith(stands_in)
    await anna.say("/new")
    assert "«Не греет батарея»" in anna.text


@pytest.mark.parametrize("answers", [1, 2, 3, 4])
async def test_back_at_each_step_returns_to_the_step_before(anna: Actor, answers: int) -> None:
    questions = ["Новая заявка", "Где это?", "К чему это относится?", "Насколько это срочно?"]
    await anna.say("/new")
    for number, answer in enumerate(["Не греет батарея", "Класс 5А", "Отопление", "Обычная"][:answers]):
        await (anna.say(answer) if number < 2 else anna.press(answer))
    await anna.press("Назад")
    assert anna.text.startswith(questions[answers - 1])


async def test_the_cancel_command_leaves_the_dialog_and_keeps_the_draft(anna: Actor) -> None:
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.say("/cancel")
    assert "✏️ Продолжить черновик" in anna.labels


async def test_the_cancel_command_leads_to_the_menu_and_not_to_a_card_that_was_open_before(anna: Actor) -> None:
    await anna.submit()
    await anna.say("/my")
    await anna.press("№1")
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.say("/cancel")
    assert anna.text.startswith("Здравствуйте, Анна!")


async def test_new_with_a_draft_offers_to_go_on_or_to_start_anew(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/new")
    await anna.send_photo(caption="Не греет батарея")
    await anna.say("/menu")
    await anna.say("/new")
    await anna.press("Начать заново")
    await anna.say("Капает с потолка")
    assert anna.transcript() == transcripts


@pytest.mark.parametrize(
    ("answers", "goes_on_at"),
    [
        ([], "Новая заявка"),
        (["Не греет"], "Где это?"),
        (["Не греет", "Класс"], "К чему это относится?"),
        (["Не греет", "Класс", "Отопление"], "Насколько это срочно?"),
        (["Не греет", "Класс", "Отопление", "Обычная"], "Проверьте заявку"),
    ],
)
async def test_a_draft_goes_on_where_it_was_left(anna: Actor, answers: list[str], goes_on_at: str) -> None:
    await anna.say("/new")
    if not answers:
        await anna.send_photo()
    for number, answer in enumerate(answers):
        await (anna.say(answer) if number < 2 else anna.press(answer))
    await anna.say("/menu")
    await anna.say("/new")
    await anna.press("Продолжить")
    assert anna.text.startswith(goes_on_at)


async def test_each_answer_can_be_changed_on_the_last_screen(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.draft()
    await anna.press("Описание и файлы")
    await anna.say("Течёт труба под раковиной")
    await anna.press("Место")
    await anna.say("Столовая")
    await anna.press("🏷 Категория", "Другое")
    await anna.press("Срочность", "Срочно")
    await anna.press("Отправить")
    assert anna.transcript() == transcripts


@pytest.mark.parametrize("answer", ["Описание и файлы", "Место", "🏷 Категория", "Срочность"])
@pytest.mark.parametrize("way_out", [["Назад"], ["Отмена", "Назад"]])
async def test_leaving_a_change_keeps_the_answer(anna: Actor, answer: str, way_out: list[str]) -> None:
    await anna.draft()
    before = anna.text
    await anna.press(answer, *way_out)
    assert anna.text == before


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("Описание и файлы", "Сейчас: «Не греет батарея»"),
        ("Место", "Сейчас: Кабинет 214"),
        ("🏷 Категория", "Сейчас: Сантехника"),
        ("Срочность", "Сейчас: 🟡 Обычная"),
    ],
)
async def test_whoever_changes_an_answer_sees_what_it_is_now(anna: Actor, answer: str, shown: str) -> None:
    await anna.draft("Не греет батарея")
    await anna.press(answer)
    assert shown in anna.text


async def test_a_new_photo_with_a_caption_changes_the_description_and_adds_the_file(anna: Actor) -> None:
    await anna.draft("Течёт кран")
    await anna.press("Описание и файлы")
    await anna.send_photo(caption="Течёт труба")
    assert "Течёт труба" in anna.text
    assert "Течёт кран" not in anna.text
    assert "📎 Файлов: 1" in anna.text


async def test_a_command_in_the_middle_of_a_change_leaves_nobody_stuck(anna: Actor) -> None:
    await anna.draft()
    await anna.press("Описание и файлы")
    await anna.say("/new")
    await anna.press("Начать заново")
    await anna.say("Скрипит дверь")
    await anna.say("Спортзал")
    await anna.press("Другое", "Подождёт")
    assert anna.text.startswith("Проверьте заявку\n\nСкрипит дверь\n\n📍 Спортзал")


async def test_a_draft_emptied_behind_its_last_screen_is_not_sent(town: Town, anna: Actor, sergey: Actor) -> None:
    await sergey.send_photo(caption="Течёт кран")
    await sergey.say("Столовая")
    await sergey.press("Сантехника", "Срочно")
    await anna.submit("Не горит лампа")
    await sergey.press_on(sergey.card(1), "💬 Комментарий")
    await sergey.say("/new")
    await sergey.press("Начать заново", "Назад")
    assert sergey.text.startswith("Проверьте заявку")
    await sergey.press("Отправить")
    assert sergey.text.startswith("У вас есть незаконченная заявка")
    assert await town.value(REQUESTS) == 1


# Silence and restarts


async def test_a_draft_survives_a_restart(town: Town, anna: Actor) -> None:
    await anna.draft()
    await town.restart()
    await anna.press("Отправить")
    assert anna.text.startswith("№1")


async def test_a_draft_survives_days_of_silence(town: Town, anna: Actor) -> None:
    await anna.draft()
    town.clock.advance(days=12)
    await town.restart()
    await anna.press("Отправить")
    assert "👤 Анна Петрова, 14.03 11:00" in anna.text


async def test_a_draft_survives_a_step_that_was_removed_meanwhile(town: Town, anna: Actor, tmp_path: Path) -> None:
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.say("Класс 5А")
    await anna.press("Отопление")
    folder = tmp_path / "flows"
    folder.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.name == "request.yaml":
            text = text.replace("priority:\n    text", "urgency:\n    text").replace("next: priority", "next: urgency")
            text = text.replace("go: priority", "go: urgency").replace("edit: priority", "edit: urgency")
        (folder / file.name).write_text(text, encoding="utf-8")
    await town.restart(shipped_flows(folder))
    await anna.say("/help")
    await anna.say("/new")
    await anna.press("Продолжить")
    assert anna.text.startswith("Насколько это срочно?")


# Double taps and limits


async def test_a_double_tap_on_send_creates_one_request(town: Town, anna: Actor) -> None:
    await anna.draft()
    presses = [anna.person.press("Отправить"), anna.person.press("Отправить")]
    await town.until_idle()
    assert await town.value(REQUESTS) == 1
    assert all(press.answered for press in presses)
    assert anna.text.startswith("№1")


async def test_a_slow_second_tap_on_send_creates_no_second_request(town: Town, anna: Actor) -> None:
    await anna.draft()
    seen = anna.screen
    await anna.press("Отправить")
    town.clock.advance(seconds=30)
    press = await anna.press_on(seen, "📨 Отправить")
    assert press.text == "Эта кнопка устарела. Вот что актуально сейчас."
    assert await town.value(REQUESTS) == 1


async def test_a_double_tap_on_a_choice_answers_one_step(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.say("Класс 5А")
    anna.person.press("Отопление")
    anna.person.press("Отопление")
    await town.until_idle()
    assert anna.text.startswith("Насколько это срочно?")


async def test_the_sixth_request_in_five_minutes_waits_with_its_draft(
    town: Town, anna: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.submit("Пятая поломка", times=5)
    await anna.draft("Шестая поломка")
    await anna.press("Отправить")
    assert await town.value(REQUESTS) == 5
    town.clock.advance(minutes=5, seconds=1)
    await anna.press("Попробовать ещё раз", "Отправить")
    assert await town.value(DESCRIPTION) == "Шестая поломка"
    assert anna.transcript().rpartition("Анна: Шестая поломка")[2] == transcripts


async def test_the_limit_of_requests_is_each_persons_own(town: Town, anna: Actor, boris: Actor) -> None:
    await anna.submit(times=5)
    await boris.submit()
    assert await town.value(REQUESTS) == 6


async def test_an_old_button_to_try_again_without_a_draft_says_no(town: Town, anna: Actor) -> None:
    await anna.submit(times=6)
    waiting = anna.screen
    await anna.press("Меню", "Продолжить черновик", "Начать заново")
    press = await anna.press_on(waiting, "🔄 Попробовать ещё раз")
    assert press.text == "Сейчас это сделать нельзя."


# What people type


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("ой", "Слишком коротко: нужно хотя бы 3 символа."),
        ("  \n ", "Слишком коротко: нужно хотя бы 3 символа."),
        ("😀", "Слишком коротко: нужно хотя бы 3 символа."),
        ("я" * 1001, "Слишком длинно: 1001 символ, а можно до 1000."),
        ("😀" * 501, "Слишком длинно: 1002 символа, а можно до 1000."),
    ],
)
async def test_a_description_out_of_bounds_is_explained(anna: Actor, words: str, answer: str) -> None:
    await anna.say("/new")
    await anna.say(words)
    assert anna.text.startswith(answer)
    assert "Новая заявка" in anna.text


@pytest.mark.parametrize("words", ["там", "я" * 1000, "😀" * 500])
async def test_a_description_within_bounds_is_taken(town: Town, anna: Actor, words: str) -> None:
    await anna.submit(words)
    assert await town.value(DESCRIPTION) == words


@pytest.mark.parametrize(("place", "taken"), [("я", False), ("5А", True), ("я" * 100, True), ("я" * 101, False)])
async def test_a_place_has_bounds(anna: Actor, place: str, taken: bool) -> None:
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.say(place)
    assert anna.text.startswith("К чему это относится?" if taken else "Слишком")


async def test_a_caption_too_short_keeps_the_photo(anna: Actor) -> None:
    await anna.say("/new")
    await anna.send_photo(caption="ой")
    assert anna.text.startswith("Слишком коротко")
    assert "📎 Файлов: 1" in anna.text


async def test_a_caption_too_long_keeps_the_photo(anna: Actor) -> None:
    await anna.send_photo(caption="я" * 1001)
    assert anna.text.startswith("Слишком длинно: 1001 символ")
    assert "📎 Файлов: 1" in anna.text
    await anna.say("Разбито окно")
    assert anna.text.startswith("Где это?")


@pytest.mark.parametrize(
    "words",
    [
        "<b>жирно</b> & <i>криво",
        "{{ 7*7 }} {% if x %}",
        "лампа < стола",
        "&lt;script&gt; &amp;",
        "مكيف الهواء معطل \u202eабв",
        "👩‍👩‍👧‍👦 🏳️‍🌈 сломали 🪑",
        "=HYPERLINK(1)",
        "строка\n\n\nещё строка",
    ],
)
async def test_words_come_back_as_they_were_typed(town: Town, anna: Actor, sergey: Actor, words: str) -> None:
    await anna.submit(words, words[:60])
    assert await town.value(DESCRIPTION) == words
    assert words in anna.text
    assert words in sergey.card(1).text


async def test_what_no_database_stores_is_left_out(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    for words in ("Не греет\0 батарея \ud83d", "Класс\0 5\udc00А"):
        anna.person.say("вместо этого")
        town.emulator.updates.pending[-1]["message"]["text"] = words
        await town.until_idle()
    await anna.press("Отопление", "Обычная", "Отправить")
    assert await town.query("SELECT description, location FROM requests") == [
        ("Не греет батарея \ufffd", "Класс 5\ufffdА")
    ]


async def test_a_card_full_of_emoji_still_fits_a_message(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit("😀" * 500, "🏫" * 50)
    for _ in range(3):
        await anna.say("💧" * 500, anna.screen)
        await sergey.press_on(sergey.card(1), "🔧 Взять")
        await sergey.press_on(sergey.card(1), "Отложить")
        await sergey.say("🛠" * 250)
        await sergey.press("Продолжить")
        await sergey.press("Вернуть в очередь")
    assert await town.value("SELECT count(*) FROM comments") == 3
    assert "№1 · 🆕 открыта" in sergey.card(1).text
    assert not town.emulator.journal.calls(accepted=False)


async def test_the_title_is_the_first_sentence(town: Town, anna: Actor) -> None:
    await anna.submit("Течёт кран. Вода на полу")
    assert await town.value("SELECT title FROM requests") == "Течёт кран"


async def test_a_place_of_the_catalogue_can_be_chosen(town: Town, anna: Actor) -> None:
    await town.execute(
        "INSERT INTO places (id, parent_id, name, position, is_hidden) VALUES (7, NULL, 'Главный корпус', 0, :no)",
        no=False,
    )
    await anna.say("/new")
    await anna.say("Не греет батарея")
    await anna.press("Главный корпус", "Отопление", "Обычная", "Отправить")
    assert "📍 Главный корпус" in anna.text
    assert await town.query("SELECT place_id, location FROM requests") == [(7, "Главный корпус")]


# What a step does not take


async def test_a_sticker_and_a_voice_message_are_explained(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/new")
    await anna.send_sticker()
    await anna.send_voice()
    await anna.say("Не греет батарея")
    await anna.send_sticker()
    await anna.say("Класс 5А")
    await anna.say("отопление")
    await anna.press("Отопление")
    await anna.send_voice()
    await anna.press("Обычная")
    await anna.say("отправь")
    assert anna.transcript() == transcripts


async def test_an_edited_message_is_answered_and_changes_nothing(
    town: Town, anna: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.say("/new")
    said = anna.person.say("Не греет батарея")
    await town.until_idle()
    anna.person.edit(said, "Не греет батарея совсем")
    await town.until_idle()
    await anna.say("Класс 5А")
    await anna.press("Отопление", "Обычная", "Отправить")
    assert await town.value(DESCRIPTION) == "Не греет батарея"
    assert anna.transcript().partition("К чему")[0] == transcripts
