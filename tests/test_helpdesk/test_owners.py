"""Who is a manager because the settings say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.owners import Owners
from storage.records.users import Person
from tests.conversation import MANAGER_ID
from tests.databases import count_statements

if TYPE_CHECKING:
    from tests.conversation import Town

ROLE = "SELECT role FROM users WHERE telegram_id = :id"


@pytest.mark.parametrize("before", ["staff", "crew", "viewer", "manager"])
def test_an_owner_is_a_manager_and_anybody_else_who_they_were(before: str) -> None:
    person = Person(1, 2**40, "Сергей", None, before, is_blocked=False, unreachable=False, language="ru")
    assert Owners(frozenset({2**40})).role_of(person) == "manager"
    assert Owners(frozenset({1, 5})).role_of(person) == before


async def test_appointing_an_owner_costs_one_write_once(city: Town) -> None:
    """A write besides those of anybody's first contact, and none when the owner is known as a manager."""
    costs = []
    anna, sergey = city.person(1001, "Анна"), city.person(MANAGER_ID, "Сергей")
    for somebody in (anna, sergey, sergey):
        somebody.person.say("/help")
        with count_statements(city.app.runner) as counted:
            await city.app.poller.poll(timeout=0)
        await city.until_idle()
        costs.append(counted.verbs)
    anybody, first, again = costs
    assert first == [*anybody[:-2], "UPDATE", *anybody[-2:]]
    assert again == ["SELECT", "UPDATE", "COMMIT"]


async def test_an_owner_who_was_known_before_is_appointed_with_the_next_word(city: Town) -> None:
    sergey = await city.arrive(MANAGER_ID, "Сергей", role="staff")
    assert await city.value(ROLE, id=MANAGER_ID) == "manager"
    assert "🗂 Очередь" in sergey.labels


async def test_who_is_no_owner_any_more_stays_a_manager(city: Town) -> None:
    """Owners are named where nobody could be appointed from within; who was one is demoted by hand."""
    sergey = await city.arrive(MANAGER_ID, "Сергей")
    city.owners = frozenset()
    await city.restart()
    await sergey.say("/start")
    assert await city.value(ROLE, id=MANAGER_ID) == "manager"


async def test_cards_drawn_at_the_first_contact_are_those_of_a_manager(city: Town) -> None:
    anna = await city.arrive(1001, "Анна")
    sergey = await city.arrive(MANAGER_ID, "Сергей")
    await anna.submit()
    await sergey.press("Взять")
    await anna.say("Спасибо", anna.card(1))
    city.owners = frozenset({1001})
    await city.restart()
    await anna.say("Вода уже на полу", anna.card(1))
    assert "👤 Назначить" in anna.card(1).labels
