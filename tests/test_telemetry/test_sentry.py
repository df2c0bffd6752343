"""What reaches Sentry, judged by what a receiver of its envelopes gets over HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from bot.serve import CannotServeError, crashes_logged
from bot.telegram.failure_logging import log_failure
from bot.telemetry.logs import configure_logs
from bot.telemetry.sentry import reporting
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.processes import ROOT, TOKEN
from tests.sentry_receiver import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conversation import Actor, Town
    from tests.trouble import Trouble

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
        logging.getLogger("aiohttp.client").error("no answer of https://api.telegram.org/bot%s/getMe" % TOKEN)  # noqa: UP031
        name = "".join(["Аде", "лаида"])
        logging.getLogger("aiohttp.client").error(f"cannot greet {name}")
        logging.getLogger("urllib3.connectionpool").error("retrying")
        structlog.get_logger("bot").warning("polling_waits")
        structlog.get_logger("bot").critical("crashed", chat_id=5, text="Течёт кран")
    where = conversation_of("cannot greet")
    found = [(event["logger"], event["logentry"]["message"], event["level"]) for event in events(bodies)]
    assert found == [
        ("asyncio", "Task exception was never retrieved", "error"),
        ("aiohttp.server", "Error handling %s", "error"),
        ("aiohttp.client", f"… (test_sentry.py:{where - 2})", "error"),
        ("aiohttp.client", f"… (test_sentry.py:{where})", "error"),
        ("bot", "crashed", "fatal"),
    ]
    assert events(bodies)[4]["tags"] == {"chat_id": "5"}
    everything = b"".join(bodies).decode()
    for secret in ("Течёт", "\\u0422", name, json.dumps(name)[1:-1], TOKEN.partition(":")[2]):
        assert secret not in everything


def conversation_of(words: str) -> int:
    """Return the number of the first line of this file that holds some words."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


async def test_what_telegram_refuses_comes_with_its_reason_but_not_with_what_it_quotes(
    town: Town, anna: Actor, sergey: Actor, received: tuple[str, list[bytes]]
) -> None:
    quoting = 'can\'t parse entities: unsupported start tag "Течёт" at byte offset 12'
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        for chat_id in (1001, 2001):
            town.emulator.faults.add("400", "sendMessage", chat_id, description=quoting)
        await anna.say("/start")
        await anna.submit()
    found = {event["logentry"]["message"]: event for event in events(bodies)}
    assert found.keys() == {"screen_refused", "message_refused"}
    reason = "Bad Request: can't parse entities: unsupported start tag … at byte offset 12"
    assert [event["extra"] for event in found.values()] == [{"reason": reason}] * 2
    assert found["screen_refused"]["tags"]["chat_id"] == "1001"
    assert "Течёт" not in b"".join(bodies).decode()
    assert "\\u0422" not in b"".join(bodies).decode()


async def test_flows_that_were_refused_come_with_every_mistake_and_its_place_and_without_a_token(
    received: tuple[str, list[bytes]],
) -> None:
    dsn, bodies = received
    problems = [f"flows/request.yaml:{number}:3: unknown step" for number in range(1, 13)]
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        structlog.get_logger("bot.flow_versions.reloading").error(
            "flows_refused", problems=[*problems, f"a.yaml:1:1: {TOKEN}"]
        )
    [event] = events(bodies)
    assert event["extra"]["problems"].splitlines() == [*problems, "a.yaml:1:1: …"]


def in_module(name: str, code: str) -> Callable[..., Any]:
    """Return a function `hook` of a module of that name, made of its code."""
    made: dict[str, Any] = {"__name__": name}
    exec(f"def hook(inner=None):\n    {code}", made)  # noqa: S102 - our own words
    return made["hook"]  # type: ignore[no-any-return]


def raised_by(*calls: Callable[..., Any]) -> BaseException:
    """Return what a function raises that calls others, the last of them the innermost."""
    outer, *inner = calls
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any
        outer(partial(inner[0], *inner[1:]) if inner else None)
    return caught.value


