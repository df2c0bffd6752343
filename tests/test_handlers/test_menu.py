"""The menu, help, commands, lists and pages; what is said out of the blue; old and made-up buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.service.command_menu import publish_commands

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor, Town

STALE = "Эта кнопка устарела. Вот что актуально сейчас."
GONE = "Этого больше нет или это не для вас."
REFUSED = "Сейчас это сделать нельзя."


async def test_a_walk_through_the_menu(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/start")
    await anna.press("Помощь", "Меню", "Мои заявки", "Завершённые", "Назад", "Меню")
    assert anna.transcript() == transcripts


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/start", "Здравствуйте, Анна!"),
        ("/menu", "Здравствуйте, Анна!"),
        ("/MENU", "Здравствуйте, Анна!"),
        ("/menu@zavhoz_local_bot", "Здравствуйте, Анна!"),
        ("/menu\nпожалуйста", "Здравствуйте, Анна!"),
        ("/help", "Как сообщить о поломке"),
        ("/new", "Новая заявка"),
        ("/my", "Мои заявки"),
        ("/cancel", "Здравствуйте, Анна!"),
    ],
)
async def test_commands_lead_where_they_say(anna: Actor, command: str, answer: str) -> None:
    await anna.say(command)
    assert anna.text.startswith(answer)


async def test_an_unknown_command_is_explained(anna: Actor) -> None:
    await anna.say("/export")
    assert anna.text.startswith("Чтобы сообщить о поломке")
    assert "Здравствуйте, Анна!" in anna.text


async def test_an_unknown_deep_link_leads_to_the_menu(anna: Actor) -> None:
    await anna.say("/start room-214")
    assert anna.text.startswith("Здравствуйте, Анна!")


async def test_a_sticker_out_of_the_blue_is_answered_with_what_serves(anna: Actor) -> None:
    await anna.send_sticker()
    assert anna.text.startswith("Чтобы сообщить о поломке, напишите, что случилось")


@pytest.mark.parametrize("before", ["", "/menu"])
async def test_words_out_of_the_blue_become_a_request_if_they_are_meant_so(
    town: Town, anna: Actor, before: str
) -> None:
    if before:
        await anna.say(before)
    await anna.say("Течёт кран")
    assert anna.text == "Сообщить о поломке?\n«Течёт кран»"
    await anna.press("Новая заявка")
    assert anna.text.startswith("Где это?")
    await anna.say("Столовая")
    await anna.press("Сантехника", "Обычная", "Отправить")
    assert await town.query("SELECT description, location FROM requests") == [("Течёт кран", "Столовая")]
    await anna.say("/menu")
    assert "✏️ Продолжить черновик" not in anna.labels


async def test_words_that_are_no_request_leave_nothing_behind(anna: Actor) -> None:
    await anna.say("/menu")
    await anna.say("Спасибо!")
    await anna.press("Меню")
    assert anna.labels[0] == "➕ Новая заявка"


@pytest.mark.parametrize(("button", "kept"), [("Новая заявка", "Разбито окно"), ("Продолжить", "Течёт кран")])
async def test_words_out_of_the_blue_replace_a_draft_only_if_the_person_says_so(
    anna: Actor, button: str, kept: str
) -> None:
    await anna.say("/new")
    await anna.say("Течёт кран")
    await anna.say("/menu")
    await anna.say("Разбито стекло")
    await anna.say("Разбито окно")
    assert "«Разбито окно»\n\nУ вас есть незаконченная заявка: «Течёт кран»." in anna.text
    await anna.press(button)
    await anna.say("/new")
    assert f"«{kept}»" in anna.text


async def test_the_queue_is_not_for_staff(anna: Actor) -> None:
    await anna.say("/queue")
    assert anna.text.startswith("Чтобы сообщить о поломке")


async def test_commands_are_registered_for_everybody_and_more_for_owners(town: Town, sergey: Actor) -> None:
    await publish_commands(town.app.bot, town.flows.commands, [sergey.person.id])
    everybody = [each["command"] for each in town.emulator.commands.get(None, "")]
    owner = town.emulator.commands.get({"type": "chat", "chat_id": sergey.person.id}, "")
    assert set(everybody) == {"menu", "help", "cancel", "new", "my"}
    assert {each["command"] for each in owner} - set(everybody) == {"queue"}


# Lists


async def test_my_requests_open_their_cards(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.submit("Не горит лампа")
    await anna.press("Отменить заявку")
    await anna.submit("Течёт кран")
    before = anna.transcript()
    await anna.say("/my")
    await anna.press("№2", "Назад", "Завершённые", "№1", "Назад", "Меню")
    assert anna.transcript().removeprefix(before) == transcripts


async def test_ten_requests_come_in_two_pages_newest_first(town: Town, anna: Actor) -> None:
    for number in range(10):
        town.clock.advance(minutes=5, seconds=1)
        await anna.submit(f"Поломка {number}")
    await anna.say("/my")
    numbers = [label.split()[1] for label in anna.labels if "№" in label]
    assert numbers == [f"№{number}" for number in range(10, 2, -1)]
    assert "Дальше ›" in anna.labels
    assert "‹ Назад" not in anna.labels
    await anna.press("Дальше ›")
    assert [label.split()[1] for label in anna.labels if "№" in label] == ["№2", "№1"]
    assert "Дальше ›" not in anna.labels
    await anna.press("№1", "⬅️ Назад")
    assert [label.split()[1] for label in anna.labels if "№" in label] == ["№2", "№1"]
    await anna.press("‹ Назад")
    assert [label.split()[1] for label in anna.labels if "№" in label] == numbers


async def test_a_double_tap_turns_one_page(town: Town, anna: Actor) -> None:
    for number in range(20):
        town.clock.advance(minutes=5, seconds=1)
        await anna.submit(f"Поломка {number}")
    await anna.say("/my")
    anna.person.press("Дальше ›")
    anna.person.press("Дальше ›")
    await town.until_idle()
    assert [label.split()[1] for label in anna.labels if "№" in label] == [f"№{n}" for n in range(12, 4, -1)]


async def test_a_list_shows_only_own_requests(anna: Actor, boris: Actor) -> None:
    await anna.submit()
    await boris.say("/my")
    assert "Сейчас у вас нет открытых заявок." in boris.text


# Old and made-up buttons


async def test_a_button_of_a_screen_left_behind_explains_itself_and_shows_what_is_now(
    anna: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.say("/new")
    old = anna.screen
    await anna.say("Не греет батарея")
    await anna.say("Класс 5А")
    old_choice = anna.screen
    await anna.press("Отопление")
    await anna.press_on(old, "⬅️ Назад")
    await anna.press_on(old_choice, "🧹 Уборка")
    assert anna.transcript() == transcripts


async def test_a_menu_left_behind_still_works(anna: Actor) -> None:
    await anna.say("/start")
    menu = anna.screen
    await anna.say("/help")
    await anna.press_on(menu, "📋 Мои заявки")
    assert anna.messages[menu.id - 1].text.startswith("Мои заявки")


async def test_an_old_drawing_of_one_card_never_acts_on_another(town: Town, anna: Actor) -> None:
    await anna.submit("Первая поломка")
    await anna.submit("Вторая поломка")
    await anna.say("/my")
    await anna.press("№1")
    first = anna.screen
    await anna.press("Назад", "№2")
    assert anna.screen.id == first.id
    await anna.press_on(first, "✖️ Отменить заявку")
    assert await town.query("SELECT number, status FROM requests ORDER BY id") == [(1, "cancelled"), (2, "open")]
    assert anna.text.startswith("№1 · ✖️")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("", STALE),
        ("~", STALE),
        (":::~", STALE),
        ("take", STALE),
        ("a:b:c:d:e~f", STALE),
        ("request.card:take:!!:~1", STALE),
        ("request.card:take:zzzzzzzzzzzzz:~1", STALE),
        ("request.card:take:1y2p0ij32e8e7:~1", GONE),
        ("request.card:take:1y2p0ij32e8e8:~1", STALE),
        ("request.card:take::~1", STALE),
        ("request.nothing:take:1:~1", STALE),
        ("main.menu:nothing::~1", STALE),
        ("main.menu:pick::x~1", STALE),
        ("main.menu:row::1~1", STALE),
        ("main.menu:queue::~1", REFUSED),
        ("admin.queue:refresh::~1", STALE),
        ("admin.queue:row::1~1", STALE),
        ("admin.pick:pick:1:1~1", STALE),
        ("request.confirm:create_request::~1", STALE),
        ("request.mine:row::7~1", None),
        ("request.mine:row::abc~1", None),
        ("request.mine:row::٣~1", None),
        ("request.mine:row::9223372036854775808~1", None),
        ("request.mine:page::aнет~1", None),
        ("request.mine:page::a~1", None),
        ("request.mine:page::~1", None),
        ("request!taken:card:1:~", GONE),
        ("request!taken:other:1:~", GONE),
        ("request!none:card:1:~", STALE),
        ("я" * 32, STALE),
        ("\0:\0:\0:\0~\0", STALE),
    ],
)
async def test_made_up_data_is_answered_and_changes_nothing(
    town: Town, anna: Actor, boris: Actor, data: str, answer: str | None
) -> None:
    await boris.submit()
    await anna.say("/start")
    press = await anna.press_data(anna.screen, data)
    assert press.answered
    if answer:
        assert press.text == answer
    assert "Течёт кран" not in anna.text
    assert await town.value("SELECT status FROM requests") == "open"
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


async def test_made_up_data_on_every_step_of_the_dialog_does_no_harm(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    for answer in ("Не греет", "Класс 5А", "Отопление", "Обычная"):
        for data in ("request.category:pick::999~1", "request.priority:pick::worst~1", "request.place:pick::1~1"):
            assert (await anna.press_data(anna.screen, data)).answered
        await (anna.say(answer) if answer in ("Не греет", "Класс 5А") else anna.press(answer))
    await anna.press("Отправить")
    assert anna.text.startswith("№1")
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


@pytest.mark.parametrize("button", ["take", "reject", "complete", "assign", "cancel_own", "comment", "files", "back"])
async def test_another_persons_request_cannot_be_reached_by_its_id(
    town: Town, anna: Actor, boris: Actor, button: str
) -> None:
    await boris.submit("Тайна Бориса")
    await anna.say("/start")
    press = await anna.press_data(anna.screen, f"request.card:{button}:1:~x")
    assert press.text == GONE
    assert "Тайна" not in anna.transcript()
    assert await town.value("SELECT status FROM requests") == "open"


async def test_an_own_request_can_only_be_changed_as_its_author_may(town: Town, anna: Actor) -> None:
    await anna.submit()
    for button in ("take", "reject", "assign", "complete", "hold", "resume", "release", "reopen", "nonsense"):
        press = await anna.press_data(anna.screen, f"request.card:{button}:1:~x")
        assert press.text, button
    assert await town.value("SELECT count(*) FROM events") == 1


async def test_a_press_without_data_is_answered(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    press = anna.person.press("Помощь")
    town.emulator.updates.pending[-1]["callback_query"].pop("data")
    await town.until_idle()
    assert press.answered
    assert anna.text.startswith("Здравствуйте")


async def test_a_press_on_a_message_too_old_to_be_known_still_works(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    press = anna.person.press("Помощь")
    query = town.emulator.updates.pending[-1]["callback_query"]
    query["message"] = {"chat": query["message"]["chat"], "message_id": query["message"]["message_id"], "date": 0}
    await town.until_idle()
    assert press.answered
    assert anna.text.startswith("Как сообщить о поломке")


async def test_a_press_that_waited_too_long_for_its_answer_still_takes_effect(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    press = anna.person.press("Помощь")
    town.clock.advance(minutes=10)
    await town.until_idle()
    assert not press.answered
    assert anna.text.startswith("Как сообщить о поломке")
