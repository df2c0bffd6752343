"""Outcomes of the action of a status transition: the status stays, and whoever made it goes where the outcome leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.events import SubjectRef
from engine.refusals import TransitionError
from tests.test_engine.changed_laptops import changed
from tests.test_engine.desk import Desk, frames

if TYPE_CHECKING:
    from tests.test_engine.changed_laptops import Files
    from tests.test_engine.desk import Chat

FIRST = SubjectRef("laptop", 1)
GLEB = 4


def refused(files: Files) -> None:
    """Let the action of a repair end with an outcome that leads on, for a technician and for time."""
    laptop = files["laptop"]
    repair = next(each for each in laptop["status"]["transitions"] if each["name"] == "repair")
    repair["by"], repair["do"] = ["technician", "timer"], "find_laptop"
    repair["else"] = {"unknown": {"go": "front.rules", "say": "Не вышло."}}
    laptop["status"]["states"]["repair"]["after"] = {"in": "2d", "make": "repair"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk(flows=changed(refused))
    desk.shelf.laptops[1].state = "repair"
    return desk


def test_a_live_card_becomes_the_step_that_an_outcome_leads_to(gleb: Chat) -> None:
    gleb.command("start", "laptop-1")
    gleb.command("menu")
    card = gleb.messages[0]
    gleb.press_on(card, "Починен")
    assert frames(gleb)[-1]["step"] == "front.rules"
    assert (gleb.screen, gleb.screen.screen.name) == (card, "front.rules")


def test_an_outcome_that_leads_on_leads_nobody_where_nobody_is_there(desk: Desk) -> None:
    with pytest.raises(TransitionError) as refusal:
        desk.make_transition(GLEB, FIRST, "repair")
    assert refusal.value.text == "Не вышло."
    desk.engine.expire(FIRST, "repair", "repair", desk.shelf, desk.now)
    assert desk.shelf.laptops[1].state == "repair"


def test_an_outcome_without_words_is_refused_in_those_of_the_phrase() -> None:
    def silent(files: Files) -> None:
        refused(files)
        repair = next(each for each in files["laptop"]["status"]["transitions"] if each["name"] == "repair")
        del repair["else"]["unknown"]["say"]

    desk = Desk(flows=changed(silent))
    desk.shelf.laptops[1].state = "repair"
    with pytest.raises(TransitionError) as refusal:
        desk.make_transition(GLEB, FIRST, "repair")
    assert refusal.value.text == "Сейчас нельзя."