async def test_failures_are_one_issue_where_the_same_function_of_ours_failed_in_the_same_way(
    received: tuple[str, list[bytes]],
) -> None:
    unit = in_module("bot.handlers.update_handler", "inner()")
    first, second = (in_module(f"bot.helpdesk.hooks.{name}", "{}['Течёт']") for name in ("actions", "guards"))
    library = in_module("jinja2.sandbox", "{}['Течёт']")
    log = structlog.get_logger("bot.ingress.update_processor")
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        for calls in ((unit, first), (unit, second), (unit, library)):
            log.error("update_set_aside", tries=3, exc_info=raised_by(*calls))
        log.error("uncaught", where="thread", exc_info=raised_by(library))
        log.error("message_refused", reason="Bad Request: too long by 12 bytes")
        log.error("message_refused", reason="Bad Request: too long by 7 bytes")
        log.error("message_given_up", reason="AttributeError")
        log.error("flows_refused", problems=["a.yaml:1:1: wrong"])
    assert [event["fingerprint"] for event in events(bodies)] == [
        ["update_set_aside", "KeyError", "bot.helpdesk.hooks.actions:hook"],
        ["update_set_aside", "KeyError", "bot.helpdesk.hooks.guards:hook"],
        ["update_set_aside", "KeyError", "bot.handlers.update_handler:hook"],
        ["uncaught", "KeyError"],
        ["message_refused", "Bad Request: too long by … bytes"],
        ["message_refused", "Bad Request: too long by … bytes"],
        ["message_given_up", "AttributeError"],
        ["flows_refused"],
    ]
    [error] = events(bodies)[2]["exception"]["values"]
    passed = [(frame["module"], frame["in_app"]) for frame in error["stacktrace"]["frames"]]
    assert passed[-2:] == [("bot.handlers.update_handler", True), ("jinja2.sandbox", False)]


async def test_what_led_to_an_error_goes_along_the_oldest_first_and_without_its_words(
    received: tuple[str, list[bytes]],
) -> None:
    cause = in_module("storage.database.runner", "raise ConnectionError('Течёт')")
    code = "try: inner()\n    except ConnectionError as error: raise RuntimeError('Течёт') from error"
    dsn, bodies = received
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        structlog.get_logger("bot").error("delivery_waits", exc_info=raised_by(in_module("bot.delivery", code), cause))
    [event] = events(bodies)
    values = event["exception"]["values"]
    assert [each["type"] for each in values] == ["ConnectionError", "RuntimeError"]
    assert [each["stacktrace"]["frames"][-1]["module"] for each in values] == [
        "storage.database.runner",
        "bot.delivery",
    ]
    assert "Течёт" not in b"".join(bodies).decode()
    assert "\\u0422" not in b"".join(bodies).decode()


async def test_an_update_that_cannot_be_read_is_an_event_with_its_chat(
    town: Town, anna: Actor, received: tuple[str, list[bytes]]
) -> None:
    dsn, bodies = received
    await anna.say("/start")
    configure_logs("INFO", "json")
    with reporting(dsn, "production"):
        town.emulator.push_raw({"message": {"chat": {"id": 1001}, "text": 5}})
        await town.until_idle()
    [event] = events(bodies)
    assert event["tags"] == {"update_id": "700000002", "chat_id": "1001", "tries": "1"}


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
        await town.until_idle()
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


READING = """
import bot.flow_versions.folder
from bot.cli.main import app

bot.flow_versions.folder.load_flows = lambda *_: {}["Течёт кран"]
app(["run"])
"""


async def test_a_mistake_of_ours_in_reading_the_flows_at_a_start_is_logged_and_an_event(
    received: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    dsn, bodies = received
    given = {"PYTHONPATH": str(ROOT), "SENTRY_DSN": dsn, "LOG_FORMAT": "json", "BOT_TOKEN": TOKEN}
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READING, cwd=tmp_path, env={**os.environ, **given}, stderr=subprocess.PIPE
    )
    [line] = (await bot.communicate())[1].decode().splitlines()
    assert bot.returncode == 1
    assert json.loads(line)["event"] == "crashed"
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
