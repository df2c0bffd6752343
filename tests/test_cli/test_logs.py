"""Logs: one event a line, in three forms, without anybody's words."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
import structlog

from bot.settings import read_settings
from bot.telemetry.logs import QUIET, configure_logs
from tests.stand import TOKEN

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
    assert polling.split()[1:] == ["[warning", "]", "polling_waits", "[bot.ingress.polling]", "pause=2.0"]
    assert slow.split()[1:] == ["[error", "]", "slow", "[asyncio]"]


def test_events_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("WARNING", "json")
    structlog.get_logger("bot.serve").info("stopping")
    logging.getLogger("storage.runner").info("unit of work is run again")
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
    ("pattern", "args", "said"),
    [
        ("Executing %s took %.3f seconds", ("<Handle('Течёт')>", 0.25), "Executing … took 0.250 seconds"),
        ("[generated in %.5fs] %r", (0.1, ("Течёт",)), "[generated in 0.10000s] …"),
        ("Update id=%d, %d %% of %5.1f", (7, 8, 9), "Update id=7, 8 % of   9.0"),
        ("%(who)s failed", ({"who": "Течёт"},), "… failed"),
        ("%d of %s", ("Течёт",), "… of …"),
        ("%x and %*d", (0.5, 3, 4), "… and …"),
        ("100 % Течёт", (), "100 % Течёт"),
        ("no values\nTraceback", (), "no values"),
    ],
)
def test_of_a_librarys_message_only_the_pattern_and_its_numbers_are_kept(
    pattern: str, args: tuple[Any, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", "json")
    logging.getLogger("library").warning(pattern, *args, stack_info=True)
    [event] = events(capsys)
    assert event.pop("timestamp")
    assert event == {"event": said, "level": "warning", "logger": "library"}


def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    try:
        fail()
    except KeyError as error:
        structlog.get_logger("bot").exception("as it is handled")
        structlog.get_logger("bot").error("given", exc_info=error)
        structlog.get_logger("bot").error("as a triple", exc_info=sys.exc_info())
        logging.getLogger("storage.runner").exception("of a library")
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
