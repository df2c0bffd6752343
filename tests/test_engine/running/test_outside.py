"""Transitions of laptops that nobody presses a button for: a form on a page, a job, an import."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from engine.events import SubjectRef
from engine.refusals import REASONS, TransitionError
from tests.test_engine.desk import Desk
from tests.test_engine.laptops import DAY

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.test_engine.desk import Chat

FIRST = SubjectRef("laptop", 1)
ANNA, BORIS, VERA, GLEB, STRANGER, BLOCKED = 1, 2, 3, 4, 5, 6
MARCH = {"value": "d3", "label": "3 марта"}
LOAN: dict[str, Any] = {"purpose": "Урок физики", "until": MARCH, "extras": [{"value": "mouse", "label": "мышь"}]}


def refused(desk: Desk, member_id: int, name: str, ref: SubjectRef = FIRST, **answers: Any) -> TransitionError:
    """Return why a transition is refused, and check that nothing came of it."""
    before = deepcopy(desk.shelf.laptops), desk.transcript()
    with pytest.raises(TransitionError) as error:
        desk.make_transition(member_id, ref, name, **answers)
    assert (desk.shelf.laptops, desk.transcript()) == before
    assert error.value.reason in REASONS
    return error.value


def test_a_transition_from_outside_reaches_every_chat(
    desk: Desk, anna: Chat, boris: Chat, vera: Chat, transcripts: SnapshotAssertion
) -> None:
    boris.command("start", "laptop-1")
    anna.command("menu")
    reply = desk.make_transition(ANNA, FIRST, "borrow", **LOAN)
    assert reply.toast == "Asus A1 ваш до d3."
    vera.press_on(vera.messages[0], "Открыть")
    desk.make_transition(VERA, FIRST, "break_down", reason="Залили чаем")
    assert desk.transcript() == transcripts


def test_it_leaves_the_laptop_as_the_buttons_would(desk: Desk, anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("Урок физики")
    anna.press("3 марта", "МЫШЬ", "Готово")
    other = Desk(flows=desk.flows)
    other.make_transition(ANNA, FIRST, "borrow", **LOAN)
    by_hand, outside = desk.shelf.laptops[1], other.shelf.laptops[1]
    assert (outside.borrower, outside.purpose, outside.until, outside.extras, outside.lent_at) == (
        *(by_hand.borrower, by_hand.purpose, by_hand.until, by_hand.extras, by_hand.lent_at),
    )
    assert [change.transition for change in outside.changes] == ["borrow"]
    assert outside.changes[0].actor is other.shelf.members[ANNA]
    assert other.deadlines == desk.deadlines != {}


def test_it_reports_domain_events_for_metrics(desk: Desk) -> None:
    (event,) = desk.make_transition(ANNA, FIRST, "borrow", **LOAN).domain_events
    assert (event.name, event.subject, event.actor) == ("transition", FIRST, ANNA)
    assert event.facts == {"transition": "borrow", "outcome": "done", "from": "free", "to": "lent"}


def test_the_subject_is_locked_before_it_is_read(desk: Desk) -> None:
    desk.make_transition(ANNA, FIRST, "borrow", **LOAN)
    assert desk.shelf.locked[0] == 1


def test_an_open_dialog_of_the_person_stays_where_it_is(desk: Desk, anna: Chat) -> None:
    anna.command("start", "laptop-2")
    anna.press("Замечание")
    desk.make_transition(ANNA, FIRST, "borrow", **LOAN)
    anna.say("Пятно")
    assert desk.shelf.laptops[2].remarks == [(ANNA, "Пятно")]


def test_a_late_press_says_who_was_first(desk: Desk) -> None:
    desk.make_transition(ANNA, FIRST, "borrow", **LOAN)
    late = refused(desk, BORIS, "borrow", **LOAN)
    assert (late.reason, late.text) == ("late", "Уже у Анна Орлова.")
    (event,) = late.domain_events
    assert (event.actor, event.facts) == (BORIS, {"transition": "borrow", "outcome": "late"})


@pytest.mark.parametrize(
    ("member_id", "name", "ref", "reason", "text"),
    [
        pytest.param(GLEB, "borrow", FIRST, "refused", "Сейчас нельзя.", id="another role's"),
        pytest.param(VERA, "accept", FIRST, "late", "Сейчас нельзя.", id="from another status, which says nothing"),
        pytest.param(STRANGER, "borrow", FIRST, "gone", "Этого нет.", id="by somebody who may not see it"),
        pytest.param(ANNA, "borrow", SubjectRef("laptop", 77), "gone", "Этого нет.", id="of no laptop"),
        pytest.param(ANNA, "lend", FIRST, "unknown", "Сейчас нельзя.", id="that no flow has"),
        pytest.param(ANNA, "borrow", SubjectRef("phone", 1), "unknown", "Сейчас нельзя.", id="of an unknown kind"),
    ],
)
def test_what_a_press_could_not_do_is_refused(
    desk: Desk, member_id: int, name: str, ref: SubjectRef, reason: str, text: str
) -> None:
    error = refused(desk, member_id, name, ref, **LOAN)
    assert (error.reason, error.text, error.questions) == (reason, text, ())
    assert str(error) == f"{name}: {reason}"


def test_a_blocked_person_may_do_nothing(desk: Desk) -> None:
    error = refused(desk, BLOCKED, "borrow", **LOAN)
    assert error.reason == "blocked"
    assert [event.facts for event in error.domain_events] == [{"reason": "blocked"}]


def test_a_guard_that_does_not_hold_refuses(desk: Desk) -> None:
    desk.make_transition(ANNA, FIRST, "borrow", **LOAN)
    assert refused(desk, VERA, "chase").reason == "refused"
    desk.wait(8 * DAY)
    desk.make_transition(VERA, FIRST, "chase")
    assert desk.shelf.laptops[1].state == "overdue"


def test_a_transition_of_a_timer_may_be_made_by_nobody_else(desk: Desk) -> None:
    desk.shelf.laptops[1].state = "returned"
    assert refused(desk, VERA, "shelve").reason == "refused"


@pytest.mark.parametrize(
    ("answers", "questions"),
    [
        pytest.param({}, ("extras", "purpose", "until"), id="none"),
        pytest.param({"purpose": "Урок", "until": MARCH}, ("extras",), id="one too few"),
        pytest.param({**LOAN, "reason": "Так"}, ("reason",), id="one too many"),
        pytest.param({**LOAN, "purpose": "ы" * 121}, ("purpose",), id="words too long"),
        pytest.param({**LOAN, "until": "3 марта"}, ("until",), id="words for a choice"),
        pytest.param({**LOAN, "extras": MARCH}, ("extras",), id="one choice for many"),
    ],
)
def test_answers_that_its_dialogs_would_not_give_are_refused(
    desk: Desk, answers: dict[str, Any], questions: tuple[str, ...]
) -> None:
    error = refused(desk, ANNA, "borrow", **answers)
    assert (error.reason, error.questions) == ("unanswered", questions)
    assert str(error) == f"borrow: unanswered ({', '.join(questions)})"


def test_whoever_may_not_make_it_is_not_told_what_it_asks(desk: Desk) -> None:
    assert refused(desk, GLEB, "borrow").reason == "refused"


def test_a_question_that_may_be_left_open_is_answered_with_nothing(desk: Desk) -> None:
    desk.make_transition(ANNA, FIRST, "borrow", **{**LOAN, "extras": None})
    desk.make_transition(ANNA, FIRST, "give_back", photos=None)
    assert (desk.shelf.laptops[1].state, desk.shelf.laptops[1].extras) == ("returned", [])


def test_a_status_that_was_removed_stands_for_its_successor(desk: Desk) -> None:
    desk.shelf.laptops[1].state = "lost"
    assert refused(desk, GLEB, "repair").reason == "late"
