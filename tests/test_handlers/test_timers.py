"""What the bot does by itself: drafts are remembered and put away, urgent requests told again, each time once."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.util import await_only

from bot.app import running
from bot.handlers.update_handler import UpdateHandler
from bot.handlers.work import Work  # noqa: TC001 - a hook's annotations are read
from bot.helpdesk import filing
from bot.helpdesk.hooks.registry import build_hooks
from bot.helpdesk.hooks.request_port import RequestSubject  # noqa: TC001 - the same
from bot.ingress import timekeeper
from engine.hooks.context import HookContext  # noqa: TC001 - the same
from storage.database.errors import StorageUnavailable
from storage.dialogs.timers import MOST_TRIES
from storage.models import Priority
from storage.models.tables import timers as timers_table
from storage.records.requests import KIND
from tests.consistency import assert_consistent
from tests.conversation import MANAGER_ID, SHIPPED, Town, shipped_flows
from tests.databases import count_statements
from tests.flow_editing import Editor
from tests.transcripts import SharedTextSnapshot
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from bot.handlers.update_handler import Handled
    from bot.scenarios.clock import ManualClock
    from engine.compiled import CompiledFlows
    from storage.database.transaction import Transaction
    from tests.conversation import Actor

TIMER_AT = "SELECT timer_at FROM conversations WHERE telegram_user_id = 1001"
TIMERS = "SELECT count(*) FROM timers"
REMINDER = "Вы начали заявку и не отправили её"
PUT_AWAY = "пролежала неделю"
UNTAKEN = "никто не взял"


async def later(town: Town, **how: float) -> None:
    """Let time pass, and the bot do what is due."""
    town.clock.advance(**how)
    await town.until_idle()


async def urgent(actor: Actor, description: str = "Искрит розетка") -> None:
    """File an urgent request."""
    await actor.submit(description, urgency="Срочно")


def times(actor: Actor, words: str) -> int:
    return sum(words in told for told in actor.texts)


# Drafts


async def test_a_draft_is_remembered_after_a_day_and_put_away_after_a_week(
    city: Town, snapshot: SnapshotAssertion
) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.say("/new")
    await anna.say("Течёт кран")
    await later(city, hours=23, minutes=59)
    assert times(anna, REMINDER) == 0
    await later(city, minutes=1)
    await anna.press("Продолжить")
    await later(city, days=6)
    assert anna.transcript() == snapshot(extension_class=SharedTextSnapshot)
    assert await city.value(TIMER_AT) is None
    await assert_consistent(city)


async def test_a_reminder_comes_as_a_message_of_its_own_and_takes_the_old_buttons(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    await anna.say("Течёт кран")
    asked = anna.screen
    await later(town, days=1)
    assert anna.screen.id > asked.id
    assert [message.labels for message in anna.messages if message.id == asked.id] == [()]


async def test_a_restart_that_slept_through_reminds_once_and_puts_nothing_away(town: Town, anna: Actor) -> None:
    await anna.draft()
    town.clock.advance(days=20)
    await town.restart()
    await town.until_idle()
    assert (times(anna, REMINDER), times(anna, PUT_AWAY)) == (1, 0)
    await town.restart()
    await town.until_idle()
    await later(town, days=5, hours=23)
    assert (times(anna, REMINDER), times(anna, PUT_AWAY)) == (1, 0)
    await later(town, hours=1)
    assert (times(anna, REMINDER), times(anna, PUT_AWAY)) == (1, 1)


async def test_who_talks_to_the_bot_is_reminded_half_an_hour_later(town: Town, anna: Actor) -> None:
    await anna.draft()
    town.clock.advance(hours=23, minutes=50)
    await anna.say("/my")
    await later(town, minutes=29)
    assert times(anna, REMINDER) == 0
    await later(town, minutes=1)
    assert times(anna, REMINDER) == 1


async def test_a_sent_draft_is_not_remembered(town: Town, anna: Actor) -> None:
    await anna.submit()
    assert await town.value(TIMER_AT) is None
    await later(town, days=8)
    assert times(anna, REMINDER) == 0


async def test_the_blocked_and_the_unreachable_are_left_alone(town: Town, anna: Actor, boris: Actor) -> None:
    await anna.draft()
    await boris.draft()
    await town.execute("UPDATE users SET is_blocked = true WHERE telegram_id = 1001")
    boris.person.block()
    await town.execute("UPDATE users SET unreachable_since = :now WHERE telegram_id = 1002", now=town.clock.now)
    await later(town, days=1)
    assert times(anna, REMINDER) == times(boris, REMINDER) == 0
    assert await town.query("SELECT timer_at FROM conversations") == [(None,), (None,)]
    await later(town, days=8)
    assert await town.value("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0


async def test_no_time_passes_in_a_group(sqlite_url: str, clock: ManualClock, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    shutil.copytree(SHIPPED, folder)
    words = (folder / "main.yaml").read_text(encoding="utf-8")
    words = words.replace("  menu:\n", "  menu:\n    after: {in: 1h, say: Вы ещё здесь.}\n", 1)
    (folder / "main.yaml").write_text(words, encoding="utf-8")
    town = Town(sqlite_url, shipped_flows(folder), clock=clock)
    anna = town.person(1001, "Анна", "Петрова")
    await anna.submit()
    await anna.say("/menu")
    group = town.emulator.group(-100500, "Ремонт", [anna.person])
    await anna.say_in(group, "Всем привет")
    await town.execute(
        "INSERT INTO message_links (bot_id, chat_id, message_id, shape, name, subject_kind, subject_id, created_at)"
        " VALUES (:bot, -100500, 1, 'card', 'request.card', 'request', 1, :now)",
        bot=town.app.bot.id,
        now=clock.now,
    )
    await anna.say_in(group, "Когда?", group.messages[0])
    assert await town.query("SELECT chat_id < 0, timer_at IS NULL FROM conversations ORDER BY 1") == [(0, 0), (1, 1)]
    await later(town, hours=1)
    assert times(anna, "Вы ещё здесь") == 1
    await town.app.close()


async def test_an_ordinary_step_of_a_draft_still_costs_one_read_and_one_write(city: Town) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.draft()
    anna.person.press("Описание")
    with count_statements(city.app.runner) as counted:
        await city.app.poller.poll(timeout=0)
    assert counted.verbs == ["SELECT", "UPDATE", "COMMIT"]
    assert await city.value(TIMER_AT)


# Urgent requests


async def test_an_urgent_request_that_nobody_takes_is_told_to_the_managers_again(
    city: Town, snapshot: SnapshotAssertion
) -> None:
    sergey = await city.arrive(MANAGER_ID, "Сергей", "Иванов")
    anna = city.person(1001, "Анна", "Петрова")
    await urgent(anna)
    await later(city, hours=3, minutes=59)
    assert times(sergey, UNTAKEN) == 0
    await later(city, minutes=1)
    await later(city, hours=24)
    await later(city, hours=24)
    assert [words.splitlines()[1] for words in sergey.texts if UNTAKEN in words] == [
        "Она ждёт уже 4 часа.",
        "Она ждёт уже 28 часов.",
        "Она ждёт уже 2 дня.",
    ]
    await sergey.press("Открыть", "Взять")
    await later(city, days=3)
    assert sergey.transcript() == snapshot(extension_class=SharedTextSnapshot)
    assert times(anna, UNTAKEN) == 0
    assert await city.value(TIMERS) == 0
    await assert_consistent(city)


async def test_a_request_taken_in_time_is_not_told_again(town: Town, anna: Actor, sergey: Actor) -> None:
    await urgent(anna)
    await sergey.press("Взять")
    await later(town, days=2)
    assert times(sergey, UNTAKEN) == 0


async def test_only_urgent_requests_are_told_again(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await later(town, days=2)
    assert times(sergey, UNTAKEN) == 0


async def test_a_reopened_request_is_counted_from_its_reopening(town: Town, anna: Actor, sergey: Actor) -> None:
    await urgent(anna)
    await sergey.press("Взять")
    await later(town, hours=5)
    await sergey.press_on(sergey.card(1), "Вернуть в очередь")
    await later(town, hours=3)
    assert times(sergey, UNTAKEN) == 0
    await later(town, hours=1)
    assert times(sergey, "Она ждёт уже 4 часа.") == 1


async def test_a_restart_that_slept_through_tells_the_managers_once(town: Town, anna: Actor, sergey: Actor) -> None:
    await urgent(anna)
    town.clock.advance(days=10)
    await town.restart()
    await town.until_idle()
    assert times(sergey, UNTAKEN) == 1
    assert times(sergey, "Она ждёт уже 10 дней.") == 1
    await later(town, hours=24)
    assert times(sergey, UNTAKEN) == 2


async def test_deadlines_of_statuses_and_subjects_that_are_gone_do_no_harm(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await urgent(anna)
    for number, (kind, subject, name, state) in enumerate(
        [("request", 99, "untaken", "open"), ("phone", 1, "untaken", "open"), ("request", 1, "old", "waiting")]
    ):
        await town.execute(
            "INSERT INTO timers (id, subject_kind, subject_id, name, state, since, due_at, fired, tries, created_at)"
            " VALUES (:id, :kind, :subject, :name, :state, :now, :now, 0, 0, :now)",
            id=100 + number,
            kind=kind,
            subject=subject,
            name=name,
            state=state,
            now=town.clock.now,
        )
    await later(town, hours=4)
    assert await town.query("SELECT subject_kind, subject_id, name, fired FROM timers") == [
        ("request", 1, "untaken", 1)
    ]
    assert times(sergey, UNTAKEN) == 1


# Several processes, and what goes wrong


async def test_two_processes_that_come_upon_the_same_timers_fire_each_once(
    postgresql_url: str, flows: CompiledFlows, clock: ManualClock
) -> None:
    town = Town(postgresql_url, flows, clock=clock)
    sergey = await town.arrive(MANAGER_ID, "Сергей", "Иванов")
    people = [await town.arrive(1001 + number, f"Имя{number}") for number in range(6)]
    for each in people:
        await urgent(each)
        await each.draft()
    others = [town._app() for _ in range(2)]
    clock.advance(days=1)
    await asyncio.gather(*(app.timekeeper.flush() for app in (town.app, *others)))
    for app in others:
        # Whoever let a timer go off also sends what came of it.
        await app.delivery.flush()
    await town.until_idle()
    assert [times(each, REMINDER) for each in people] == [1] * 6
    assert times(sergey, UNTAKEN) == 6
    assert await town.query("SELECT DISTINCT fired FROM timers WHERE name = 'untaken' AND fired > 0") == [(1,)]
    for app in (town.app, *others):
        await app.close()


async def test_a_take_and_its_deadline_at_one_moment_wait_for_each_other(
    postgresql_url: str, flows: CompiledFlows, clock: ManualClock
) -> None:
    town = Town(postgresql_url, flows, clock=clock)
    sergey = await town.arrive(MANAGER_ID, "Сергей", "Иванов")
    anna = town.person(1001, "Анна", "Петрова")
    for number in range(5):
        clock.advance(minutes=6)
        await urgent(anna, f"Поломка {number}")
    clock.advance(hours=4)
    for number in range(1, 6):
        sergey.person.press_on(sergey.card(number), "Взять")
    await asyncio.gather(town.app.poller.poll(timeout=0), town.app.timekeeper.flush())
    await town.until_idle()
    assert await town.query("SELECT DISTINCT status FROM requests") == [("in_progress",)]
    assert await town.value(TIMERS) == 0
    await assert_consistent(town)
    await town.app.close()


def failing(monkeypatch: pytest.MonkeyPatch, method: str, error: type[Exception], times: int = 99) -> list[int]:
    """Let the next units of work of a timer raise, after they have written what they write; return the calls."""
    inner: Callable[..., Handled | None] = getattr(UpdateHandler, method)
    calls: list[int] = []

    def broken(self: UpdateHandler, tx: Transaction, **what: object) -> Handled | None:
        done = inner(self, tx, **what)
        calls.append(1)
        if len(calls) <= times:
            raise error("no")
        return done

    monkeypatch.setattr(UpdateHandler, method, broken)
    return calls


async def test_a_reminder_that_raises_is_tried_again_with_growing_pauses_and_given_up(
    town: Town, anna: Actor, boris: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await anna.draft()
    town.clock.advance(days=1)
    calls = failing(monkeypatch, "elapse", ZeroDivisionError)
    for seconds in (0, 14, 1, 59, 1, 239, 1, 959, 1):
        await later(town, seconds=seconds)
    assert len(calls) == MOST_TRIES
    assert await town.value(TIMER_AT) is None
    assert times(anna, REMINDER) == 0
    monkeypatch.undo()
    await anna.say("/menu")
    assert "timer_tries" not in await town.value("SELECT state FROM conversations")
    await later(town, minutes=30)
    assert times(anna, REMINDER) == 1


async def test_a_deadline_that_raises_holds_up_nobody_and_is_kept_with_its_reason(
    city: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sergey = await city.arrive(MANAGER_ID, "Сергей", "Иванов")
    anna = city.person(1001, "Анна", "Петрова")
    await urgent(anna)
    await anna.draft()
    calls = failing(monkeypatch, "expire", ZeroDivisionError, times=1)
    await later(city, hours=4)
    assert await city.query("SELECT tries, last_error, fired FROM timers WHERE name = 'untaken'") == [
        (1, "ZeroDivisionError", 0)
    ]
    await later(city, seconds=15)
    assert await city.query("SELECT tries, last_error, fired FROM timers WHERE name = 'untaken'") == [(0, None, 1)]
    assert times(sergey, UNTAKEN) == 1
    assert len(calls) == 2
    monkeypatch.undo()
    failing(monkeypatch, "expire", ZeroDivisionError)
    for seconds in (86400, 15, 60, 240, 960, 86400):
        await later(city, seconds=seconds)
    assert await city.query("SELECT tries, last_error FROM timers") == [(MOST_TRIES, "ZeroDivisionError")]
    assert times(anna, REMINDER) == 1
    monkeypatch.undo()
    await sergey.press_on(sergey.card(1), "Взять")
    assert await city.value(TIMERS) == 0


async def test_the_timekeeper_outlives_a_database_that_is_away(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeper, "IDLE", 0.01)
    await anna.draft()
    town.clock.advance(days=1)
    calls = failing(monkeypatch, "elapse", StorageUnavailable, times=3)
    async with running(town.app):
        await eventually(lambda: times(anna, REMINDER) > 0)
    assert len(calls) == 4
    assert times(anna, REMINDER) == 1


async def test_a_timer_that_failed_and_lost_its_meaning_meanwhile_is_left_alone(town: Town, anna: Actor) -> None:
    await anna.draft()
    due_at = await town.value(TIMER_AT)
    await town.app.runner.run(lambda tx: timekeeper._postpone(1, tx, "ZeroDivisionError"))
    assert await town.value(TIMER_AT) == due_at


async def test_a_timer_that_has_begun_to_go_off_ends_before_the_bot_does(
    postgresql_url: str, flows: CompiledFlows, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(postgresql_url, flows, clock=clock)
    anna = town.person(1001, "Анна", "Петрова")
    await anna.draft()
    clock.advance(days=1)
    inner, begun = UpdateHandler.elapse, asyncio.Event()

    def slow(self: UpdateHandler, tx: Transaction, conversation_id: int) -> Handled | None:
        begun.set()
        await_only(asyncio.sleep(0.5))
        return inner(self, tx, conversation_id)

    monkeypatch.setattr(UpdateHandler, "elapse", slow)
    async with running(town.app):
        await begun.wait()
    assert times(anna, REMINDER) == 1


async def test_a_running_bot_keeps_time_by_itself(town: Town, anna: Actor, sergey: Actor) -> None:
    await urgent(anna)
    await anna.draft()
    town.clock.advance(days=1)
    async with running(town.app):
        await eventually(lambda: bool(times(anna, REMINDER) and times(sergey, UNTAKEN)))
    assert (times(anna, REMINDER), times(sergey, UNTAKEN)) == (1, 1)


async def test_a_deadline_that_makes_a_transition_ends_even_where_another_subject_begins_its_own(
    city: Town, tmp_path: Path
) -> None:
    editor, hooks = Editor(tmp_path / "flows"), build_hooks()

    def file_twin(context: HookContext[Work], subject: RequestSubject) -> None:
        statuses = context.statuses(KIND)
        twin = filing.Filing("Снова", "Зал", Priority.HIGH, None, None, statuses.initial, statuses.stages["open"])
        context.created(
            KIND, filing.file_request(context.transaction, subject.row.author_id, twin, []), priority="high"
        )

    hooks.action("file_twin", gives=KIND, about=KIND)(file_twin)
    editor.replace(
        "request.yaml", "{in: 4h, repeat: 24h, when: {priority: high}, tell: untaken}", "{in: 4h, make: copy}"
    )
    again = "    - {name: copy, label: Ещё раз, from: open, to: open, by: timer, do: file_twin}\n"
    editor.replace("request.yaml", "  transitions:\n", f"  transitions:\n{again}")
    editor.edit("request.yaml", lambda flow: flow["notices"].pop("untaken"))
    await city.restart(shipped_flows(editor.path, hooks))
    anna = await city.arrive(1001, "Анна")
    await urgent(anna)
    await later(city, hours=4)
    await later(city, hours=1)
    assert await city.query("SELECT subject_id, due_at > :now FROM timers", now=city.clock.now) == [(2, True)]


LATE = "{in: 4h, name: late, make: park}"
REMIND = "{in: 9h, name: remind, tell: untaken}"


@pytest.mark.parametrize(
    ("to", "held", "left"),
    [
        pytest.param("on_hold", "", [], id="a status without deadlines"),
        pytest.param("on_hold", REMIND, [("on_hold", "remind", 9)], id="a status with another deadline"),
        pytest.param(
            "on_hold",
            "{in: 7h, name: late, tell: untaken}",
            [("on_hold", "late", 7)],
            id="a status with one of the same name",
        ),
        pytest.param("open", "", [("open", "remind", 5)], id="the same status, whose other deadline runs on"),
    ],
)
async def test_a_deadline_that_makes_a_transition_leaves_those_of_the_status_it_leads_to(
    city: Town, tmp_path: Path, to: str, held: str, left: list[tuple[str, str, int]]
) -> None:
    editor = Editor(tmp_path / "flows")
    editor.replace(
        "request.yaml",
        "after: {in: 4h, repeat: 24h, when: {priority: high}, tell: untaken}",
        f"after: [{LATE}, {REMIND}]",
    )
    if held:
        hold = "on_hold: {label: отложена, icon: ⏸, stage: paused"
        editor.replace("request.yaml", hold + "}", f"{hold}, after: {held}}}")
    timed = f"    - {{name: park, label: Ждёт, from: open, to: {to}, by: timer}}\n"
    editor.replace("request.yaml", "  transitions:\n", f"  transitions:\n{timed}")
    await city.restart(shipped_flows(editor.path))
    anna = await city.arrive(1001, "Анна")
    await urgent(anna)
    await later(city, hours=4)
    due = select(timers_table.c.state, timers_table.c.name, timers_table.c.due_at)
    found = await city.app.runner.run(lambda tx: [tuple(row) for row in tx.connection.execute(due)])
    assert found == [(state, name, city.clock.now + timedelta(hours=hours)) for state, name, hours in left]
