"""What reaches Sentry, judged by what a receiver of its envelopes gets over HTTP."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from bot.serve import CannotServeError, crashes_logged
from bot.telegram.failures import log_failure
from bot.telemetry.logs import configure_logs
from bot.telemetry.sentry import reporting
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.receiver import events
from tests.stand import ROOT, TOKEN

if TYPE_CHECKING:
    from tests.conversation import Actor, Town
    from tests.test_handlers.conftest import Trouble

pytestmark = pytest.mark.usefixtures("logs_as_before")


async def test_an_update_that_was_set_aside_is_an_event_with_its_id_and_without_words(
    town: Town, anna: Actor, trouble: Trouble, received: tuple[str, list[bytes]]
) -> None:
    def explode(_context: Context) -> None:
        name = "Пётр Кузнецов"  # a value that must not go along
        raise KeyError(f"Течёт кран у {name}")

    dsn, bodies = received
    await trouble(explode)
    configure_logs("INFO", "json")
    with reporting(dsn, "staging"):
        await anna.say("/explode Не горит лампа")
    [event] = events(bodies)
    assert event["logentry"]["message"] == "update_set_aside"
    ids = {"update_id": "700000001", "chat_id": "1001", "user_id": "1"}
    assert event["tags"] == {**ids, "flow": "main", "step": "menu", "tries": "3"}
    assert (event["environment"], event["release"], event["level"]) == ("staging", "zavhoz@0.1.0", "error")
    [error] = event["exception"]["values"]
    assert (error["type"], error["module"]) == ("KeyError", "builtins")
    assert error["stacktrace"]["frames"][-1]["function"].endswith("explode")
    everything = b"".join(bodies).decode()
    for secret in ("Течёт", "\\u0422", "лампа", "Кузнецов", "Анна", "vars", town.emulator.token):
        assert secret not in everything


async def test_errors_of_libraries_go_without_what_they_quote_and_warnings_do_not_go(
    received: tuple[str, list[bytes]],
) -> None:
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        logging.getLogger("asyncio").error("Task exception was never retrieved\nKeyError('Течёт кран')")
        logging.getLogger("aiohttp.server").error("Error handling %s", "Течёт кран")
        logging.getLogger("aiohttp.client").error(f"no answer of https://api.telegram.org/bot{TOKEN}/getMe")
        logging.getLogger("urllib3.connectionpool").error("retrying")
        structlog.get_logger("bot").warning("polling_waits")
        structlog.get_logger("bot").critical("crashed", chat_id=5, reason="Течёт кран")
    found = [(event["logger"], event["logentry"]["message"], event["level"]) for event in events(bodies)]
    assert found == [
        ("asyncio", "Task exception was never retrieved", "error"),
        ("aiohttp.server", "Error handling %s", "error"),
        ("aiohttp.client", "no answer of https://api.telegram.org/bot…/getMe", "error"),
        ("bot", "crashed", "fatal"),
    ]
    assert events(bodies)[3]["tags"] == {"chat_id": "5"}


async def test_an_error_that_a_library_logs_under_an_update_is_an_event_with_its_ids(
    anna: Actor, trouble: Trouble, received: tuple[str, list[bytes]]
) -> None:
    def explode(_context: Context) -> None:
        logging.getLogger("library").error("cannot read %s", "Течёт кран")

    dsn, bodies = received
    await trouble(explode)
    await anna.say("/new")
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        await anna.say("/explode")
    [event] = events(bodies)
    assert event["logentry"]["message"] == "cannot read %s"
    assert (event["tags"]["update_id"], event["tags"]["flow"], event["tags"]["step"]) == (
        "700000002",
        "request",
        "describe",
    )


async def test_refusals_that_are_expected_are_no_events(
    town: Town, anna: Actor, sergey: Actor, olga: Actor, received: tuple[str, list[bytes]]
) -> None:
    dsn, bodies = received
    configure_logs("DEBUG", "json")
    with reporting(dsn, "production"):
        await anna.submit(times=6)
        await anna.press_data(anna.screen, "made up")
        await anna.say("/queue")
        for manager in (sergey, olga):
            manager.person.press("Взять")
        for kind in ("429", "500", "403"):
            town.emulator.faults.add(kind, "sendMessage")
        await town.settle()
        await anna.say("/menu")
    assert bodies == []


async def test_after_the_bot_has_ended_nothing_is_sent(received: tuple[str, list[bytes]]) -> None:
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        pass
    structlog.get_logger("bot").error("too late")
    assert bodies == []


@pytest.mark.parametrize(("error", "count"), [(OSError("no network"), 0), (KeyError("Течёт кран"), 1)])
async def test_a_mistake_in_a_loop_is_an_event_and_a_network_that_is_away_is_none(
    received: tuple[str, list[bytes]], error: Exception, count: int
) -> None:
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        log_failure(structlog.get_logger("bot.ingress.polling"), "polling_waits", error, pause=1.0)
    assert [event["logentry"]["message"] for event in events(bodies)] == ["polling_waits"] * count


async def test_what_ends_the_bot_is_an_event_unless_an_operator_is_to_mend_it(
    received: tuple[str, list[bytes]],
) -> None:
    dsn, bodies = received
    configure_logs("INFO", "json")
    for error, ending in ((KeyError("Течёт кран"), SystemExit), (CannotServeError("try it"), CannotServeError)):
        with reporting(dsn, "production"), pytest.raises(ending), crashes_logged():
            raise error
    [event] = events(bodies)
    assert (event["logentry"]["message"], event["exception"]["values"][0]["type"]) == ("crashed", "KeyError")


async def test_without_a_dsn_sentry_is_not_even_imported() -> None:
    code = (
        "import sys; from bot.telemetry.sentry import reporting\n"
        "with reporting(None, ''): assert 'sentry_sdk' not in sys.modules"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
    )
    assert ((await process.communicate())[1], process.returncode) == (b"", 0)
