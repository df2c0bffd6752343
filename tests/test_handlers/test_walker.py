"""The shipped flows are walked through by every role, and nothing of them may be left out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.helpdesk.hooks.registry import build_hooks
from tests.conversation import MANAGER_ID, SHIPPED, Actor, Town, shipped_flows
from tests.flow_parts import missing
from tests.rewinding import World
from tests.walker import Walker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.compiled import CompiledFlows
    from tests.databases import Databases

COMMANDS = ("start", "help", "cancel", "my", "queue", "nonsense")


@dataclass
class Walks:
    """What the walks of all roles took and tried to send, and who stood in which steps."""

    taken: set[str] = field(default_factory=set)
    tried: set[object] = field(default_factory=set)
    steps: dict[str, set[str]] = field(default_factory=dict)
    actions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """One person of each role."""

    staff: Actor
    crew: Actor
    manager: Actor
    viewer: Actor

    @classmethod
    async def arrive(cls, town: Town) -> People:
        """Let everybody in."""
        return cls(
            staff=await town.arrive(1001, "Анна", "Петрова"),
            crew=await town.arrive(3001, "Пётр", "Кузнецов", role="crew"),
            manager=await town.arrive(MANAGER_ID, "Сергей", "Иванов"),
            viewer=await town.arrive(4001, "Вера", "Павловна", role="viewer"),
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walks(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, flows: CompiledFlows
) -> AsyncIterator[Walks]:
    """Walk as every role through a school that has requests in every status; then where only haste leads."""
    walks = Walks()
    town = Town(databases.sqlite(tmp_path_factory.mktemp("walks") / "walks.db"), flows, trace=walks.taken.add)
    world = World(town)
    people = await People.arrive(town)
    await _fill(people)
    # What was done to fill the school does not count.
    walks.taken.clear()
    walkers = {
        role: Walker(world, getattr(people, role).person.id, COMMANDS, walks.tried, seen=walks.taken)
        for role in ("manager", "staff", "crew", "viewer")
    }
    for walker in walkers.values():
        await walker.walk()
    start = world.remember()
    for role, hurry in (("staff", _file_too_much), ("staff", _comment_too_much), ("manager", _empty_the_draft)):
        world.recall(start)
        await hurry(getattr(people, role))
        await walkers[role].walk()
    for role, walker in walkers.items():
        walks.steps[role], walks.actions[role] = walker.steps, walker.actions
    yield walks
    world.close()
    await town.app.close()


async def _fill(people: People) -> None:
    """File requests until there are some in every status, and notices of every kind in people's chats."""
    author, manager, plumber = people.staff, people.manager, people.crew

    async def change(number: int, label: str, words: str = "") -> None:
        await manager.press_on(manager.card(number), label)
        if words:
            await manager.say(words)

    for number in range(15):
        author.town.clock.advance(minutes=5, seconds=1)
        await author.submit(f"Поломка {number}", urgency="Обычная" if number else "Срочно")
    await change(8, "🔧 Взять")
    await change(8, "↩️ Вернуть в очередь")
    await change(9, "👤 Назначить")
    await manager.press("Пётр Кузнецов")
    await change(10, "🔧 Взять")
    await change(10, "⏸ Отложить", "нет деталей")
    await change(10, "▶️ Продолжить")
    await change(11, "🔧 Взять")
    await change(11, "⏸ Отложить", "нет деталей")
    await change(12, "🔧 Взять")
    await change(12, "✅ Выполнено")
    await manager.send_photo(caption="как новый")
    await author.press_on(author.card(12), "🔁 Не исправлено")
    await author.say("опять сломано")
    await change(12, "🔧 Взять")
    await change(12, "✅ Выполнено")
    await manager.press("Без фото")
    await change(13, "🚫 Отклонить", "это не к нам")
    await author.press_on(author.card(14), "✖️ Отменить заявку")
    await author.send_photo(caption="Когда придёте?", reply_to=author.card(10))
    await plumber.say("/queue")
    await plumber.press("Дальше ›", "№15", "Взять")
    for each in (author, manager, plumber):
        await each.say("/menu")
    author.town.clock.advance(hours=4)
    await author.town.until_idle()


async def _file_too_much(author: Actor) -> None:
    await author.submit(times=6)


async def _comment_too_much(author: Actor) -> None:
    for _ in range(11):
        await author.say("Когда?", author.card(1))
    await author.press_on(author.card(1), "💬 Комментарий")
    await author.say("Когда же?")
    await author.press("Назад")
    await author.say("Когда же?")


async def _empty_the_draft(manager: Actor) -> None:
    await manager.send_photo(caption="Течёт кран")
    await manager.say("Столовая")
    await manager.press("Сантехника", "Срочно")
    await manager.press_on(manager.card(1), "💬 Комментарий")
    await manager.say("/new")
    await manager.press("Начать заново", "Назад", "Отправить")


