"""What is counted and logged of the lives of requests: everything that was committed, once, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from engine.domain_events import CREATED
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.conversation import SHIPPED, Town, shipped_flows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conversation import Actor
    from tests.trouble import Trouble

HAPPENINGS = {"request_created", "request_transition", "request_commented"}


@pytest.fixture
def town(city: Town) -> Town:
    """Give the town on each kind of database."""
    return city


def counted(town: Town) -> dict[str, float]:
    """Return what was counted of requests, without what was not."""
    lines = (line.rpartition(" ") for line in town.app.metrics.text().decode().splitlines() if line[:7] == "request")
    return {name: float(value) for name, _, value in lines if float(value)}


def told(logs: list[Any]) -> list[Any]:
    """Return what was logged of requests."""
    return [each for each in logs if each["event"] in HAPPENINGS]


async def test_requests_are_counted_by_priority_and_logged_with_ids(town: Town, anna: Actor) -> None:
    with capture_logs() as logs:
        await anna.submit("Течёт кран")
        await anna.submit("Искрит розетка", urgency="Срочно")
    assert counted(town) == {
        'requests_created_total{priority="medium"}': 1,
        'requests_created_total{priority="high"}': 1,
    }
    author = await town.value("SELECT id FROM users WHERE telegram_id = 1001")
    assert told(logs) == [
        {"event": "request_created", "log_level": "info", "request_id": 1, "user_id": author, "priority": "medium"},
        {"event": "request_created", "log_level": "info", "request_id": 2, "user_id": author, "priority": "high"},
    ]


async def test_a_lost_race_and_a_press_that_is_not_ones_own_are_counted_apart_from_what_was_done(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    await anna.submit()
    for manager in (sergey, olga):
        manager.person.press("Взять")
    with capture_logs() as logs:
        await town.until_idle()
    await anna.press_data(anna.screen, "request.card:complete:1:~x")
    assert counted(town) == {
        'requests_created_total{priority="medium"}': 1,
        'request_transitions_total{outcome="done",transition="take"}': 1,
        'request_transitions_total{outcome="late",transition="take"}': 1,
        'request_transitions_total{outcome="refused",transition="complete"}': 1,
    }
    done, late = sorted(told(logs), key=lambda each: str(each["outcome"]))
    assert (done["from"], done["to"], done["request_id"]) == ("open", "in_progress", 1)
    assert done["user_id"] != late["user_id"]


async def test_a_button_of_a_transition_that_no_flow_has_makes_no_series(town: Town, anna: Actor) -> None:
    await anna.submit()
    before = counted(town)
    await anna.press_data(anna.screen, "request.card:explode:1:~x")
    assert counted(town) == before


async def test_an_update_that_comes_again_counts_once(town: Town, anna: Actor) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    again = dict(town.emulator.updates.pending[-1])
    await town.until_idle()
    town.emulator.push_raw(again)
    with capture_logs() as logs:
        await town.until_idle()
    assert counted(town) == {'requests_created_total{priority="medium"}': 1}
    assert told(logs) == []


async def test_what_was_undone_does_not_count_and_its_repetition_counts_once(
    town: Town, anna: Actor, trouble: Trouble
) -> None:
    tries = []

    def explode(context: Context) -> None:
        context.focus_on("request", 1)
        context.emit(CREATED, priority="low")
        tries.append(context)
        if len(tries) == 1:
            raise ZeroDivisionError

    await anna.submit()
    await trouble(explode)
    await anna.say("/explode")
    assert len(tries) == 2
    assert counted(town) == {'requests_created_total{priority="low"}': 1}


async def test_a_comment_is_logged_without_its_words(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    with capture_logs() as logs:
        await sergey.say("Буду после обеда", reply_to=sergey.card(1))
    ((only),) = told(logs)
    assert (only["event"], only["request_id"], only["comment_id"]) == ("request_commented", 1, 1)
    assert "обеда" not in str(only)


async def test_what_time_does_counts_as_what_people_do_and_is_nobodys(town: Town, anna: Actor, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / "request.yaml"
    shelve = "    - {name: shelve, label: Убрать, from: open, to: rejected, by: timer, tell: untaken}\n"
    words = file.read_text(encoding="utf-8").replace("  transitions:\n", f"  transitions:\n{shelve}", 1)
    words = words.replace(
        "open:\n      label: открыта", "open:\n      after: {in: 1h, make: shelve}\n      label: открыта"
    )
    start = words.index("      # An urgent request")
    file.write_text(words[:start] + words[words.index("    in_progress: {label") :], encoding="utf-8")
    await town.restart(shipped_flows(folder))
    await anna.submit()
    town.clock.advance(hours=2)
    with capture_logs() as logs:
        await town.until_idle()
    assert counted(town)['request_transitions_total{outcome="done",transition="shelve"}'] == 1
    ((only),) = told(logs)
    assert (only["user_id"], only["transition"], only["to"]) == (None, "shelve", "rejected")
