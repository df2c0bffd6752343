"""Flows that change while people talk."""

from __future__ import annotations

import asyncio
import re
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import structlog

from bot.flow_versions.compatibility import GoneStep, GoneTransition, inspect
from bot.service.command_menu import keep_commands_published
from engine.problems import FlowError
from storage.database.errors import StorageUnavailable
from tests.conversation import MANAGER_ID, Town
from tests.flow_editing import Editor
from tests.processes import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.scenarios.clock import ManualClock
    from tests.conversation import Actor

MOVED = "Бот обновился, и этот экран изменился."


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path / "flows")


@pytest_asyncio.fixture
async def town(database_url: str, editor: Editor, clock: ManualClock) -> AsyncIterator[Town]:
    folder = editor.folder()
    town = Town(database_url, folder.read(), clock=clock, folder=folder)
    yield town
    await town.app.close()


def without_hold(flow: dict[str, Any]) -> None:
    """Take the status on_hold out."""
    status = flow["status"]
    del status["states"]["on_hold"], flow["notices"]["held"], flow["notices"]["resumed"]
    status["transitions"] = [each for each in status["transitions"] if each["name"] not in {"hold", "resume"}]
    for each in status["transitions"]:
        if isinstance(each["from"], list):
            each["from"] = [name for name in each["from"] if name != "on_hold"]


def without_comments(flow: dict[str, Any]) -> None:
    """Take the step comment out."""
    del flow["steps"]["comment"]
    card = flow["steps"]["card"]
    card["buttons"] = [button for button in card["buttons"] if button.get("go") != "comment"]


