"""What roles and relations declare, by which the check finds out who can never meet what, is what they do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.helpdesk.hooks.registry import build_hooks
from engine.check.people import People
from storage.models.constants import Role

AUDIENCES = build_hooks().audiences
PEOPLE = People(AUDIENCES)
ROLES = [name for name, audience in AUDIENCES.items() if audience.about is None]


def belongs(name: str, role: Role, *, author: bool = False, assignee: bool = False) -> bool:
    row = SimpleNamespace(author_id=1 if author else 2, assignee_id=1 if assignee else 2)
    context: Any = SimpleNamespace(person=SimpleNamespace(id=1, role=role), subject=SimpleNamespace(row=row))
    return AUDIENCES[name].includes(context)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ROLES)
def test_a_role_takes_in_the_people_that_it_declares(name: str, role: Role) -> None:
    assert belongs(name, role) == (role in (AUDIENCES[name].kinds or ()))


@pytest.mark.parametrize("author", [True, False])
@pytest.mark.parametrize("assignee", [True, False])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("outer", AUDIENCES)
def test_whoever_is_held_by_an_audience_belongs_to_it(outer: str, role: Role, author: bool, assignee: bool) -> None:
    for inner in AUDIENCES:
        if PEOPLE.within(inner, outer) and belongs(inner, role, author=author, assignee=assignee):
            assert belongs(outer, role, author=author, assignee=assignee)
        if PEOPLE.apart(inner, outer) or PEOPLE.is_nobody(inner):
            assert not (belongs(inner, role) and belongs(outer, role))


def test_a_relation_is_covered_by_the_roles_that_its_people_have() -> None:
    assert PEOPLE.covered("assignee", ["crew"])
    assert PEOPLE.covered("author", ["participant"])
    assert PEOPLE.covered("insider", ["crew", "viewer"])
    assert not PEOPLE.covered("author", ["crew", "viewer"])
    assert not PEOPLE.covered("crew", ["manager", "author"])


def test_of_what_declares_nothing_nothing_is_concluded() -> None:
    assert PEOPLE.covered("crew", ["no_such_role"])
    assert PEOPLE.covered("no_such_role", ["crew"])
    assert not PEOPLE.within("no_such_role", "staff")
    assert not PEOPLE.apart("no_such_role", "staff")
    assert not PEOPLE.is_nobody("no_such_role")
    assert not PEOPLE.is_everybody("no_such_role")
