"""`LOG_FORMAT=ecs`: every field has a name of the Elastic Common Schema, or stands in a space of our own."""

from __future__ import annotations

import json
import logging
from importlib.metadata import version
from typing import Any

import pytest
import structlog

from bot.telemetry.log_context import LogContext
from bot.telemetry.logs import configure_logs
from tests.ecs import OWN, SCHEMA, lines, strange
from tests.test_docs.logged import documented

pytestmark = pytest.mark.usefixtures("logs_as_before")

NUMBERS = {
    "attempt",
    "chat_id",
    "comment_id",
    "conversation_id",
    "count",
    "http_status",
    "message_id",
    "pause",
    "request_id",
    "seconds",
    "subject_id",
    "tries",
    "update_id",
    "user_id",
    "waiting",
}
RICH: dict[str, Any] = {
    "conversations": {"request.describe": 2},
    "flows": {"main": 1, "request": 2},
    "problems": ["a.yaml:1:1: wrong"],
}
NAMED_BY_THE_SCHEMA = {
    "error": "error.type",
    "at": "error.stack_trace",
    "user_id": "user.id",
    "http_method": "http.request.method",
    "http_status": "http.response.status_code",
}


def log_an_error(event: str, **fields: Any) -> None:
    try:
        raise KeyError("Течёт кран")
    except KeyError:
        structlog.get_logger("bot.ingress.update_processor").exception(event, **fields)


def test_an_error_with_its_ids_has_the_names_of_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "ecs")
    log_an_error("update_set_aside", user_id=5_000_000_000, update_id=7, tries=3)
    [event] = lines(capsys.readouterr().err)
    assert event.pop("@timestamp").endswith("Z")
    assert event.pop("error.stack_trace").startswith("test_ecs_logs.py:")
    assert event == {
        "message": "update_set_aside",
        "event.action": "update_set_aside",
        "log.level": "error",
        "log.logger": "bot.ingress.update_processor",
        "ecs.version": "1.6.0",
        "error.type": "KeyError",
        "service.name": "zavhoz",
        "service.version": version("zavhoz"),
        "user.id": "5000000000",
        "zavhoz.update_id": 7,
        "zavhoz.tries": 3,
    }


def test_a_librarys_message_is_no_action(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "ecs")
    logging.getLogger("sqlalchemy.pool").error("Exception terminating connection %r", "Течёт кран")
    [event] = lines(capsys.readouterr().err)
    assert event["message"] == "Exception terminating connection …"
    assert "event.action" not in event
    assert strange(event) == {}


@pytest.mark.parametrize("name", sorted(documented()))
def test_every_event_has_only_names_of_the_schema_and_ours_and_what_is_expected_under_them(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event = documented()[name]
    fields = {each: RICH.get(each, 7 if each in NUMBERS else "some") for each in event.fields - {"error", "at"}}
    configure_logs("DEBUG", "ecs")
    log_context = LogContext(7, 1001)
    log_context.user_id, log_context.request_id = 1, 2
    log_context.set_step("request.describe")
    with log_context:
        for level in event.levels:
            getattr(structlog.get_logger("bot"), level)(name, **fields)
        if "error" in event.fields:
            log_an_error(name, **fields)
    found = lines(capsys.readouterr().err)
    assert found
    assert [strange(line) for line in found if strange(line)] == []
    said = set().union(*found)
    for field in event.fields:
        assert [each for each in said if f"{each}.".startswith(f"{NAMED_BY_THE_SCHEMA.get(field, OWN + field)}.")]


def test_the_fields_that_have_samples_and_names_here_are_those_of_events() -> None:
    known = {field for event in documented().values() for field in event.fields}
    assert known >= NUMBERS - {"update_id"}
    assert known >= RICH.keys()
    assert SCHEMA.keys() >= {*NAMED_BY_THE_SCHEMA.values()}


def test_a_line_begins_as_the_schema_asks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "ecs")
    structlog.get_logger("bot.serve").info("started")
    assert [*json.loads(capsys.readouterr().err)][:3] == ["@timestamp", "log.level", "message"]