def test_every_part_of_the_flows_is_met_by_somebody(walks: Walks, flows: CompiledFlows) -> None:
    assert missing(SHIPPED, flows, walks.taken) == []


@pytest.mark.parametrize(
    ("part", "written"),
    [
        ("step:request.wait", "wait:"),
        ("way:request.wait:confirm#0", "{text: 🔄 Попробовать ещё раз, go: confirm"),
        ("way:request.confirm:create_request#0!too_many", "else: {too_many: wait, incomplete:"),
        ("transition:request.hold", "- name: hold"),
        ("left:reject:on_hold", "- name: reject"),
        ("notice:request!held", "held:"),
        ("shown:request!held", "held:"),
        ("way:*:draft 7d#0", "- {in: 7d, go: main.menu"),
        ("deadline:request.open.untaken", "after: {in: 4h"),
    ],
)
def test_a_part_that_nobody_meets_is_named_with_its_place(
    walks: Walks, flows: CompiledFlows, part: str, written: str
) -> None:
    (line,) = {*missing(SHIPPED, flows, walks.taken - {part})} - {*missing(SHIPPED, flows, walks.taken | {part})}
    path, number, named = line.split(":", 2)
    assert (path, named) == ("flows/request.yaml", f" {part}")
    lines = (SHIPPED / "request.yaml").read_text(encoding="utf-8").splitlines()
    assert written in "\n".join(lines[int(number) - 2 : int(number)])


async def _walk_changed(
    walks: Walks, folder: Path, url: str, written: str, instead: str
) -> tuple[CompiledFlows, set[str]]:
    """Press buttons as a teacher in an empty school whose menu was changed; return its flows and what was met."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path, hooks = folder / "main.yaml", build_hooks()
    words = path.read_text(encoding="utf-8")
    assert written in words
    path.write_text(words.replace(written, instead, 1), encoding="utf-8")
    hooks.action("forget_hammer")(_forget_hammer)
    met: set[str] = set()
    town = Town(url, shipped_flows(folder, hooks), trace=met.add)
    await town.arrive(1001, "Анна", "Петрова")
    world = World(town)
    try:
        await Walker(world, 1001, tried=set(walks.tried), seen=met).walk()
    finally:
        world.close()
        await town.app.close()
    return town.flows, met


def _forget_hammer(_context: object) -> None:
    raise RuntimeError("no hammer")


async def test_the_walk_finds_a_way_that_is_closed_to_everybody(walks: Walks, tmp_path: Path, sqlite_url: str) -> None:
    button = "      - {text: ❓ Помощь, go: help}\n"
    closed = (
        "      - {text: Тайник, name: cache, go: help, when: [{has: draft.priority}, {not has: draft.description}]}\n"
    )
    flows, met = await _walk_changed(walks, tmp_path / "flows", sqlite_url, button, button + closed)
    lines = (tmp_path / "flows" / "main.yaml").read_text(encoding="utf-8").splitlines()
    named = f"main.yaml:{lines.index(closed.rstrip()) + 1}: way:main.menu:cache#0"
    assert [
        line for line in missing(tmp_path / "flows", flows, met) if "main.menu:cache" in line and line.endswith(named)
    ]


async def test_the_walk_ends_where_something_breaks_and_tells_how_it_came_there(
    walks: Walks, tmp_path: Path, sqlite_url: str
) -> None:
    with pytest.raises(AssertionError) as broken:
        await _walk_changed(
            walks,
            tmp_path / "flows",
            sqlite_url,
            "{text: ➕ Новая заявка, name: new, go: request.describe, when: {not has: draft}}\n      - {text: 🏠",
            "{text: ➕ Новая заявка, name: new, do: forget_hammer, go: request.describe}\n      - {text: 🏠",
        )
    told, _, path = str(broken.value).partition("after Анна did:\n")
    assert told.startswith("RuntimeError sets an update aside")
    assert [line.split("'")[1].partition(":")[2].partition(":")[0] for line in path.splitlines()] == ["help", "new"]


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        ("staff", {"admin.queue", "admin.pick", "files.report", "request.reason"}),
        # To `whose` lead words under a card: they were sent as another role, and are not sent twice.
        ("crew", {"admin.pick", "request.complaint", "request.whose"}),
        ("manager", {"request.complaint"}),
        ("viewer", {"admin.pick", "files.report", "request.reason", "request.complaint", "request.whose"}),
    ],
)
def test_every_role_comes_everywhere_but_where_it_has_no_business(
    walks: Walks, flows: CompiledFlows, role: str, closed: set[str]
) -> None:
    special = {"request.wait"} - walks.steps[role]
    assert set(flows.steps) - walks.steps[role] - special == closed
    assert walks.actions[role] > 50
