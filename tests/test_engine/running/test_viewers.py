"""A subject is shown to a viewer: what was drawn for one is never served to another who may see less."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from engine.events import SubjectRef
from tests.test_engine.desk import Desk

if TYPE_CHECKING:
    from tests.test_engine.desk import Chat

FIRST = SubjectRef("laptop", 1)
ANNA, BORIS, VERA = 1, 2, 3


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.shelf.laptops[1].price = 900
    return desk


@pytest.mark.parametrize("order", list(permutations((ANNA, BORIS, VERA))))
def test_cards_drawn_together_show_each_viewer_what_they_may_see(desk: Desk, order: tuple[int, ...]) -> None:
    viewers = [(desk.shelf.members[each], False) for each in order]
    cards = desk.engine.cards(FIRST, viewers, desk.shelf, desk.now)
    shown = {each: bool(card and "900 ₽" in card.text) for each, card in zip(order, cards, strict=True)}
    assert shown == {ANNA: False, BORIS: False, VERA: True}


def test_a_change_redraws_the_cards_of_others_for_their_own_eyes(anna: Chat, vera: Chat) -> None:
    for chat in (anna, vera):
        chat.command("start", "laptop-1")
    vera.press("Сломан")
    vera.say("Залили чаем")
    assert ["900 ₽" in chat.screen.screen.text for chat in (anna, vera)] == [False, True]


def test_what_was_drawn_for_one_serves_all_who_may_see_as_much(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    port, seen = desk.flows.hooks.subjects["laptop"], []
    show = port.show

    def counted(*given: object) -> object:
        seen.append(given[-1])
        return show(*given)

    monkeypatch.setattr(port, "show", counted)
    viewers = [(desk.shelf.members[each], False) for each in (ANNA, VERA, BORIS, ANNA)]
    assert all(desk.engine.cards(FIRST, viewers, desk.shelf, desk.now))
    assert seen == ["teacher", "librarian"]
