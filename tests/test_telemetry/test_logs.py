"""Logs: one event a line, in three forms, without anybody's words."""

from __future__ import annotations

import json
import logging
import os
import pty
import subprocess
import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from bot.settings import read_settings
from bot.telemetry.log_context import LogContext
from bot.telemetry.logs import QUIET, configure_logs
from tests.processes import ROOT, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("logs_as_before")


def fail() -> None:
    raise KeyError("Течёт кран")


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_object_with_its_time_level_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    structlog.get_logger("bot.ingress.polling").warning("polling_waits", reason="Нет сети", pause=2.0)
    [event] = events(capsys)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "polling_waits",
        "level": "warning",
        "logger": "bot.ingress.polling",
        "reason": "Нет сети",
        "pause": 2.0,
    }


def test_on_a_console_an_event_is_one_readable_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "console")
    structlog.get_logger("bot.ingress.polling").warning("polling_waits", pause=2.0)
    logging.getLogger("asyncio").error("slow")
    polling, slow = capsys.readouterr().err.splitlines()
    assert polling.split()[2:] == ["[warning", "]", "polling_waits", "[bot.ingress.polling]", "pause=2.0"]
    assert slow.split()[2:] == ["[error", "]", "slow", "[asyncio]"]


def test_on_a_console_an_event_begins_with_the_time_of_the_clock_on_the_wall_and_with_what_is_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "console")
    before = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - people's clocks have no zone
    with LogContext(7, 1001):
        structlog.get_logger("bot").info("refused", reason="stale", attempt=1)
    [line] = capsys.readouterr().err.splitlines()
    assert before <= datetime.fromisoformat(line[:19]) <= datetime.now()  # noqa: DTZ005 - the same
    assert line[19:].split()[-4:] == ["reason=stale", "attempt=1", "update_id=7", "chat_id=1001"]


@pytest.mark.parametrize(
    ("given", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), (None, False)]
)
def test_colours_are_for_people_at_a_terminal_who_want_them(given: dict[str, str] | None, coloured: bool) -> None:
    code = (
        "import structlog; from bot.telemetry.logs import configure_logs; configure_logs('INFO', 'console')\n"
        "structlog.get_logger('bot').warning('polling_waits', pause=2.0)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ours, theirs = pty.openpty() if given is not None else os.pipe()
    subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code],
        env={**environment, "PYTHONPATH": str(ROOT), **(given or {})},
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    said = os.read(ours, 4096).decode()
    os.close(ours)
    assert "polling_waits" in said
    assert ("\x1b[" in said) == coloured


def test_events_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("WARNING", "json")
    structlog.get_logger("bot.serve").info("stopping")
    logging.getLogger("storage.database.runner").info("unit of work is run again")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("token", [TOKEN, f"7:{TOKEN.partition(':')[2]}"])