async def on_hold(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await sergey.press_on(sergey.card(1), "⏸ Отложить")
    await sergey.say("Ждём деталь")


async def test_a_changed_word_is_said_after_a_reload(town: Town, editor: Editor, anna: Actor) -> None:
    await anna.say("/start")
    editor.replace("main.yaml", "<b>Как сообщить о поломке</b>", "<b>Вот как</b>")
    assert await town.reload()
    await anna.press("❓ Помощь")
    assert anna.text.startswith("Вот как")
    assert town.said == ["The changed flows are in use."]


async def test_a_new_step_is_there_for_whoever_is_in_the_middle_of_a_request(
    town: Town, editor: Editor, anna: Actor
) -> None:
    await anna.say("/new")
    await anna.say("Течёт кран")

    def with_phone(flow: dict[str, Any]) -> None:
        flow["steps"]["place"]["next"] = "phone"
        flow["steps"]["phone"] = {
            "text": "Ваш телефон?",
            "expect": {"text": {"into": "draft.phone", "max": 20}},
            "next": "category",
            "buttons": [{"text": "Назад", "back": True}],
        }
        flow["steps"]["confirm"]["text"] += "{{ draft.phone }}"

    editor.edit("request.yaml", with_phone)
    assert await town.reload()
    await anna.say("Кабинет 214")
    assert anna.text == "Ваш телефон?"
    await anna.say("112")
    await anna.press("Сантехника", "Обычная", "Отправить")
    assert "№1" in anna.text


async def test_whoever_stands_in_a_removed_step_is_brought_to_the_menu_and_told(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await anna.press("💬 Комментарий")
    await anna.say("/new")
    await anna.say("Не горит лампа")
    await anna.say("/my")
    await anna.press("№1")
    await anna.press("💬 Комментарий")
    editor.edit("request.yaml", without_comments)
    with structlog.testing.capture_logs() as logs:
        assert await town.reload()

    await anna.say("Вода уже на полу")

    assert anna.text.startswith(f"{MOVED} Черновик сохранён.\n")
    assert "Вода уже на полу" not in sergey.card(1).text
    assert {"event": "steps_gone", "log_level": "warning", "conversations": {"request.comment": 1}} in logs
    await anna.say("/new")
    assert "Не горит лампа" in anna.text


async def test_a_button_of_a_removed_step_says_so_and_the_draft_is_kept(
    town: Town, editor: Editor, anna: Actor
) -> None:
    await anna.draft()
    before = anna.screen
    editor.rename_step("request.confirm", "check")
    assert await town.reload()

    press = await anna.press_on(before, "Отправить")

    assert press.text == "Эта кнопка устарела. Вот что актуально сейчас."
    assert anna.text.startswith(f"{MOVED} Черновик сохранён.\n\nЗдравствуйте")
    await anna.press("Продолжить черновик", "Продолжить", "Отправить")
    assert "№1" in anna.text


async def test_a_renamed_step_is_followed_and_its_buttons_serve(town: Town, editor: Editor, anna: Actor) -> None:
    await anna.draft()
    before = anna.screen
    editor.rename_step("request.confirm", "check")
    editor.replace("request.yaml", "version: 1", "version: 2\nmoved: {confirm: check}")
    assert await town.reload()

    press = await anna.press_on(before, "Отправить")

    assert press.text == "Заявка №1 отправлена. Я сообщу о каждом изменении."
    assert await town.value("SELECT count(*) FROM requests") == 1


async def test_an_album_in_flight_joins_its_draft_over_a_reload(town: Town, editor: Editor, anna: Actor) -> None:
    await anna.say("/new")
    anna.person.send_album([None, None, None], "Течёт кран")
    late = town.emulator.updates.pending[-2:]
    del town.emulator.updates.pending[-2:]
    await town.until_idle()
    editor.rename_step("request.describe", "what")
    editor.rename_step("request.place", "where")
    assert await town.reload()
    town.emulator.updates.pending += late
    await town.until_idle()
    await anna.press("Продолжить черновик")
    assert "📎 Файлов: 3" in anna.text


async def test_a_removed_status_that_requests_have_is_refused_and_told(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await on_hold(anna, sergey)
    editor.edit("request.yaml", without_hold)
    with structlog.testing.capture_logs() as logs:
        assert not await town.reload()

    (refused,) = [each for each in logs if each["event"] == "flows_refused"]
    (problem,) = refused["problems"]
    place, _, what = problem.partition(": ")
    assert re.search(r"request\.yaml:\d+:1$", place)
    assert what == (
        'the status "on_hold" is gone, and 1 request would be stuck in it; '
        + 'say what stands for it now: "moved: {on_hold: open}"'
    )
    assert town.said == [f"The changed flows are not used, those before go on:\n{problem}"]
    await sergey.press_on(sergey.card(1), "▶️ Продолжить")
    assert "в работе" in sergey.card(1).text


async def test_a_removed_status_that_was_moved_stands_for_its_successor_everywhere(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await on_hold(anna, sergey)
    waiting = "{% if request.status == 'open' %}Ждёт{% endif %}"
    editor.replace("request.yaml", "{% if request.details %}", f"{waiting}{{% if request.details %}}")
    editor.edit("request.yaml", without_hold)
    editor.edit("request.yaml", lambda flow: flow["status"].update(moved={"on_hold": "open"}))
    assert await town.reload()

    assert await town.query("SELECT status, stage FROM requests") == [("on_hold", "waiting")]
    await sergey.say("/queue")
    assert "🆕 №1" in sergey.labels[0]
    assert "Ждут: 1" in sergey.text
    await sergey.press("№1")
    assert "🆕 открыта" in sergey.text
    assert "Ждёт" in sergey.text
    await sergey.press("🔧 Взять")
    assert "🔧 в работе" in sergey.text
    assert await town.query("SELECT from_state, to_state FROM events ORDER BY id DESC LIMIT 1") == [
        ("on_hold", "in_progress")
    ]


async def test_broken_flows_are_refused_and_the_old_ones_go_on(town: Town, editor: Editor, anna: Actor) -> None:
    await anna.say("/start")
    editor.replace("main.yaml", "❓ Помощь, go: help", "❓ Помощь, go: hlep")
    with structlog.testing.capture_logs() as logs:
        assert not await town.reload()

    (refused,) = [each for each in logs if each["event"] == "flows_refused"]
    assert [each.partition("main.yaml:")[2] for each in refused["problems"]] == [
        '50:30: unknown step "hlep"; did you mean "help"?'
    ]
    await anna.press("❓ Помощь")
    assert anna.text.startswith("Как сообщить о поломке")
    assert b'flow_reloads_total{outcome="refused"} 1.0' in town.app.metrics.text()
    assert b"flows_last_reload_ok 0.0" in town.app.metrics.text()
    check = (await town.app.health.checks())["flows"]
    assert check.ok
    assert check.reason.endswith("; newer ones were refused")
    editor.replace("main.yaml", "❓ Помощь, go: hlep", "❓ Помощь, go: help")
    assert await town.reload()
    assert b"flows_last_reload_ok 1.0" in town.app.metrics.text()
    assert "refused" not in (await town.app.health.checks())["flows"].reason


async def test_the_counters_of_a_new_transition_begin_at_zero(town: Town, editor: Editor) -> None:
    editor.replace("request.yaml", "name: cancel_own", "name: withdraw")
    assert await town.reload()
    assert b'request_transitions_total{outcome="done",transition="withdraw"} 0.0' in town.app.metrics.text()


async def test_files_that_are_no_text_are_refused(town: Town, editor: Editor) -> None:
    (editor.path / "main.yaml").write_bytes(b"\xff\xfe")
    assert not await town.reload()


async def test_a_file_that_cannot_be_opened_is_refused_by_its_name_until_it_can_be(town: Town, editor: Editor) -> None:
    main = (editor.path / "main.yaml").rename(editor.path / "main.txt")
    (editor.path / "main.yaml").symlink_to("nowhere.yaml")
    with structlog.testing.capture_logs() as logs:
        assert not await town.reload()
    assert [each["event"] for each in logs] == ["flows_refused"]
    what = "main.yaml:1:1: this file cannot be read: it is a link that leads nowhere"
    assert any(what in each for each in logs[0]["problems"])
    main.rename(editor.path / "nowhere.yaml")
    assert not await town.reload()
    (editor.path / "nowhere.yaml").rename(editor.path / "main.yaml")
    assert await town.reload()


def test_files_after_one_that_cannot_be_opened_are_followed(editor: Editor) -> None:
    (editor.path / "d.yaml").symlink_to("nowhere.yaml")
    folder = editor.folder()
    with pytest.raises(FlowError):
        folder.read()
    assert not folder.has_changed()
    editor.replace("main.yaml", "busy: Секунду…", "busy: Минуту…")
    assert folder.has_changed()


async def test_whoever_was_in_a_flow_that_is_gone_stands_in_the_menu(town: Town, editor: Editor, anna: Actor) -> None:
    await anna.draft()
    before = anna.screen
    editor.leave_only_a_menu()
    assert await town.reload()
    await anna.press_on(before, "Отправить")
    assert anna.text == f"{MOVED} Черновик сохранён.\n\nМеню"
    await anna.send_photo(caption="Течёт кран")
    assert anna.text.startswith("Здесь это не подходит.")


async def test_a_fault_in_reading_leaves_the_old_flows(
    town: Town, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = town.flows
    monkeypatch.setattr("bot.flow_versions.folder.load_flows", lambda *_: 1 / 0)
    assert not await town.reload()
    assert town.app.flow_versions.flows is before


async def test_a_pending_question_of_a_removed_transition_leads_back_to_the_card(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await sergey.press_on(sergey.card(1), "⏸ Отложить")
    editor.edit("request.yaml", without_hold)
    assert await town.reload()
    found = await town.app.runner.run(lambda tx: inspect(tx, town.flows))
    assert found.transitions == (GoneTransition("hold", 1),)

    await sergey.say("Ждём деталь")

    assert sergey.text.startswith(f"{MOVED}\n\n№1")
    assert await town.value("SELECT status FROM requests") == "in_progress"


async def test_commands_are_announced_again_when_they_changed(town: Town, editor: Editor) -> None:
    announcing = asyncio.create_task(keep_commands_published(town.app.bot, town.app.flow_versions, {MANAGER_ID}))
    await until(partial(published, town, 2))
    assert await town.reload()
    editor.replace("main.yaml", "label: Как пользоваться", "label: Справка")
    assert await town.reload()
    await until(partial(published, town, 4))
    announcing.cancel()
    calls = town.emulator.journal.calls("setMyCommands")
    assert len(calls) == 4
    assert "Справка" in str(calls[2].params)


async def published(town: Town, times: int) -> bool:
    return len(town.emulator.journal.calls("setMyCommands")) >= times


async def test_what_stands_in_the_way_of_flows_is_counted(
    town: Town, editor: Editor, anna: Actor, boris: Actor, sergey: Actor
) -> None:
    await on_hold(anna, sergey)
    await boris.say("/new")
    editor.edit("request.yaml", without_hold)
    editor.edit("request.yaml", without_comments)
    await anna.press("💬 Комментарий")
    found = await town.app.runner.run(lambda tx: inspect(tx, editor.folder().read()))
    assert found.steps == (GoneStep("request.comment", 1, None),)
    assert found.to_the_menu == {"request.comment": 1}
    (status,) = found.statuses
    assert (status.kind, status.name, str(status.counted), status.target) == ("request", "on_hold", "1 request", None)


async def test_two_editions_side_by_side_lose_no_dialog(town: Town, editor: Editor, anna: Actor, sergey: Actor) -> None:
    """As two processes whose folders changed a moment apart."""
    older = town.flows
    await anna.submit()
    editor.rename_step("request.reason", "why")
    text = (editor.path / "request.yaml").read_text("utf-8")
    (editor.path / "request.yaml").write_text(text.replace("{reason: reason}", "{reason: why}"), "utf-8")
    assert await town.reload()
    newer = town.flows
    await sergey.press_on(sergey.card(1), "🚫 Отклонить")
    asked = sergey.screen

    town.app.flow_versions.activate(older)
    await sergey.say("Это не наше")
    assert sergey.text.startswith(f"{MOVED}\n")
    assert await town.value("SELECT count(*) FROM comments") == 0
    assert (await sergey.press_on(asked, "Назад")).text == "Эта кнопка устарела. Вот что актуально сейчас."
    town.app.flow_versions.activate(newer)
    await sergey.say("Это не наше")
    assert sergey.text.startswith(f"{MOVED}\nПричину нужно написать словами.\n\nЗаявка №1")

    await sergey.say("Это не наше")
    assert await town.value("SELECT status FROM requests") == "rejected"


async def test_a_unit_of_work_ends_with_the_edition_that_it_began_with(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press_on(sergey.card(1), "💬 Комментарий")
    editor.replace("request.yaml", "👤 {{ request.author }},", "🙋 {{ request.author }},")
    newer = editor.folder().read()

    def turn(_name: str) -> None:
        # In the middle of a unit: on SQLite in its own thread, on PostgreSQL on the event loop.
        town.app.flow_versions.activate(newer)

    town.app.flow_versions.engine.trace = turn
    await sergey.say("Сейчас буду")

    assert "Сейчас буду" in anna.card(1).text
    assert "👤 Анна Петрова" in anna.card(1).text
    assert "👤 Анна Петрова" in sergey.card(1).text
    assert town.app.flow_versions.flows is newer
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    assert "🙋 Анна Петрова" in sergey.card(1).text
    assert "🙋 Анна Петрова" in anna.card(1).text


async def test_a_request_in_a_status_nobody_knows_is_shown_all_the_same(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await town.execute("UPDATE requests SET status = 'lost'")
    await sergey.say("/queue")
    await sergey.press("№1")
    assert "№1 · lost" in " ".join(sergey.text.split())
    assert await sergey.press("⬅️ Назад")
    assert not await town.reload()


async def test_a_reload_waits_for_a_database_that_is_away(
    town: Town, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = iter([True, False, True, False])
    run = town.app.runner.run

    async def sometimes(work: Any) -> Any:
        if next(away):
            raise StorageUnavailable("away")
        return await run(work)

    monkeypatch.setattr("storage.database.retrying.SHORTEST_PAUSE", 0)
    monkeypatch.setattr(town.app.runner, "run", sometimes)
    editor.replace("main.yaml", "busy: Секунду…", "busy: Минуту…")
    assert await town.reload()
    assert town.app.flow_versions.handler.busy == "Минуту…"


async def test_the_folder_is_followed_until_the_end(
    town: Town, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.flow_versions.folder.POLL_INTERVAL", 0.01)
    reloader = town.app.reloader
    assert reloader
    following = asyncio.create_task(reloader.run())
    reloader.ask()
    await until(partial(said, town, 1))
    editor.replace("main.yaml", "busy: Секунду…", "busy: Минуту…")
    await until(partial(said, town, 2))
    following.cancel()
    await asyncio.wait({following})
    assert town.app.flow_versions.handler.busy == "Минуту…"


async def said(town: Town, times: int) -> bool:
    return len(town.said) >= times


async def test_a_folder_that_cannot_be_watched_is_looked_at_now_and_then(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = editor.folder()
    folder.read()
    assert not folder.has_changed()
    shutil.rmtree(editor.path)
    assert folder.has_changed()
    monkeypatch.setattr("bot.flow_versions.folder.POLL_INTERVAL", 0.01)
    await folder.change(asyncio.Event())


async def test_an_untouched_folder_is_looked_at_now_and_then(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.flow_versions.folder.POLL_INTERVAL", 0.05)
    await editor.folder().change(asyncio.Event())
