"""A status, a step, a button, a text and a notice are added to the shipped flows with an editor: no Python changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, SHIPPED, Town, shipped_flows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

STATUS = (
    "    on_hold: {label: отложена, icon: ⏸, stage: paused}\n",
    "    waiting_parts: {label: ждёт запчасти, icon: 📦, stage: paused}\n",
)
TRANSITIONS = (
    "  transitions:\n",
    """\
    - name: order_parts
      label: 📦 Нужна запчасть
      from: in_progress
      to: waiting_parts
      by: [assignee, manager]
      ask: {part: part}
      tell: parts_ordered
      say: Заявка ждёт запчасть.
      late: Заявка уже {{ request.status | label('request_status') }}.
    - name: parts_came
      label: 📦 Запчасть пришла
      from: waiting_parts
      to: in_progress
      by: [assignee, manager]
      tell: resumed
      say: Можно чинить.
""",
)
NOTICE = (
    "notices:\n",
    """\
  parts_ordered:
    to: author
    text: |
      📦 Заявка <b>№{{ request.number }}</b> ждёт запчасть: {{ answer.part }}
    buttons: [{text: Открыть, go: card}]
""",
)
STEP = (
    "\nsteps:\n",
    """\
  part:
    about: request
    text: |
      <b>Заявка №{{ request.number }}</b>
      Какая запчасть нужна?
    expect: {text: {into: part, min: 3, max: 100}}
    next: {give: part}
    buttons:
      - {text: ⬅️ Назад, back: true}

""",
)
BUTTON = (
    "      - {text: ❓ Помощь, go: help}\n",
    "      - {text: ☎️ Телефоны, go: phones}\n",
)
PHONES = (
    "\nsteps:\n",
    """\
  phones:
    text: |
      <b>Вахта</b>: 12-34
    buttons:
      - {text: 🏠 Меню, go: menu}

""",
)


def add(path: Path, *additions: tuple[str, str]) -> None:
    """Write each addition below its place, which stands in the file once."""
    text = path.read_text(encoding="utf-8")
    for place, lines in additions:
        assert text.count(place) == 1
        text = text.replace(place, place + lines)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def flows(tmp_path: Path) -> CompiledFlows:
    """Compile an edited copy of the shipped flows with the hooks of the bot as it is."""
    folder = tmp_path / "flows"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    add(folder / "request.yaml", STATUS, TRANSITIONS, NOTICE, STEP)
    add(folder / "main.yaml", BUTTON, PHONES)
    main = folder / "main.yaml"
    main.write_text(main.read_text(encoding="utf-8").replace("Здравствуйте, ", "Доброе утро, "), encoding="utf-8")
    return shipped_flows(folder)


@pytest_asyncio.fixture
async def town(sqlite_url: str, flows: CompiledFlows) -> AsyncIterator[Town]:
    town = Town(sqlite_url, flows)
    yield town
    await town.app.close()


@pytest_asyncio.fixture
async def teacher(town: Town) -> Actor:
    return await town.arrive(1001, "Анна", "Петрова")


@pytest_asyncio.fixture
async def keeper(town: Town) -> Actor:
    """The manager."""
    return await town.arrive(MANAGER_ID, "Сергей", "Иванов")


@pytest_asyncio.fixture
async def second(town: Town) -> Actor:
    """The second manager."""
    return await town.arrive(SECOND_MANAGER_ID, "Ольга", "Смирнова")


async def test_a_request_goes_through_a_new_status_and_its_author_is_told(
    town: Town, teacher: Actor, keeper: Actor
) -> None:
    await teacher.submit("Течёт кран")
    await keeper.press("🔧 Взять", "📦 Нужна запчасть")
    assert "Какая запчасть нужна?" in keeper.text
    await keeper.say("Прокладка 3/4")
    assert "📦 ждёт запчасти" in keeper.text
    assert any("№1 ждёт запчасть: Прокладка 3/4" in words for words in teacher.texts)
    assert await town.query("SELECT status, stage FROM requests") == [("waiting_parts", "paused")]
    await teacher.press_on(teacher.seen("ждёт запчасть"), "Открыть")
    assert "📦 ждёт запчасти" in teacher.text
    assert "📦 Запчасть пришла" not in teacher.labels
    await keeper.press("📦 Запчасть пришла")
    assert any("снова в работе" in words for words in teacher.texts)
    assert "✅ Выполнено" in keeper.labels
    assert await town.query("SELECT status, stage FROM requests") == [("in_progress", "active")]


async def test_a_new_question_can_be_taken_back(town: Town, teacher: Actor, keeper: Actor) -> None:
    await teacher.submit()
    await keeper.press("🔧 Взять", "📦 Нужна запчасть", "⬅️ Назад")
    assert "🔧 в работе" in keeper.text
    assert await town.value("SELECT status FROM requests") == "in_progress"


async def test_an_old_button_of_a_new_transition_says_that_it_is_late(
    town: Town, teacher: Actor, keeper: Actor, second: Actor
) -> None:
    await teacher.submit()
    await keeper.press("🔧 Взять")
    await second.say("/queue")
    await second.press("№1")
    seen = second.screen
    await keeper.press("📦 Нужна запчасть")
    await keeper.say("Прокладка 3/4")
    press = await second.press_on(seen, "📦 Нужна запчасть")
    assert press.text == "Заявка уже ждёт запчасти."
    assert await town.value("SELECT count(*) FROM requests WHERE status = 'waiting_parts'") == 1


async def test_a_new_button_leads_to_a_new_step_and_a_changed_text_is_said(teacher: Actor) -> None:
    assert teacher.text.startswith("Доброе утро, Анна")
    await teacher.press("☎️ Телефоны")
    assert teacher.text == "Вахта: 12-34"
    await teacher.press("🏠 Меню")
    assert teacher.text.startswith("Доброе утро, Анна")


async def test_the_manager_finds_what_waits_in_a_new_status(town: Town, teacher: Actor, keeper: Actor) -> None:
    await teacher.submit("Течёт кран")
    await town.execute("UPDATE requests SET status = 'waiting_parts', stage = 'paused'")
    await teacher.say("/my")
    assert any(label.startswith("📦 №1 Течёт кран") for label in teacher.labels)
    await keeper.say("/queue")
    assert any("№1" in label for label in keeper.labels)


async def test_a_request_taken_before_goes_through_the_new_status_after_a_restart(
    sqlite_url: str, flows: CompiledFlows
) -> None:
    town = Town(sqlite_url, shipped_flows())
    teacher, keeper = town.person(1001, "Анна"), await town.arrive(MANAGER_ID, "Сергей")
    await teacher.submit()
    await keeper.press("Взять")
    await town.restart(flows)
    await keeper.say("/queue")
    await keeper.press("№1", "Нужна запчасть")
    await keeper.say("Прокладка")
    assert await town.query("SELECT status, stage FROM requests") == [("waiting_parts", "paused")]
    await town.app.close()