@pytest.mark.parametrize("form", ["console", "json", "ecs"])
def test_a_token_is_left_out_wherever_it_stands(form: str, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_settings(env_file=None, bot_token=token).bot_token
    configure_logs("INFO", form)
    structlog.get_logger("bot").error("failed", reason=f"https://api.telegram.org/bot{token}/getMe", path=[token])
    logging.getLogger("aiohttp.client").error(f"no answer of /bot{token.replace(':', '%3A')}/getMe")
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    assert "https://api.telegram.org/bot…/getMe" in said
    assert "the-token" not in said


@pytest.mark.parametrize("library", QUIET)
def test_what_libraries_say_of_their_work_is_left_out_even_at_debug(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("DEBUG", "json")
    logging.getLogger(f"{library}.inside").info("SELECT 'Течёт кран'")
    logging.getLogger(f"{library}.inside").warning("retrying")
    assert [event["event"] for event in events(capsys)] == ["retrying"]


@pytest.mark.parametrize(
    ("said", "say"),
    [
        (
            "Executing … took 0.250 seconds",
            lambda say: say("Executing %s took %.3f seconds", "<Handle('Течёт')>", 0.25),
        ),
        ("[generated in 0.10000s] …", lambda say: say("[generated in %.5fs] %r", 0.1, ("Течёт",))),
        ("Update id=7, 8 % of   9.0", lambda say: say("Update id=%d, %d %% of %5.1f", 7, 8, 9)),
        ("… failed", lambda say: say("%(who)s failed", {"who": "Течёт"})),
        ("… of …", lambda say: say("%d of %s", "Течёт")),
        ("… and …", lambda say: say("%x and %*d", 0.5, 3, 4)),
        ("100 % of it", lambda say: say("100 % of it")),
        ("no values", lambda say: say("no values\nTraceback")),
    ],
)
def test_of_a_librarys_message_only_the_pattern_and_its_numbers_are_kept(
    said: str, say: Callable[[Callable[..., None]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", "json")
    say(partial(logging.getLogger("library").warning, stack_info=True))
    [event] = events(capsys)
    assert event.pop("timestamp")
    assert event == {"event": said, "level": "warning", "logger": "library"}


@pytest.mark.parametrize("form", ["console", "json", "ecs"])
@pytest.mark.parametrize(
    "say",
    [
        lambda say, who: say(f"Имя: {who}"),
        lambda say, who: say("Имя: %s" % who),  # noqa: UP031 - as libraries put it
        lambda say, who: say("Имя: {}".format(who)),  # noqa: UP032 - the same
        lambda say, who: say("Имя: " + who),
        lambda say, who: say(f"Имя: {who}, %d tries", 3),
        lambda say, who: say(who),
        lambda say, who: say(KeyError(who)),
    ],
)
def test_a_librarys_message_that_was_put_together_before_is_told_by_its_place(
    form: str, say: Callable[[Callable[..., None], str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", form)
    say(logging.getLogger("library").warning, name_of_somebody())
    [line] = capsys.readouterr().err.splitlines()
    assert f"… (test_logs.py:{say.__code__.co_firstlineno})" in line
    assert "library" in line
    assert name_of_somebody() not in line
    assert "Имя" not in line


def name_of_somebody() -> str:
    """Give what no code holds as it is."""
    return "".join(["Аде", "лаида"])


def test_a_library_may_log_through_a_function_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    def tell(message: str, *args: object) -> None:
        logging.getLogger("library").warning(message, *args)

    configure_logs("INFO", "json")
    tell("closing %d connections of %s", 3, "Аделаида")
    assert [event["event"] for event in events(capsys)] == ["closing 3 connections of …"]


def test_of_an_error_that_others_led_to_their_classes_are_told_the_nearest_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "json")
    log = structlog.get_logger("bot")
    try:
        try:
            try:
                fail()
            except KeyError:
                int("Течёт кран")
        except ValueError as error:
            raise RuntimeError("Течёт кран") from error
    except RuntimeError:
        log.exception("led to")
    try:
        try:
            fail()
        except KeyError:
            raise RuntimeError("Течёт кран") from None
    except RuntimeError:
        log.exception("meant to hide it")
    told, alone = events(capsys)
    assert (told["error"], told["cause"]) == ("RuntimeError", "ValueError, KeyError")
    assert alone["error"] == "RuntimeError"
    assert "cause" not in alone
    assert "Течёт" not in str(told)


def test_an_error_that_led_to_itself_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    one, other = KeyError("Течёт кран"), ValueError("Течёт кран")
    one.__cause__, other.__cause__ = other, one
    structlog.get_logger("bot").error("in a circle", exc_info=one)
    assert events(capsys)[0]["cause"] == "ValueError"


def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    try:
        fail()
    except KeyError as error:
        structlog.get_logger("bot").exception("as it is handled")
        structlog.get_logger("bot").error("given", exc_info=error)
        structlog.get_logger("bot").error("as a triple", exc_info=sys.exc_info())
        logging.getLogger("storage.database.runner").exception("of a library")
    found = events(capsys)
    assert [event["event"] for event in found] == ["as it is handled", "given", "as a triple", "of a library"]
    line = fail.__code__.co_firstlineno + 1
    for event in found:
        assert event["error"] == "KeyError"
        assert event["at"].endswith(f" > test_logs.py:{line}")
        assert "Течёт кран" not in str(event)


def test_exc_info_without_an_error_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    structlog.get_logger("bot").error("nothing is raised", exc_info=True)
    assert "error" not in events(capsys)[0]


def test_what_follows_the_first_line_of_a_library_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "console")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nexception=KeyError('Течёт кран')")
    [line] = capsys.readouterr().err.splitlines()
    assert "Task exception was never retrieved" in line
