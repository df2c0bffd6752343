"""`LOG_FORMAT=ecs`: every field has a name of the Elastic Common Schema, or stands in a space of our own."""

from __future__ import annotations

import json
import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from bot.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("logs_as_before")

SCHEMA = {
    "@timestamp",
    "ecs.version",
    "error.stack_trace",
    "error.type",
    "event.action",
    "log.level",
    "log.logger",
    "message",
    "service.name",
    "service.version",
    "user.id",
}
"""Names of ECS 1.6, those that we use: https://www.elastic.co/guide/en/ecs/1.6/ecs-field-reference.html."""


def flat(fields: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Go through the fields by their dotted names, as Elasticsearch sees them."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [dict(flat(json.loads(line))) for line in capsys.readouterr().err.splitlines()]


def log_an_error_with_ids() -> None:
    try:
        raise KeyError("Течёт кран")
    except KeyError:
        structlog.get_logger("bot.ingress.feeding").exception(
            "update_set_aside", user_id=5_000_000_000, update_id=7, tries=3
        )


def test_an_error_with_its_ids_has_the_names_of_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "ecs")
    log_an_error_with_ids()
    [event] = told(capsys)
    assert event.pop("@timestamp").endswith("Z")
    assert event.pop("error.stack_trace").startswith("test_ecs_logs.py:")
    assert event == {
        "message": "update_set_aside",
        "event.action": "update_set_aside",
        "log.level": "error",
        "log.logger": "bot.ingress.feeding",
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
    [event] = told(capsys)
    assert event["message"] == "Exception terminating connection …"
    assert "event.action" not in event


def test_no_field_has_a_name_that_is_neither_the_schemas_nor_ours(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG", "ecs")
    log_an_error_with_ids()
    logging.getLogger("asyncio").debug("Using selector: %s", "EpollSelector")
    structlog.get_logger("bot.serve").info("started", flows={"main": 1, "request": 2}, problems=["a.yaml:1:1"])
    names = {name for event in told(capsys) for name in event}
    assert {name for name in names - SCHEMA if not name.startswith("zavhoz.")} == set()
    assert {"zavhoz.flows.main", "zavhoz.problems"} <= names


def test_a_line_begins_as_the_schema_asks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "ecs")
    structlog.get_logger("bot.serve").info("started")
    assert [*json.loads(capsys.readouterr().err)][:3] == ["@timestamp", "log.level", "message"]
