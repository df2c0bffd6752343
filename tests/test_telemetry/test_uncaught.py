"""Errors that nobody caught, warnings and HTTP calls come as lines of the log, without the words they carry."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web

from bot.emulator.server import serve
from bot.emulator.telegram import Emulator
from bot.telemetry.logs import configure_logs
from bot.web.listening import listen
from tests.processes import ROOT, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = {
    "program": "raise KeyError('Течёт кран')",
    "thread": "import threading; t = threading.Thread(target=lambda: {}['Течёт кран']); t.start(); t.join()",
    "cleaning": "class A:\n    def __del__(self): raise KeyError('Течёт кран')\nA()",
}


def run(program: str, form: str = "json") -> subprocess.CompletedProcess[str]:
    code = f"from bot.telemetry.logs import configure_logs\nconfigure_logs('INFO', '{form}')\n{program}"
    words = [sys.executable, "-c", code]
    return subprocess.run(  # noqa: S603
        words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("where", PROGRAMS)
def test_an_error_that_nobody_caught_is_one_event(where: str) -> None:
    [event] = [json.loads(line) for line in run(PROGRAMS[where]).stderr.splitlines()]
    assert (event["event"], event["where"], event["error"]) == ("uncaught", where, "KeyError")
    assert event["at"]
    assert "Течёт" not in str(event)


def test_an_error_that_nobody_caught_still_ends_the_program() -> None:
    assert run(PROGRAMS["program"]).returncode == 1


def test_an_interrupt_is_no_error_of_ours() -> None:
    assert "uncaught" not in run("raise KeyboardInterrupt").stderr


def test_a_warning_is_one_event_with_its_place() -> None:
    [event] = [json.loads(line) for line in run("import warnings; warnings.warn('Течёт кран')").stderr.splitlines()]
    assert (event["event"], event["level"], event["category"]) == ("python_warning", "warning", "UserWarning")
    assert event["place"] == "<string>:3"
    assert "Течёт" not in str(event)


LOOP = """
import asyncio
from bot.telemetry.uncaught import in_loop

async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(in_loop)
    {}
    await asyncio.sleep(0)

asyncio.run(main())
"""
COMPLAINTS = {
    "loop.call_soon({}.__getitem__, 'Течёт кран')": ("Exception in callback dict.__getitem__", "KeyError"),
    "loop.call_soon(lambda: {}['Течёт кран'])": ("Exception in callback main.", "KeyError"),
    "loop.call_exception_handler({'message': 'Unclosed client session'})": ("Unclosed client session", None),
}


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_what_an_event_loop_complains_of_is_one_event(complaint: str) -> None:
    [event] = [json.loads(line) for line in run(LOOP.replace("{}", complaint, 1)).stderr.splitlines()]
    assert (event["event"], event["where"]) == ("uncaught", "loop")
    assert (event["reason"], event.get("error")) == COMPLAINTS[complaint]
    assert "Течёт" not in str(event)


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
async def test_an_http_call_is_an_event_at_debug_without_its_address(
    level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def receive(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    configure_logs(level, "json")
    application = web.Application()
    application.router.add_get("/secret/{name}", receive)
    server = await listen(application, "127.0.0.1", 0)
    async with ClientSession() as session:
        await (await session.get(f"{server.url}/secret/Анна")).read()
        await (await session.get(f"{server.url}/nowhere")).read()
    await server.close()
    found = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    calls: list[dict[str, Any]] = [event for event in found if event["event"] == "http_call"]
    expected = [("receive", "GET", 503), ("nothing", "GET", 404)]
    told = [(each["asked"], each["http_method"], each["http_status"]) for each in calls]
    assert told == expected * (level == "DEBUG")
    assert "secret" not in str(found)


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize(
    "library", ["aiogram.event", "aiohttp.server", "sqlalchemy.pool", "asyncio", "alembic.runtime"]
)
@pytest.mark.parametrize("form", ["console", "json", "ecs"])
async def test_warnings_of_libraries_come_in_the_form_of_ours(
    library: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", form)
    logging.getLogger(library).warning("%d calls of %s", 3, "Анна")
    await asyncio.sleep(0)
    [line] = capsys.readouterr().err.splitlines()
    assert "3 calls of …" in line
    assert library in line
    assert line.startswith("{") == (form != "console")


SERVING = """
import asyncio
from bot.cli.main import app
from bot.ingress.polling import Poller

async def run(self):
    asyncio.get_running_loop().call_soon({}.__getitem__, "Течёт кран")
    await inner(self)

inner, Poller.run = Poller.run, run
app(["run"])
"""


async def test_what_the_loop_of_a_bot_that_serves_complains_of_is_one_event(tmp_path: Path) -> None:
    server = await serve(Emulator())
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "HTTP_PORT": "0", "LOG_FORMAT": "json"}
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVING,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **given},
        stderr=subprocess.PIPE,
    )
    lines = (await bot.communicate())[1].decode().splitlines()
    await server.close()
    assert bot.returncode == 2
    assert "BOT_TOKEN: Telegram does not know it" in lines[-1]
    [event] = [each for each in map(json.loads, lines[:-1]) if each["event"] == "uncaught"]
    assert (event["where"], event["error"]) == ("loop", "KeyError")
