"""What the guide to the flows promises of its examples happens in the chat."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.scenarios.player import play
from engine.scenarios import read_scenarios
from storage.models.constants import Role
from tests.conversation import MANAGER_ID, MOSCOW, Actor, Town, shipped_flows
from tests.test_docs.guide import apply, copy_of_shipped, examples, scenarios
from tests.test_scenarios.writing import write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def school(url: str, folder: Path, section: str) -> AsyncIterator[tuple[Actor, Actor]]:
    """Run a bot on the shipped flows with the changes of one section; give a teacher and the manager."""
    copy_of_shipped(folder)
    for example in examples():
        if example.section == section:
            apply(example, folder)
    town = Town(url, shipped_flows(folder))
    manager = await town.arrive(MANAGER_ID, "Сергей", "Иванов")
    teacher = await town.arrive(1001, "Анна", "Петрова")
    yield teacher, manager
    await town.app.close()


async def test_a_new_step_is_reached_by_its_button_and_left_again(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Добавить шаг и кнопку") as (anna, _):
        await anna.press("📞 Телефоны")
        assert "Аварийная служба: 112" in anna.text
        await anna.press("🏠 Меню")
        assert "Здравствуйте" in anna.text


async def test_a_new_command_leads_to_its_step(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Добавить команду") as (anna, _):
        await anna.say("/phones")
        assert "Вахта: 12-34" in anna.text


async def test_a_new_question_becomes_a_comment(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Добавить вопрос") as (anna, sergey):
        await anna.submit()
        await anna.press("🕐 Когда можно прийти")
        await anna.say("Завтра после двух")
        assert any("Завтра после двух" in words for words in sergey.texts)


async def test_a_ready_reason_is_told_and_kept_in_the_history(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Добавить причину") as (anna, sergey):
        await anna.submit()
        await sergey.press("🚫 Отклонить", "Такая заявка уже есть")
        assert any("Причина: такая заявка уже есть" in words for words in anna.texts)
        assert "(такая заявка уже есть)" in sergey.text


async def test_a_new_status_is_entered_and_left(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Добавить статус и переход") as (anna, sergey):
        await anna.submit()
        await sergey.press("🔧 Взять", "📦 Заказаны детали")
        await sergey.say("Прокладку привезут в среду")
        assert any("Прокладку привезут в среду" in words for words in anna.texts)
        assert "📦 ждёт деталей" in sergey.text
        await sergey.press("📦 Детали пришли")
        assert "🔧 в работе" in sergey.text


async def test_a_request_in_a_removed_status_goes_on_from_its_successor(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Переименовать или убрать шаг или статус") as (anna, sergey):
        await anna.submit()
        await anna.town.execute("UPDATE requests SET status = 'waiting'")
        await sergey.say("/queue")
        await sergey.press("№1")
        assert "🆕 открыта" in sergey.text
        await sergey.press("🔧 Взять")
        assert "🔧 в работе" in sergey.text


async def test_time_does_what_its_section_says(sqlite_url: str, tmp_path: Path) -> None:
    async with school(sqlite_url, tmp_path, "Время: напоминания и сроки") as (anna, sergey):
        await anna.submit()
        await sergey.press("🔧 Взять", "⏸ Отложить")
        await sergey.say("Ждём прокладку")
        await anna.press("💬 Комментарий")
        anna.town.clock.advance(hours=1)
        await anna.town.until_idle()
        assert "Комментарий так и не написан" in anna.text
        anna.town.clock.advance(days=14)
        await anna.town.until_idle()
        assert any("снова в работе" in words for words in anna.texts)
        assert "по времени: в работе" in sergey.card(1).text


async def test_the_scenario_of_the_guide_goes_as_it_says(sqlite_url: str, tmp_path: Path) -> None:
    copy_of_shipped(tmp_path)
    for example in examples():
        if example.section == "Добавить статус и переход":
            apply(example, tmp_path)
    for name, text in scenarios().items():
        write(tmp_path, text, name)
    (scenario,) = read_scenarios(tmp_path, [*Role])
    outcome = await play(scenario, shipped_flows(tmp_path), sqlite_url, MOSCOW)
    assert [str(each.problem) for each in outcome.failures] == []
    assert {"transition:request.order", "transition:request.arrived"} < outcome.met
