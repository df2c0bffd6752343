"""Edits of the shipped flows that look harmless: the check names the place, or the chat shows that they work."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import check_folder
from tests.conversation import MANAGER_ID, MOSCOW, Actor, Town, shipped_flows
from tests.flow_editing import Editor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

REQUEST, MAIN, FILES = "request.yaml", "main.yaml", "files.yaml"
NEXT_OF_CATEGORY = "    unexpected: Выберите категорию кнопкой.\n    next: "
COMMENT = "      Напишите сообщение, можно с фото.\n    expect:\n"
COMMENT_TEXT = COMMENT + "      text: {into: comment, min: 1, max: 1000}\n"
FOR_MANAGERS = """\
flow: aa
version: 1
anywhere:
  - {expect: {photo: {into: pics}}, when: manager, go: seen}
steps:
  seen: {text: "Фото для завхоза{% if not pics %}?{% endif %}", buttons: [{text: Меню, go: main.menu}]}
"""


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path / "flows")


@asynccontextmanager
async def school(url: str, editor: Editor) -> AsyncIterator[tuple[Actor, Actor]]:
    """Run a bot on the edited flows; give a teacher and the manager."""
    town = Town(url, shipped_flows(editor.path))
    manager = await town.arrive(MANAGER_ID, "Сергей", "Иванов")
    teacher = await town.arrive(1001, "Анна", "Петрова")
    yield teacher, manager
    await town.app.close()


async def reach_confirmation(anna: Actor, *answers: str) -> None:
    """Write a request up to the place, and answer what is still asked by buttons."""
    for words in ("/new", "Течёт кран", "Кабинет 214"):
        await anna.say(words)
    await anna.press(*answers)


def complaints(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the check says of the edited flows."""
    monkeypatch.chdir(editor.path)
    return [str(each) for each in check_folder(editor.path, build_hooks(), MOSCOW)]


def at(editor: Editor, file: str, around: str, target: str) -> str:
    """Return file:line:column of `target`, the first inside or behind of words that are in the file once."""
    text = (editor.path / file).read_text("utf-8")
    assert text.count(around) == 1
    index = text.index(target, text.index(around))
    return f"{file}:{text.count(chr(10), 0, index) + 1}:{index - text.rfind(chr(10), 0, index)}"


def test_a_priority_that_requests_do_not_have_is_named_in_its_list(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.replace(REQUEST, "  priority:\n    high:", "  priority:\n    critical: {label: Авария}\n    high:")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, "critical: {", "critical")}: "priority" of "create_request" takes one of high, low, '
        'medium, and not "critical"; take it out of the list'
    ]


async def test_a_request_is_filed_with_the_usual_priority_where_nobody_is_asked(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.replace(REQUEST, NEXT_OF_CATEGORY + "priority", NEXT_OF_CATEGORY + "confirm")
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, _):
        await reach_confirmation(anna, "Сантехника", "Отправить")
        assert anna.text.startswith("№1 · 🆕 открыта\nТечёт кран")
        assert await anna.town.query("SELECT priority FROM requests") == [("medium",)]


async def test_a_request_is_filed_without_a_category_where_nobody_is_asked(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = "«Корпус 2, кабинет 214».\n    next: "
    editor.replace(REQUEST, before + "category", before + "priority")
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, _):
        await reach_confirmation(anna, "Обычная", "Отправить")
        assert anna.text.startswith("№1 · 🆕 открыта\nТечёт кран")
        assert await anna.town.query("SELECT category_id FROM requests") == [(None,)]


def test_a_place_that_nobody_is_asked_for_is_missed_where_the_request_is_filed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    incomplete = ', incomplete: {go: resume, say: "В заявке чего-то не хватает: продолжите её."}}}'
    editor.replace(REQUEST, f"else: {{too_many: wait{incomplete}", "else: {too_many: wait}}")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, "📨 Отправить", "create_request")}: the outcome "incomplete" of "create_request" leads '
        'nowhere; name it under "else"'
    ]


def test_words_that_an_action_does_not_take_are_named_where_it_is_called(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "      text: {into: comment, min: 1, max: 1000}\n"
    files = "      photo: {into: files, caption: comment}\n      document: {into: files, caption: comment}\n"
    aside = (typed + files).replace("comment", "words")
    editor.replace(REQUEST, COMMENT + typed + files, COMMENT + aside)
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, COMMENT, "{add_comment")}: "add_comment" takes nothing of what is answered here: words; '
        "say which input it is: {add_comment: {text: words}}"
    ]


def test_words_too_short_for_what_they_are_moved_to_are_named_where_they_are_typed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu = "нажмите «Новая заявка».{% endif %}\n    expect: {text: {into: words, min: "
    editor.replace(MAIN, f"{menu}3", f"{menu}2")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, MAIN, "min: 2", "2")}: "description" of "create_request" takes words of 3 to 1000 characters, '
        'and here it may be shorter; set "min" accordingly'
    ]


