"""Every line of the log under an update says whose it is, where it was said and what it is about."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from bot.handlers.update_handler import Handled, UpdateHandler
from bot.ingress.update_processor import UpdateProcessor
from bot.telemetry.logs import configure_logs
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.logs import told

if TYPE_CHECKING:
    from storage.database.transaction import Transaction
    from tests.conversation import Actor, Town
    from tests.trouble import Trouble

pytestmark = pytest.mark.usefixtures("logs_as_before")


@pytest.fixture
def town(city: Town) -> Town:
    """Give the town on each kind of database."""
    return city


async def test_an_update_is_known_by_its_ids_and_by_the_step_before_it(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    await anna.say("/start")
    await anna.say("/new")
    configure_logs("DEBUG", "json")
    await anna.say("Течёт кран")
    [event] = told(capsys, "update_handled")
    assert event == {
        "update_id": 700000003,
        "chat_id": 1001,
        "user_id": await town.value("SELECT id FROM users"),
        "flow": "request",
        "step": "describe",
        "kind": "message",
        "outcome": "handled",
    }


async def test_an_update_about_a_request_bears_its_id(
    town: Town, anna: Actor, sergey: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    await anna.submit(times=2)
    configure_logs("DEBUG", "json")
    await sergey.press_on(sergey.card(2), "🔧 Взять")
    [event] = told(capsys, "update_handled")
    assert event["request_id"] == await town.value("SELECT id FROM requests WHERE number = 2")


async def test_after_an_update_its_ids_are_forgotten(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("DEBUG", "json")
    anna.person.say("/start")
    (update,) = town.emulator.updates.pending
    app = town.app
    await UpdateProcessor(app.bot, app.dispatcher, app.runner, app.metrics, app.flow_versions).process(update)
    structlog.get_logger("bot").info("afterwards")
    assert told(capsys, "afterwards") == [{}]


async def test_ids_hold_inside_the_unit_of_work_for_libraries_too(
    anna: Actor, trouble: Trouble, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(_context: Context) -> None:
        structlog.get_logger("bot.helpdesk.hooks").info("inside")
        logging.getLogger("library").warning("inside")

    await trouble(explode)
    await anna.say("/start")
    configure_logs("INFO", "json")
    await anna.say("/explode")
    ours, librarys = told(capsys, "inside")
    assert ours == librarys
    assert (ours["update_id"], ours["flow"], ours["step"]) == (700000002, "main", "menu")


async def test_updates_handled_side_by_side_keep_their_ids_apart(
    town: Town, anna: Actor, boris: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("DEBUG", "json")
    for actor in (anna, boris):
        actor.person.say("/start")
    await town.until_idle()
    assert {each["update_id"]: each["chat_id"] for each in told(capsys, "update_handled")} == {
        700000001: 1001,
        700000002: 1002,
    }


async def test_an_update_that_is_set_aside_is_told_with_its_step(
    town: Town, anna: Actor, trouble: Trouble, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(_context: Context) -> None:
        raise KeyError("Течёт кран")

    await trouble(explode)
    await anna.say("/new")
    configure_logs("INFO", "json")
    await anna.say("/explode")
    [event] = told(capsys, "update_set_aside")
    assert (event["update_id"], event["flow"], event["step"]) == (700000002, "request", "describe")
    assert (event["error"], event["tries"]) == ("KeyError", 3)
    assert "reason" not in event


@pytest.mark.parametrize(
    ("update", "chat_id"),
    [
        ({"message": {"chat": {"id": -1009}, "text": 5}}, -1009),
        ({"callback_query": {"message": {"chat": {"id": 1001}}}}, 1001),
        ({"edited_message": {"chat": {"id": 1001}}}, 1001),
        ({"message": {"chat": {"id": "Течёт кран"}}}, None),
        ({"message": {"chat": {"id": 2**80}}}, None),
        ({"message": {"chat": {"id": True}}}, None),
        ({"message": {"chat": 5}}, None),
        ({"callback_query": {"message": 5}}, None),
        ({"message": 5}, None),
    ],
)
async def test_an_update_that_cannot_be_read_is_told_with_its_chat_where_that_is_a_number(
    update: dict[str, Any], chat_id: int | None, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", "json")
    town.emulator.push_raw(update)
    await town.until_idle()
    [event] = told(capsys, "update_set_aside")
    assert (event["update_id"], event.get("chat_id")) == (700000001, chat_id)


async def test_a_timer_that_goes_off_is_told_after_its_commit_with_the_persons_ids(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    await anna.draft()
    town.clock.advance(days=1)
    configure_logs("INFO", "json")
    await town.until_idle()
    [event] = told(capsys, "timer_went_off")
    assert (event["chat_id"], event["flow"], event["step"]) == (1001, "request", "confirm")
    assert event["conversation_id"] == await town.value("SELECT id FROM conversations")


async def test_a_deadline_that_goes_off_is_told_with_its_request(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    await anna.submit(urgency="Срочно")
    town.clock.advance(hours=4)
    configure_logs("INFO", "json")
    await town.until_idle()
    [event] = told(capsys, "timer_went_off")
    request_id = await town.value("SELECT id FROM requests")
    assert (event["subject_kind"], event["subject_id"], event["request_id"]) == ("request", request_id, request_id)


async def test_a_unit_of_work_that_is_undone_tells_of_no_timer(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await anna.draft()
    town.clock.advance(days=1)
    configure_logs("INFO", "json")

    def undone(self: UpdateHandler, tx: Transaction, conversation_id: int) -> Handled | None:
        elapse(self, tx, conversation_id)
        raise KeyError("Течёт кран")

    elapse = UpdateHandler.elapse
    monkeypatch.setattr(UpdateHandler, "elapse", undone)
    await town.until_idle()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["event"], each["reason"], each["tries"]) for each in lines] == [("timer_failed", "KeyError", 1)]
