"""The shipped flows are walked through by every role, and nothing of them may be left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from engine.book import Book, Place
from engine.loader import load
from tests.conversation import MANAGER_ID, SHIPPED, Actor, Town
from tests.walker import Walker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.compiled import CompiledFlows
    from tests.databases import Databases

COMMANDS = ("start", "help", "cancel", "my", "queue", "nonsense")


@dataclass
class Walks:
    """What the walks of all roles took, and who stood in which steps."""

    taken: set[str] = field(default_factory=set)
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
    people = await People.arrive(town)
    await _fill(people)
    tried: set[object] = set()
    walkers = {
        role: Walker(town, getattr(people, role).person.id, COMMANDS, tried)
        for role in ("manager", "staff", "crew", "viewer")
    }
    for walker in walkers.values():
        await walker.walk()
    start = walkers["staff"].moment()
    for role, hurry in (("staff", _file_too_much), ("staff", _comment_too_much), ("manager", _empty_the_draft)):
        walkers[role].restore(start)
        await hurry(Actor(town, town.emulator.people[walkers[role].person_id]))
        await walkers[role].walk()
    for role, walker in walkers.items():
        walks.steps[role], walks.actions[role] = walker.steps, walker.actions
    yield walks
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
        await author.submit(f"Поломка {number}")
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
    await manager.photo("как новый")
    await author.press_on(author.card(12), "🔁 Не исправлено")
    await author.say("опять сломано")
    await change(12, "🔧 Взять")
    await change(12, "✅ Выполнено")
    await manager.press("Без фото")
    await change(13, "🚫 Отклонить", "это не к нам")
    await author.press_on(author.card(14), "✖️ Отменить заявку")
    await author.say("Когда придёте?", author.card(10))
    await plumber.say("/queue")
    await plumber.press("Дальше ›", "№15", "Взять")
    for each in (author, manager, plumber):
        await each.say("/menu")
    author.town.clock.advance(minutes=5, seconds=1)


async def _file_too_much(author: Actor) -> None:
    await author.submit(times=6)


async def _comment_too_much(author: Actor) -> None:
    for _ in range(11):
        await author.say("Когда?", author.card(1))
    await author.press_on(author.card(1), "💬 Комментарий")
    await author.say("Когда же?")


async def _empty_the_draft(manager: Actor) -> None:
    await manager.photo("Течёт кран")
    await manager.say("Столовая")
    await manager.press("Сантехника", "Срочно")
    await manager.press_on(manager.card(1), "💬 Комментарий")
    await manager.say("/new")
    await manager.press("Начать заново", "Отмена", "Отправить")


def _missing(flows: CompiledFlows, taken: set[str], kind: str) -> list[str]:
    """Name what was not taken, each with the place in its file."""
    book = Book.of(load(SHIPPED)[0])
    declared: dict[str, Place] = {}
    if kind == "step":
        declared = {name: at.place for name, at in book.steps().items()}
    elif kind == "notice":
        declared = {f"{file.flow}!{name}": place for file, name, _, place in book.notices()}
    elif kind == "transition":
        for file, status in book.statuses():
            for index, each in enumerate(status.transitions):
                declared[f"{file.flow}.{each.name}"] = Place(file.flow, ("status", "transitions", index))
    else:
        # The button of a status section stands for its transitions, which are counted by themselves.
        buttons = [button for step in flows.steps.values() for button in step.buttons if button.status]
        declared = {name: way.place for name, way in flows.ways.items()}
        for button in buttons:
            declared.pop(button.way.name)
    assert declared
    return [f"{book.mark(place)}: {kind} {name}" for name, place in declared.items() if f"{kind}:{name}" not in taken]


@pytest.mark.parametrize("kind", ["step", "way", "transition", "notice"])
def test_every_piece_of_the_flows_is_taken_by_somebody(walks: Walks, flows: CompiledFlows, kind: str) -> None:
    assert _missing(flows, walks.taken, kind) == []


def test_a_piece_that_nobody_takes_is_named_with_its_place(walks: Walks, flows: CompiledFlows) -> None:
    (missing,) = _missing(flows, walks.taken - {"transition:request.hold"}, "transition")
    path, line, column, what = missing.split(":")
    text = (SHIPPED / "request.yaml").read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert (path, what) == ("flows/request.yaml", " transition request.hold")
    assert "name: hold" in text[int(column) - 1 :]


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        ("staff", {"admin.queue", "admin.pick", "files.report"}),
        ("crew", {"admin.pick"}),
        ("manager", set()),
        ("viewer", {"admin.queue", "admin.pick", "files.report", "request.reason"}),
    ],
)
def test_every_role_comes_everywhere_but_where_it_has_no_business(
    walks: Walks, flows: CompiledFlows, role: str, closed: set[str]
) -> None:
    special = {"request.wait"} - walks.steps[role]
    assert set(flows.steps) - walks.steps[role] - special == closed
    assert walks.actions[role] > 50