def test_a_comment_longer_than_it_may_be_is_named_once_at_its_bound(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.replace(REQUEST, COMMENT_TEXT, COMMENT_TEXT.replace("max: 1000", "max: 2000"))
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, "max: 2000", "2000")}: "text" of "add_comment" takes words of at most 1000 characters, '
        'and here it may be longer; set "max" accordingly'
    ]


async def test_a_comment_as_long_as_it_may_be_is_kept_whole(sqlite_url: str, editor: Editor) -> None:
    async with school(sqlite_url, editor) as (anna, _):
        await anna.submit()
        await anna.press("💬 Комментарий")
        await anna.say("д" * 1000)
        assert await anna.town.query("SELECT text FROM comments") == [("д" * 1000,)]


def test_an_answer_in_words_is_nobody_to_assign(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.replace(REQUEST, "ask: {person: admin.pick}", "ask: {person: reason}")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, "admin.yaml", "  pick:", "pick")}: nothing leads to the step "pick"; add a way, or take it out',
        f'{at(editor, REQUEST, "{assignee: answer.person", "answer")}: "assignee" of a request takes a person, and '
        '"answer.person" is something else; set another value',
    ]


def test_a_moment_is_no_person_and_a_person_no_moment(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.replace(REQUEST, "set: {assignee: actor, taken_at: now}", "set: {assignee: now, taken_at: actor}")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, "{assignee: now", "now")}: "assignee" of a request takes a person, and "now" is '
        "something else; set another value",
        f'{at(editor, REQUEST, "taken_at: actor", "actor")}: "taken_at" of a request takes a moment, and "actor" is '
        "something else; set another value",
    ]


