"""What time does at the lending desk: to people who fall silent, and to laptops that stay as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.calendar import Calendar, Calendars
from engine.events import SubjectRef
from engine.running.engine import Engine
from engine.screen import Reply
from tests.test_engine.changed_laptops import changed, removed
from tests.test_engine.laptops import DAY, NOON

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.test_engine.desk import Chat, Desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIRST = SubjectRef("laptop", 1)


def begin_intake(vera: Chat) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.say("Sony V")


def borrow(chat: Chat) -> None:
    chat.command("start", "laptop-1")
    chat.press("Взять")
    chat.say("Урок физики")
    chat.press("3 марта", "Ничего")


def said(chat: Chat, words: str) -> int:
    return sum(words in line for line in chat.lines)


# Silence in a step


def test_a_step_speaks_up_and_then_leads_on(desk: Desk, vera: Chat, transcripts: SnapshotAssertion) -> None:
    begin_intake(vera)
    desk.wait_and_see(9 * MINUTE)
    assert said(vera, "осталось немного") == 0
    desk.wait_and_see(MINUTE)
    desk.wait_and_see(49 * MINUTE)
    assert said(vera, "Начнём с названия?") == 0
    desk.wait_and_see(MINUTE)
    assert vera.transcript() == transcripts


def test_a_message_or_a_press_restarts_the_idle_timers(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    for _ in range(3):
        desk.wait_and_see(9 * MINUTE)
        vera.sticker()
    assert said(vera, "осталось немного") == 0
    desk.wait_and_see(10 * MINUTE)
    vera.sticker()
    desk.wait_and_see(10 * MINUTE)
    assert said(vera, "осталось немного") == 2


def test_who_slept_through_several_timers_meets_them_one_by_one(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    desk.wait_and_see(5 * HOUR)
    assert (said(vera, "осталось немного"), said(vera, "Начнём с названия?")) == (1, 0)
    desk.wait_and_see(50 * MINUTE)
    assert said(vera, "Начнём с названия?") == 1


def test_a_timer_of_a_step_that_was_left_does_nothing(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.press("новый")
    desk.wait_and_see(5 * HOUR)
    assert said(vera, "осталось немного") == 0


def test_a_timer_fires_in_a_new_message_below(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    shown = vera.screen_id
    desk.wait_and_see(10 * MINUTE)
    assert vera.screen_id != shown
    vera.press("новый")
    assert vera.screen.screen.name == "intake.bag"


def test_a_step_about_a_laptop_that_is_gone_is_left_in_peace(desk: Desk, anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Замечание")
    del desk.shelf.laptops[1]
    desk.wait_and_see(2 * HOUR)
    assert said(anna, "Замечания не было") == 0
    assert anna.wake_at is None


def test_time_closes_a_step_as_a_button_would(desk: Desk, anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Замечание")
    desk.wait_and_see(HOUR)
    assert anna.screen.screen.name == "laptop.card"
    assert said(anna, "Замечания не было") == 1


# Drafts


def test_a_draft_is_remembered_after_a_day_and_put_away_after_a_week(
    desk: Desk, vera: Chat, transcripts: SnapshotAssertion
) -> None:
    begin_intake(vera)
    vera.command("menu")
    desk.wait_and_see(DAY)
    assert vera.screen.screen.name == "intake.resume"
    desk.wait_and_see(6 * DAY)
    assert vera.conversation().draft == {}
    assert vera.wake_at is None
    assert vera.transcript() == transcripts


def test_two_timers_that_were_slept_through_do_not_fire_at_once(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.command("menu")
    desk.wait_and_see(30 * DAY)
    assert vera.conversation().draft
    desk.wait_and_see(6 * DAY - MINUTE)
    assert vera.conversation().draft
    desk.wait_and_see(MINUTE)
    assert vera.conversation().draft == {}


def test_an_active_person_is_reminded_later(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    desk.wait(DAY - MINUTE)
    vera.command("menu")
    desk.wait_and_see(29 * MINUTE)
    assert said(vera, "так и не поставлен") == 0
    desk.wait_and_see(MINUTE)
    assert said(vera, "так и не поставлен") == 1


def test_a_changed_draft_restarts_its_timers_and_a_viewed_one_does_not(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.command("menu")
    desk.wait_and_see(DAY)
    vera.press("Дальше")
    desk.wait(DAY)
    vera.command("menu")
    desk.wait_and_see(HOUR)
    assert said(vera, "так и не поставлен") == 1
    vera.press("Дописать новый")
    vera.say("Sony VII")
    vera.command("menu")
    desk.wait_and_see(DAY)
    assert said(vera, "так и не поставлен") == 2


def test_a_timer_whose_branch_is_closed_is_skipped(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.command("menu")
    vera.member.role = "teacher"
    messages = len(vera.messages)
    desk.wait_and_see(DAY)
    desk.wait_and_see(2 * DAY)
    assert len(vera.messages) == messages
    desk.wait_and_see(4 * DAY)
    assert said(vera, "Неделя прошла") == 1


def test_a_blocked_person_is_not_reminded(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.member.is_blocked = True
    desk.wait_and_see(30 * DAY)
    assert (said(vera, "так и не поставлен"), vera.wake_at) == (0, None)
    vera.sticker()
    assert vera.wake_at is None


def test_nothing_happens_before_its_time(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    assert vera.elapse() == Reply(wake_at=NOON + 10 * MINUTE)


def test_nothing_happens_to_somebody_who_never_spoke(desk: Desk, vera: Chat) -> None:
    assert vera.elapse() == Reply()


def test_a_reminder_finds_people_whose_step_was_removed(desk: Desk, vera: Chat) -> None:
    begin_intake(vera)
    vera.command("rules")
    desk.flows = changed(removed)
    desk.engine = Engine(desk.flows)
    desk.wait_and_see(DAY)
    assert vera.screen.screen.name == "intake.resume"
    vera.press("Назад")
    assert vera.screen.screen.name == "intake.condition"


# Deadlines


def test_a_deadline_moves_a_laptop_on_and_repeats_its_notice_until_it_is_back(
    desk: Desk, anna: Chat, vera: Chat, transcripts: SnapshotAssertion
) -> None:
    borrow(anna)
    desk.wait_and_see(8 * DAY)
    desk.wait_and_see(DAY)
    for _ in range(2):
        desk.wait_and_see(2 * DAY)
    anna.command("start", "laptop-1")
    anna.press("Сдать", "Без фото")
    desk.wait_and_see(2 * DAY)
    assert desk.transcript() == transcripts
    made = [(change.transition, change.actor) for change in desk.shelf.laptops[1].changes]
    assert made[1] == ("chase", None)
    assert said(anna, "Пора сдать") == 3


def test_a_deadline_that_was_slept_through_fires_once(desk: Desk, anna: Chat) -> None:
    borrow(anna)
    desk.wait_and_see(50 * DAY)
    desk.wait_and_see(50 * DAY)
    assert said(anna, "Пора сдать") == 2


def test_a_transition_of_time_alone_has_no_button(desk: Desk, anna: Chat, vera: Chat) -> None:
    borrow(anna)
    anna.press("Сдать", "Без фото")
    vera.command("start", "laptop-1")
    assert not any("На полку" in label for label in vera.screen.labels)
    vera.press_data(vera.screen, "laptop.card:shelve:1:~")
    assert desk.shelf.laptops[1].state == "returned"
    desk.wait_and_see(3 * DAY)
    assert (desk.shelf.laptops[1].state, desk.shelf.laptops[1].borrower) == ("free", None)
    assert said(vera, "возвращается на полку.") == 1


def test_a_laptop_brought_back_in_time_is_not_asked_for(desk: Desk, anna: Chat) -> None:
    borrow(anna)
    desk.wait_and_see(7 * DAY)
    anna.press("Сдать", "Без фото")
    desk.wait_and_see(2 * DAY)
    assert said(anna, "Пора сдать") == 0
    assert {name for _, name in desk.deadlines} == {"shelve"}


def test_a_transition_that_stays_in_its_status_leaves_the_deadlines_alone(desk: Desk, anna: Chat, vera: Chat) -> None:
    borrow(anna)
    desk.wait_and_see(5 * DAY)
    vera.command("start", "laptop-1")
    vera.press("Передать", "Борис")
    desk.wait_and_see(3 * DAY)
    assert desk.shelf.laptops[1].state == "lent", "its guard does not hold yet"
    for _ in range(4):
        desk.wait_and_see(DAY)
    assert desk.shelf.laptops[1].state == "lent"
    desk.wait_and_see(DAY)
    assert desk.shelf.laptops[1].state == "overdue", "it was asked again every day"


@pytest.mark.parametrize(("photos", "count"), [([], 0), ([{"ref": "r"}], 1)])
def test_the_guard_of_a_deadline_is_evaluated_when_it_fires(
    desk: Desk, anna: Chat, photos: list[dict[str, str]], count: int
) -> None:
    borrow(anna)
    desk.wait_and_see(8 * DAY)
    desk.shelf.laptops[1].photos = [*photos]
    desk.wait_and_see(DAY)
    assert said(anna, "а ноутбука нет") == count
    assert (FIRST, "missed") not in desk.deadlines


def test_a_new_laptop_has_the_deadlines_of_its_first_status(desk: Desk, vera: Chat) -> None:
    desk.flows.lifecycles["laptop"].deadlines["free"] = desk.flows.lifecycles["laptop"].deadlines["returned"]  # type: ignore[index]
    begin_intake(vera)
    vera.press("новый", "сумка", "Дальше", "Выбрать", "Глеб", "Дальше", "Поставить")
    del desk.flows.lifecycles["laptop"].deadlines["free"]  # type: ignore[attr-defined]
    assert list(desk.deadlines) == [(SubjectRef("laptop", 7), "shelve")]


@pytest.mark.parametrize(
    ("ref", "state", "name"),
    [
        (SubjectRef("phone", 1), "lent", "chase"),
        (SubjectRef("laptop", 99), "lent", "chase"),
        (FIRST, "sold", "chase"),
        (FIRST, "lent", "collect"),
        (FIRST, "free", "chase"),
        (FIRST, "lost", "chase"),
        (FIRST, "returned", "shelve"),
    ],
)
def test_an_obsolete_deadline_does_nothing(desk: Desk, anna: Chat, ref: SubjectRef, state: str, name: str) -> None:
    borrow(anna)
    assert desk.engine.expire(ref, state, name, desk.shelf, desk.now + 9 * DAY) == Reply()


class Slow(Calendar):
    def after(self, start: datetime, span: timedelta) -> datetime:
        return start + 2 * span


@pytest.mark.parametrize(
    ("calendars", "reminded", "chased"),
    [(Calendars(dialogs=Slow()), 20 * MINUTE, 8 * DAY), (Calendars(subjects=Slow()), 10 * MINUTE, 16 * DAY)],
)
def test_dialogs_and_subjects_count_time_by_calendars_of_their_own(
    desk: Desk, anna: Chat, vera: Chat, calendars: Calendars, reminded: timedelta, chased: timedelta
) -> None:
    desk.engine = Engine(desk.flows, calendars=calendars)
    begin_intake(vera)
    assert vera.wake_at == NOON + reminded
    borrow(anna)
    assert desk.deadlines[FIRST, "chase"] == ("lent", NOON + chased)
    desk.wait_and_see(chased)
    assert desk.deadlines[FIRST, "overdue"] == ("overdue", NOON + chased + chased / 4)
