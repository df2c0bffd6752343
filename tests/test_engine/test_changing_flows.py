"""Adding a status, a step, a button and a text takes no Python: the shipped flows are edited as their author would."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.conversation import MANAGER_ID, SHIPPED, Actor, Town, shipped_flows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.databases import ManualClock

EDITS = {
    "request.yaml": {
        # a status
        "    on_hold: {label: отложена, icon: ⏸, stage: paused}\n": """\
    on_hold: {label: отложена, icon: ⏸, stage: paused}
    waiting_parts: {label: ждёт деталей, icon: 📦, stage: paused}
""",
        # its transitions, one of which asks something
        "    - name: release\n": """\
    - name: order_parts
      label: 📦 Нужны детали
      from: in_progress
      to: waiting_parts
      by: [assignee, manager]
      ask: {reason: parts}
      tell: parts_ordered
      say: Отмечено.
    - {name: parts_came, label: 📦 Детали пришли, from: waiting_parts, to: in_progress, by: crew, tell: resumed}
    - name: release
""",
        # a notice
        "notices:\n": """\
notices:
  parts_ordered:
    to: author
    text: "📦 №{{ request.number }} ждёт деталей: {{ answer.reason }}"
    buttons: [{text: Открыть, go: card}]
""",
        # the step that asks
        "  reason:\n": """\
  parts:
    about: request
    text: Каких деталей не хватает для №{{ request.number }}?
    expect: {text: {into: parts, min: 2, max: 100}}
    next: {give: parts}
    buttons: [{text: ⬅️ Назад, back: true}]

  reason:
""",
    },
    "main.yaml": {
        # a text
        "Здравствуйте, <b>": "Добрый день, <b>",
        # a button and the step it leads to
        "      - {text: ❓ Помощь, go: help}\n": """\
      - {text: ❓ Помощь, go: help}
      - {text: 📞 Телефоны, go: phones}
""",
        "  help:\n": """\
  phones:
    text: Аварийная служба — <b>112</b>.
    buttons: [{text: ⬅️ Назад, back: true}]

  help:
""",
    },
}


def edit(folder: Path) -> None:
    """Copy the shipped flows and make every edit."""
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, folder)
    for name, changes in EDITS.items():
        text = (folder / name).read_text(encoding="utf-8")
        for before, after in changes.items():
            assert text.count(before) == 1, f"{name} has not one {before!r}"
            text = text.replace(before, after)
        (folder / name).write_text(text, encoding="utf-8")


@pytest_asyncio.fixture
async def town(sqlite_url: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Town]:
    """A bot whose flows were edited."""
    edit(tmp_path)
    town = Town(sqlite_url, shipped_flows(tmp_path), clock=clock)
    yield town
    await town.app.close()


@pytest_asyncio.fixture
async def anna(town: Town) -> Actor:
    return town.person(1001, "Анна", "Петрова")


@pytest_asyncio.fixture
async def sergey(town: Town) -> Actor:
    return await town.arrive(MANAGER_ID, "Сергей", "Иванов")


async def test_a_new_status_is_lived_through(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.submit()
    before = len(sergey.transcript())
    await sergey.press("Взять", "Нужны детали")
    await sergey.say("Картридж смесителя")
    assert "ждёт деталей" in sergey.text
    await sergey.press("Детали пришли")
    assert "в работе" in sergey.text
    assert sergey.transcript()[before:] == transcripts
    assert "📦 №1 ждёт деталей: Картридж смесителя" in anna.transcript()


async def test_a_new_step_is_reached_by_a_new_button_under_a_new_text(anna: Actor) -> None:
    await anna.say("/menu")
    assert anna.text.startswith("Добрый день, Анна")
    await anna.press("Телефоны")
    assert anna.text == "Аварийная служба — 112."
    await anna.press("Назад")
    assert anna.text.startswith("Добрый день")


async def test_a_request_written_before_lives_on_with_the_new_status(
    sqlite_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    town = Town(sqlite_url, shipped_flows(), clock=clock)
    anna, sergey = town.person(1001, "Анна"), await town.arrive(MANAGER_ID, "Сергей", "Иванов")
    await anna.submit()
    await sergey.press("Взять")
    edit(tmp_path)
    await town.restart(shipped_flows(tmp_path))
    with pytest.raises(LookupError):
        await sergey.press("Нужны детали")
    await sergey.say("/queue")
    await sergey.press("№1", "Нужны детали")
    await sergey.say("Прокладка")
    assert await town.query("SELECT status, stage FROM requests") == [("waiting_parts", "paused")]
    await town.app.close()
