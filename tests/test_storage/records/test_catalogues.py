"""Categories, places, settings, and quarantined updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storage.dialogs import quarantine
from storage.models import Category, Place, QuarantinedUpdate, Setting
from storage.records import categories, places, settings
from tests.records import BOT

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction


def school(tx: Transaction) -> dict[str, int]:
    """Build a school: two buildings, a floor, rooms in an order of their own, one hidden."""
    ids: dict[str, int] = {}

    def add(name: str, parent: str | None = None, **fields: object) -> None:
        place = Place(name=name, parent_id=ids[parent] if parent else None, **fields)
        tx.session.add(place)
        tx.session.flush()
        ids[name] = place.id

    add("Корпус А")
    add("Корпус Б", position=-1)
    add("2 этаж", "Корпус А")
    add("Кабинет 214", "2 этаж", code="a214", position=2)
    add("Кабинет химии", "2 этаж", position=1)
    add("Кладовая", "2 этаж", code="old", is_hidden=True)
    return ids


async def test_the_shipped_categories_come_in_their_order(runner: Runner) -> None:
    codes = [category.code for category in await runner.run(categories.visible)]

    assert codes == ["electricity", "plumbing", "furniture", "heating", "windows_doors", "it", "cleaning", "other"]


async def test_a_hidden_category_is_not_offered_and_a_moved_one_moves(runner: Runner) -> None:
    def work(tx: Transaction) -> list[str]:
        found = {category.code: category for category in tx.session.scalars(select(Category))}
        found["it"].is_hidden = True
        found["other"].position = 0
        tx.session.flush()
        return [category.name for category in categories.visible(tx)]

    assert (await runner.run(work))[:2] == ["Другое", "Электрика"]
    assert "Компьютеры и связь" not in [category.name for category in await runner.run(categories.visible)]


async def test_places_are_walked_from_the_building_down(runner: Runner) -> None:
    ids = await runner.run(school)

    top = await runner.run(places.visible)
    assert [(place.name, place.has_children) for place in top] == [("Корпус Б", False), ("Корпус А", True)]
    rooms = await runner.run(lambda tx: places.visible(tx, ids["2 этаж"]))
    assert [(place.name, place.code) for place in rooms] == [("Кабинет химии", None), ("Кабинет 214", "a214")]


async def test_a_place_with_only_hidden_places_in_it_leads_no_deeper(runner: Runner) -> None:
    def work(tx: Transaction) -> list[bool]:
        ids = school(tx)
        tx.session.add(Place(name="Подвал", parent_id=ids["Корпус Б"], is_hidden=True))
        tx.session.flush()
        return [place.has_children for place in places.visible(tx)]

    assert await runner.run(work) == [False, True]


async def test_a_room_link_finds_its_room_unless_it_is_hidden(runner: Runner) -> None:
    ids = await runner.run(school)

    room = await runner.run(lambda tx: places.by_code(tx, "a214"))
    assert room is not None
    assert room.id == ids["Кабинет 214"]
    assert await runner.run(lambda tx: places.by_code(tx, "old")) is None
    assert await runner.run(lambda tx: places.by_code(tx, "' OR 1=1")) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("КАБИНЕТ", ["Кабинет химии", "Кабинет 214"]),
        ("214 каб", ["Кабинет 214"]),
        ("кладовая", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_places_are_searched_by_words_in_any_case_and_order(runner: Runner, words: str, found: list[str]) -> None:
    await runner.run(school)

    assert [place.name for place in await runner.run(lambda tx: places.search(tx, words))] == found


async def test_a_search_gives_no_more_than_asked_for(runner: Runner) -> None:
    await runner.run(school)

    assert len(await runner.run(lambda tx: places.search(tx, "кабинет", limit=1))) == 1


async def test_the_path_of_a_place_has_the_names_above_it(runner: Runner) -> None:
    ids = await runner.run(school)

    assert await runner.run(lambda tx: places.path(tx, ids["Кабинет 214"])) == ["Корпус А", "2 этаж", "Кабинет 214"]
    assert await runner.run(lambda tx: places.path(tx, 999)) == []


async def test_a_setting_nobody_made_has_its_default(runner: Runner) -> None:
    assert await runner.run(lambda tx: settings.get(tx, "digest")) is None
    assert await runner.run(lambda tx: settings.get(tx, "digest", "08:00")) == "08:00"


@pytest.mark.parametrize("value", ["08:00", 0, False, [1, "два"], {"chat": -100500, "имя": None}])
async def test_a_setting_keeps_its_value(runner: Runner, value: object) -> None:
    await runner.run(lambda tx: settings.put(tx, "digest", "раньше"))
    await runner.run(lambda tx: settings.put(tx, "digest", value))

    assert await runner.run(lambda tx: settings.get(tx, "digest", "08:00")) == value


async def test_a_setting_knows_when_it_was_last_changed(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: settings.put(tx, "digest", 1))
    later = clock.advance(days=1)
    await runner.run(lambda tx: settings.put(tx, "digest", 2))

    assert (await runner.run(lambda tx: tx.session.get_one(Setting, "digest"))).updated_at == later


async def test_a_quarantined_update_is_stored_as_telegram_sent_it(runner: Runner, clock: ManualClock) -> None:
    raw = {"update_id": 2**40, "message": {"text": "\ud800 \u0000 слово", "chat": {"id": -100500}}}
    await runner.run(lambda tx: quarantine.add(tx, BOT, 2**40, raw, "KeyError: '\0'", tries=3))

    [kept] = await runner.run(lambda tx: tx.session.scalars(select(QuarantinedUpdate)).all())
    assert kept.raw == raw
    assert (kept.bot_id, kept.update_id, kept.error, kept.tries) == (BOT, 2**40, "KeyError: ''", 3)
    assert kept.created_at == clock.now