def test_words_are_no_report_of_files(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = "      photo: {into: report, max: 10}\n      document: {into: report, max: 10}\n"
    editor.replace(FILES, photos, "      text: {into: report, max: 500}\n")
    assert complaints(editor, monkeypatch) == [
        f'{at(editor, REQUEST, "do: keep_report", "keep")}: "report" of "keep_report" takes files, and '
        '"answer.report" may be something else; name another variable, or fill it otherwise'
    ]


def test_a_transition_that_files_a_request_of_what_nobody_answers_is_named(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.replace(REQUEST, "      do: keep_report\n", "      do: create_request\n      else: {too_many: wait}\n")
    where = at(editor, REQUEST, "      do: create_request", "create")
    assert complaints(editor, monkeypatch) == [
        f'{where}: "create_request" needs "{name}", and nothing fills "answer.{name}"; did you mean "answer.report"?'
        for name in ("description", "place")
    ]


async def test_a_transition_that_files_another_request_changes_the_one_it_was_pressed_on(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = "      ask: {report: files.report}\n      set: {completed_at: now}\n      do: keep_report\n"
    filing = """\
      ask: {description: reason, place: spot}
      set: {completed_at: now}
      do: create_request
      else: {too_many: wait, incomplete: card}
"""
    editor.replace(REQUEST, asking, filing)
    editor.replace(
        REQUEST, "      {% if answer.report %}\n      К заявке приложено фото результата.\n      {% endif %}\n", ""
    )
    spot = """\
  spot:
    about: request
    text: Где ещё?
    choose: {from: places, into: spot}
    expect: {text: {into: spot, min: 2, max: 100}}
    next: {give: spot}
    buttons: [{text: Назад, back: true}]

"""
    editor.replace(REQUEST, "  reason:\n    about", f"{spot}  reason:\n    about")
    (editor.path / FILES).unlink()
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, sergey):
        await anna.submit()
        await sergey.press("🔧 Взять", "✅ Выполнено")
        await sergey.say("Кран новый, а труба гнилая")
        await sergey.say("Подвал")
        filed = await anna.town.query("SELECT description, location, status FROM requests ORDER BY id")
        assert filed == [
            ("Течёт кран", "Кабинет 214", "completed"),
            ("Кран новый, а труба гнилая", "Подвал", "open"),
        ]


async def test_a_transition_whose_comment_is_one_too_many_is_not_made(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = """\
      do: {add_comment: {files: answer.report, most: 2}}
      else: {too_many: {say: Слишком много комментариев подряд.}, incomplete: {say: Нужно фото.}}
"""
    editor.replace(REQUEST, "      do: keep_report\n", remark)
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, sergey):
        await anna.submit()
        await sergey.press("🔧 Взять", "✅ Выполнено", "Без фото")
        assert "Нужно фото." in sergey.transcript()
        for words in ("Раз", "Два"):
            await sergey.press("💬 Комментарий")
            await sergey.say(words)
        await sergey.press("✅ Выполнено")
        await sergey.send_photo()
        assert "Слишком много комментариев подряд." in sergey.transcript()
        assert await anna.town.query("SELECT status FROM requests") == [("in_progress",)]
        assert await anna.town.value("SELECT count(*) FROM comments") == 2
        anna.town.clock.advance(minutes=6)
        await sergey.press("✅ Выполнено")
        await sergey.send_photo()
        assert await anna.town.query("SELECT status FROM requests") == [("completed",)]
        assert await anna.town.value("SELECT count(*) FROM comments") == 3


async def test_a_photo_makes_a_comment_though_its_guard_does_not_hold_any_more_afterwards(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.replace(REQUEST, "    when: participant\n    do:", "    when: [participant, not has_files]\n    do:")
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, _):
        await anna.submit()
        await anna.send_photo(caption="Вот так течёт", reply_to=anna.card(1))
        assert anna.text == "💬 Комментарий к заявке №1 передан."
        await anna.send_photo(caption="И вот так", reply_to=anna.card(1))
        assert anna.text == "Сейчас это сделать нельзя."
        assert await anna.town.query("SELECT text FROM comments") == [("Вот так течёт",)]
        assert await anna.town.query("SELECT purpose FROM files") == [("comment",)]


async def test_a_photo_goes_on_to_the_next_branch_where_the_first_one_is_for_others(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (editor.path / "aa.yaml").write_text(FOR_MANAGERS, "utf-8")
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, sergey):
        await anna.send_photo(caption="Разбито окно")
        await anna.say("Коридор")
        await anna.press("Окна", "Срочно", "Отправить")
        assert await anna.town.query("SELECT description FROM requests") == [("Разбито окно",)]
        assert await anna.town.query("SELECT purpose FROM files") == [("request",)]
        await sergey.send_photo()
        assert sergey.text == "Фото для завхоза"


async def test_words_out_of_the_blue_open_their_branch_where_the_step_expects_none(
    sqlite_url: str, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "  - {expect: {text: {into: words, min: 3, max: 1000}}, go: offered}\n"
    editor.replace(MAIN, "anywhere:\n", f"anywhere:\n{words}")
    assert complaints(editor, monkeypatch) == []
    async with school(sqlite_url, editor) as (anna, _):
        await anna.press("❓ Помощь")
        await anna.say("Сломан стул")
        assert anna.text.startswith("Сообщить о поломке?\n«Сломан стул»")
        await anna.press("➕ Новая заявка")
        await anna.say("Кабинет 214")
        await anna.press("Мебель")
        await anna.say("Ещё и стол")
        assert anna.text.startswith("Сообщить о поломке?\n«Ещё и стол»\n\nУ вас есть незаконченная заявка")


async def test_words_out_of_the_blue_do_not_end_a_question_of_a_transition(sqlite_url: str, editor: Editor) -> None:
    words = "  - {expect: {text: {into: words, min: 3, max: 1000}}, go: offered}\n"
    editor.replace(MAIN, "anywhere:\n", f"anywhere:\n{words}")
    async with school(sqlite_url, editor) as (anna, sergey):
        await anna.submit()
        await sergey.press("🔧 Взять", "✅ Выполнено")
        await sergey.say("Готово, а фото не сделал")
        assert sergey.text.startswith("Пришлите фото или документ, либо нажмите «Без фото».")
        await sergey.press("Без фото")
        assert await anna.town.query("SELECT status FROM requests") == [("completed",)]


@pytest.mark.parametrize(
    "instead", ["", "  - {command: start, go: menu, when: manager}\n"], ids=["taken out", "not for everybody"]
)
async def test_start_leads_to_the_first_step_whatever_the_flows_say_of_it(
    instead: str, editor: Editor, sqlite_url: str
) -> None:
    editor.replace(MAIN, "  - {command: start, go: menu}\n", instead)
    async with school(sqlite_url, editor) as (anna, _):
        await anna.say("/new")
        await anna.say("Течёт кран")
        await anna.say("/start")
        assert anna.text.startswith("Здравствуйте, Анна!")
        await anna.press("Продолжить черновик", "Продолжить")
        assert "Где это?" in anna.text


def test_a_reply_that_is_only_answered_says_so(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = editor.path / REQUEST
    before, _, rest = taken.read_text("utf-8").partition(
        "    do: {add_comment: {text: comment}}\n    tell: commented\n"
    )
    *_, after = rest.partition("\n\nsteps:\n")
    taken.write_text(f"{before}    say: Спасибо.\n\nsteps:\n{after}", "utf-8")
    lost = "here is lost: nothing reads it from here on; give it to an action, print it, or keep it in the draft"
    said = [each.partition(": ")[2] for each in complaints(editor, monkeypatch)]
    assert said == [f'what is sent into "{name}" {lost}: draft.{name}' for name in ("comment", "files")]
    editor.replace(REQUEST, "    say: Спасибо.\n", "    forget: [comment, files]\n    say: Спасибо.\n")
    assert complaints(editor, monkeypatch) == []
