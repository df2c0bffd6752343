"""Transitions from outside a chat, with the whole bot behind them, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.handlers.work import Work
from bot.helpdesk.transitions import make_transition
from engine.events import SubjectRef
from engine.refusals import TransitionError
from storage.records import requests, users
from storage.records.requests import KIND
from tests.consistency import assert_consistent
from tests.conversation import MANAGER_ID, Actor, Town
from tests.databases import count_statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.handlers.update_handler import Handled
    from storage.database.transaction import Transaction

EVENTS = (
    "SELECT e.name, u.telegram_id, e.from_state, e.to_state, e.reason FROM events e LEFT JOIN users u"
    " ON u.id = e.actor_id ORDER BY e.id"
)
PLUMBER, SECOND, DIRECTOR = 3001, 3002, 4001


@pytest_asyncio.fixture
async def people(city: Town) -> dict[str, Actor]:
    """Let an author file a request in her chat while everybody else has said hello."""
    known = {
        "sergey": await city.arrive(MANAGER_ID, "Сергей", "Иванов"),
        "pyotr": await city.arrive(PLUMBER, "Пётр", "Кузнецов", role="crew"),
        "ivan": await city.arrive(SECOND, "Иван", "Плотников", role="crew"),
        "vera": await city.arrive(DIRECTOR, "Вера", "Павловна", role="viewer"),
        "anna": city.person(1001, "Анна", "Петрова"),
    }
    await known["anna"].submit()
    return known


def unit(city: Town, telegram_id: int, name: str, number: int = 1, **answers: Any) -> Callable[[Transaction], Handled]:
    """Return the unit of work in which somebody makes a transition who does not talk to the bot."""
    app = city.app

    def work(tx: Transaction) -> Handled:
        actor, request = users.by_telegram_id(tx, telegram_id), requests.by_number(tx, number)
        assert actor
        ref = SubjectRef(KIND, request.id if request else 0)
        return make_transition(app.flow_versions.engine, Work(tx, app.bot.id), actor, ref, name, answers)

    return work


async def make(city: Town, telegram_id: int, name: str, number: int = 1, **answers: Any) -> Handled:
    """Let somebody make a transition from outside, and deliver what it leads to."""
    handled = await city.app.runner.run(unit(city, telegram_id, name, number, **answers))
    await city.until_idle()
    return handled


async def refused(city: Town, telegram_id: int, name: str, number: int = 1, **answers: Any) -> TransitionError:
    """Return why a transition is refused; check that nobody hears of it and nothing is written."""
    before = await _everything(city)
    with pytest.raises(TransitionError) as error:
        await make(city, telegram_id, name, number, **answers)
    await city.until_idle()
    assert await _everything(city) == before
    return error.value


async def _everything(city: Town) -> list[Any]:
    tables = ("requests", "events", "comments", "files", "timers", "outbox")
    rows = [await city.query(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - our own names
    return rows + [[message.html for message in person.messages] for person in city.emulator.people.values()]


async def test_the_plumber_takes_a_request_without_his_chat(city: Town, people: dict[str, Actor]) -> None:
    await people["sergey"].say("/queue")
    await people["sergey"].press("№1")
    city.clock.advance(minutes=7)
    handled = await make(city, PLUMBER, "take")
    assert handled.toast == "Заявка №1 теперь ваша."
    assert await city.query(EVENTS) == [
        ("create", 1001, None, "open", None),
        ("take", PLUMBER, "open", "in_progress", None),
    ]
    assert people["anna"].text.endswith("в работе.\nИсполнитель: Пётр Кузнецов.")
    for name in ("anna", "sergey"):
        assert "🔧 Пётр Кузнецов" in people[name].card(1).text
        assert "02.03 11:07 Пётр Кузнецов: в работе" in people[name].card(1).text
    await assert_consistent(city)


async def test_a_second_take_is_refused_and_says_who_was_first(city: Town, people: dict[str, Actor]) -> None:
    await make(city, PLUMBER, "take")
    late = await refused(city, SECOND, "take")
    assert (late.reason, late.text) == ("late", "Заявку уже взял(а) Пётр Кузнецов в 11:00.")
    assert [event.facts for event in late.domain_events] == [{"transition": "take", "outcome": "late"}]
    assert "Кузнецов" in people["anna"].card(1).text


@pytest.mark.usefixtures("people")
async def test_of_two_who_take_it_at_once_one_has_it(city: Town) -> None:
    both = (city.app.runner.run(unit(city, who, "take")) for who in (PLUMBER, SECOND))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    await city.until_idle()
    (late,) = [each for each in outcomes if isinstance(each, TransitionError)]
    assert late.reason == "late"
    assert [row[0] for row in await city.query(EVENTS)] == ["create", "take"]
    await assert_consistent(city)


@pytest.mark.usefixtures("people")
async def test_what_nobody_could_press_is_refused(city: Town) -> None:
    wishes = [
        (DIRECTOR, "take", 1),  # a viewer
        (SECOND, "cancel_own", 1),  # the author's alone
        (MANAGER_ID, "complete", 1),  # from another status
        (MANAGER_ID, "burn", 1),  # no flow has it
        (MANAGER_ID, "take", 99),  # no such request
    ]
    reasons = [(await refused(city, *wish)).reason for wish in wishes]
    assert reasons == ["refused", "refused", "late", "unknown", "gone"]


@pytest.mark.usefixtures("people")
async def test_a_blocked_plumber_is_refused(city: Town) -> None:
    await city.execute("UPDATE users SET is_blocked = :yes WHERE telegram_id = :id", yes=True, id=PLUMBER)
    blocked = await refused(city, PLUMBER, "take")
    assert (blocked.reason, blocked.text[:20]) == ("blocked", "Доступ к боту закрыт")


@pytest.mark.usefixtures("people")
async def test_an_author_may_not_see_what_is_another_s(city: Town) -> None:
    boris = await city.arrive(1002, "Борис")
    gone = await refused(city, boris.person.id, "cancel_own")
    assert (gone.reason, gone.text) == ("gone", "Этого больше нет или это не для вас.")


async def test_answers_reach_the_history_the_notice_and_the_card(city: Town, people: dict[str, Actor]) -> None:
    await make(city, PLUMBER, "take")
    await make(city, PLUMBER, "hold", reason="Нет <прокладки>")
    assert people["anna"].text.endswith("Причина: Нет <прокладки>")
    assert "Нет <прокладки>" in people["anna"].card(1).text
    assert (await city.query(EVENTS))[-1] == ("hold", PLUMBER, "in_progress", "on_hold", "Нет <прокладки>")
    await assert_consistent(city)


async def test_a_chosen_person_becomes_the_assignee(city: Town, people: dict[str, Actor]) -> None:
    ivan = await city.value("SELECT id FROM users WHERE telegram_id = :id", id=SECOND)
    await make(city, MANAGER_ID, "assign", person={"value": ivan, "label": "Иван Плотников"})
    assert await city.value("SELECT assignee_id FROM requests") == ivan
    assert "Вам назначена заявка №1" in people["ivan"].text
    await assert_consistent(city)


async def test_the_action_of_a_transition_runs_with_its_answers(city: Town, people: dict[str, Actor]) -> None:
    await people["anna"].send_photo(caption="Течёт", reply_to=people["anna"].card(1))
    kind, ref, unique, size = (await city.query("SELECT kind, file_id, file_unique_id, size FROM files"))[0]
    sent = {"kind": kind, "ref": ref, "unique": unique, "size": size, "name": None, "mime": None, "caption": "Починил"}
    await make(city, PLUMBER, "take")
    handled = await make(city, PLUMBER, "complete", report=[sent])
    assert await city.query("SELECT purpose FROM files ORDER BY id") == [("comment",), ("report",)]
    assert await city.query("SELECT text FROM comments ORDER BY id") == [("Течёт",), ("Починил",)]
    assert [event.name for event in handled.domain_events] == ["files_added", "commented", "transition"]
    assert "К заявке приложено фото результата." in people["anna"].text
    await assert_consistent(city)


@pytest.mark.usefixtures("people")
async def test_without_the_answers_it_asks_for_nothing_is_done(city: Town) -> None:
    wrong: list[dict[str, Any]] = [{}, {"reason": "о" * 501}, {"reason": "Так", "report": None}]
    errors = [await refused(city, MANAGER_ID, "reject", **answers) for answers in wrong]
    assert [error.reason for error in errors] == ["unanswered"] * 3
    assert [error.questions for error in errors] == [("reason",), ("reason",), ("report",)]


async def test_deadlines_end_with_the_status_and_begin_with_the_next(city: Town, people: dict[str, Actor]) -> None:
    waiting = "SELECT name FROM timers"
    assert len(await city.query(waiting)) == 1
    await make(city, PLUMBER, "take")
    assert await city.query(waiting) == []
    await make(city, PLUMBER, "release")
    assert len(await city.query(waiting)) == 1
    assert "вернулась в очередь" in people["anna"].text


async def test_it_costs_what_the_press_costs_but_for_the_conversation(city: Town, people: dict[str, Actor]) -> None:
    await people["anna"].submit()
    sergey = people["sergey"].person
    sergey.press_on(people["sergey"].card(1), "Взять")
    with count_statements(city.app.runner) as pressed:
        await city.app.poller.poll(timeout=0)
    await city.until_idle()
    with count_statements(city.app.runner) as outside:
        await city.app.runner.run(unit(city, MANAGER_ID, "take", 2))
    writes = [[verb for verb in each.verbs if verb not in {"SELECT", "COMMIT"}] for each in (pressed, outside)]
    assert len(writes[0]) - len(writes[1]) == 1
    assert outside.verbs.count("COMMIT") == 1
