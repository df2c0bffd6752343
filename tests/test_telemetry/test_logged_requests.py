"""What was refused, and what was added to requests, is logged once it is committed: names and ids, nobody's words."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests.conversation import SHIPPED, shipped_flows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conversation import Actor, Town


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What is logged during the test."""
    with structlog.testing.capture_logs() as captured:
        yield captured


def of(logs: list[Any], name: str) -> list[dict[str, Any]]:
    """Return the events of a name, without their level."""
    found = [each for each in logs if each["event"] == name]
    return [{key: each[key] for key in each if key not in ("event", "log_level")} for each in found]


async def test_the_sixth_request_in_five_minutes_is_a_refusal(anna: Actor, logs: list[Any]) -> None:
    await anna.submit(times=6)
    assert len(of(logs, "request_created")) == 5
    assert of(logs, "refused") == [{"user_id": 1, "reason": "too_many"}]


async def test_a_button_that_is_gone_is_a_refusal_with_its_request(
    town: Town, anna: Actor, sergey: Actor, logs: list[Any]
) -> None:
    await anna.submit()
    await anna.press_data(anna.screen, "made up")
    await sergey.press_data(sergey.card(1), "request.card:row:99:~x")
    assert [each["reason"] for each in of(logs, "refused")] == ["stale", "gone"]


async def test_a_command_for_managers_is_refused_to_others(anna: Actor, logs: list[Any]) -> None:
    await anna.say("/queue")
    assert of(logs, "refused") == [{"user_id": 1, "reason": "unexpected"}]


async def test_whoever_was_blocked_is_refused_whatever_they_ask(town: Town, anna: Actor, logs: list[Any]) -> None:
    await anna.say("/start")
    await town.execute("UPDATE users SET is_blocked = true")
    await anna.say("/menu")
    assert of(logs, "refused") == [{"user_id": 1, "reason": "blocked"}]


async def test_words_out_of_bounds_are_a_refusal_without_the_words(anna: Actor, logs: list[Any]) -> None:
    await anna.say("/new")
    await anna.say("ой")
    assert of(logs, "refused") == [{"user_id": 1, "reason": "too_short"}]


async def test_files_of_a_request_and_the_late_piece_of_its_album_are_told_by_their_count(
    town: Town, anna: Actor, logs: list[Any]
) -> None:
    await anna.say("/new")
    anna.person.send_album([None, None, None], "Течёт кран")
    late = town.emulator.updates.pending.pop()
    await town.until_idle()
    await anna.say("Кабинет 214")
    await anna.press("Сантехника", "Обычная", "Отправить")
    town.emulator.push_raw(late)
    await town.until_idle()
    assert of(logs, "request_files_added") == [
        {"request_id": 1, "user_id": 1, "count": 2, "purpose": "request"},
        {"request_id": 1, "user_id": 1, "count": 1},
    ]


async def test_a_report_is_told_as_files_a_comment_and_a_transition(
    anna: Actor, sergey: Actor, logs: list[Any]
) -> None:
    await anna.submit()
    await sergey.press("Взять")
    await sergey.press("Выполнено")
    logs.clear()
    await sergey.send_photo(caption="Заменил прокладку")
    told = [(each["event"], each["request_id"]) for each in logs]
    assert told == [("request_files_added", 1), ("request_commented", 1), ("request_transition", 1)]
    assert "прокладку" not in str(logs)


async def test_a_status_and_a_transition_that_only_a_flow_knows_have_their_event(
    town: Town, anna: Actor, sergey: Actor, tmp_path: Path, logs: list[Any]
) -> None:
    folder = tmp_path / "flows"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / "request.yaml"
    words = file.read_text(encoding="utf-8")
    words = words.replace("    on_hold:", "    ordered: {label: заказано, icon: 📦, stage: dropped}\n    on_hold:", 1)
    order = "    - {name: order, label: Заказать, from: open, to: ordered, by: manager}\n"
    file.write_text(words.replace("  transitions:\n", f"  transitions:\n{order}", 1), encoding="utf-8")
    await town.restart(shipped_flows(folder))
    await anna.submit()
    await sergey.press("Заказать")
    ids = {"request_id": 1, "user_id": await town.value("SELECT id FROM users WHERE telegram_id = 2001")}
    done = {"transition": "order", "outcome": "done", "from": "open", "to": "ordered"}
    assert of(logs, "request_transition") == [{**ids, **done}]
