"""Whatever happens in the main job, and whoever logs it: no token, no name, nobody's words reach the log or Sentry."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import text

from bot.emulator.server import serve
from bot.emulator.telegram import Emulator
from bot.telemetry.logs import configure_logs, uncaught
from bot.telemetry.sentry import reporting
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, Actor, Town
from tests.ecs import ambiguous, lines, strange
from tests.processes import TOKEN, Process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.scenarios.clock import ManualClock
    from engine.compiled import CompiledFlows
    from tests.trouble import Trouble

pytestmark = pytest.mark.usefixtures("logs_as_before")

WORDS = {
    "description": "Протекает батарея",
    "place": "Котельная за сценой",
    "file": "смета-печати.pdf",
    "caption": "Лужа у входа",
    "comment": "Ключ у вахтёра",
    "report": "Заменён вентиль",
    "reason": "Снова капает",
    "edit": "Опечатка вышла",
    "poison": "Взрывоопасная жидкость",
    "first name": "Аделаида",
    "last name": "Вознесенская",
    "manager": "Сигизмунд",
}
"""What people say and are called; each occurs nowhere else."""


@pytest_asyncio.fixture
async def town(database_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    """A town on each kind of database, whose bot talks to Telegram over HTTP."""
    town = Town(database_url, flows, clock=clock)
    server = await serve(town.emulator)
    town.session = lambda _: AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    await town.restart()
    yield town
    await town.app.close()
    await server.close()


def let_everybody_talk(form: str) -> None:
    """Log at DEBUG, those libraries too that are quiet otherwise, and asyncio what it does each time it is slow."""
    configure_logs("DEBUG", form)
    for name in [*logging.root.manager.loggerDict]:
        logging.getLogger(name).setLevel(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.002
    loop.set_exception_handler(uncaught.in_loop)


def explode(context: Context) -> None:
    """Fail in the database, with people's words for parameters."""
    said = {"id": 1, "name": WORDS["poison"]}
    insert = text("INSERT INTO users (id, telegram_id, full_name) VALUES (:id, :name, :name)")
    context.transaction.tx.connection.execute(insert, said)


async def main_job(town: Town, anna: Actor, sergey: Actor) -> None:
    """File, with a photo and a document; take, comment, edit, complete with a report, reopen; let time pass."""
    await anna.say("/start")
    await anna.send_photo(caption=WORDS["caption"])
    await anna.send_document(WORDS["file"])
    await anna.say(WORDS["place"])
    await anna.press("Сантехника", "Срочно", "Описание")
    await anna.say(WORDS["description"])
    await anna.press("Отправить")
    town.clock.advance(hours=4)
    await town.until_idle()
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await anna.say(WORDS["comment"], reply_to=anna.card(1))
    anna.person.edit(next(each for each in reversed(anna.messages) if not each.by_bot), WORDS["edit"])
    await town.until_idle()
    await sergey.press_on(sergey.card(1), "✅ Выполнено")
    await sergey.send_photo(caption=WORDS["report"])
    await anna.press_on(anna.card(1), "🔁 Не исправлено")
    await anna.say(WORDS["reason"])


async def troubles(town: Town, anna: Actor) -> None:
    """Let Telegram fail in every way, quoting people; a database too, a callback, a warning, an update."""
    faults = town.emulator.faults
    quoting = f'can\'t parse entities: unsupported tag "{WORDS["description"]}"'
    for kind in ("429", "500", "drop_before", "drop_after"):
        faults.add(kind, "sendMessage")
        await anna.say(WORDS["comment"])
        town.clock.advance(minutes=2)
        await town.until_idle()
    for chat_id in (anna.person.id, MANAGER_ID):
        faults.add("400", "sendMessage", chat_id, description=quoting)
    await anna.say(WORDS["comment"], reply_to=anna.card(1))
    await anna.say("/menu")
    await anna.say(f"/explode {WORDS['poison']}")
    town.emulator.push_raw({"update_id": 1, "message": {"text": WORDS["poison"]}})
    asyncio.get_running_loop().call_soon({}.__getitem__, WORDS["poison"])
    warnings.warn(WORDS["poison"], stacklevel=1)
    logging.getLogger("library").error("Имя: %s" % WORDS["first name"])  # noqa: UP031 - as libraries put it
    faults.add("403", "sendMessage", description=WORDS["first name"])
    await anna.say("/menu")


def leaks(output: str, secrets: dict[str, str]) -> list[str]:
    """Return the names of the secrets that stand in an output, in any of the spellings that logs know."""
    spellings = (str, lambda word: json.dumps(word)[1:-1], quote, lambda word: repr(word.encode())[2:-1])
    return [name for name, word in secrets.items() if any(spell(word) in output for spell in spellings)]


@pytest.mark.parametrize("form", ["console", "json", "ecs"])
async def test_nothing_personal_is_logged_or_sent_to_sentry(
    form: str,
    town: Town,
    trouble: Trouble,
    received: tuple[str, list[bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    dsn, bodies = received
    await trouble(explode)
    anna = town.person(1001, WORDS["first name"], WORDS["last name"])
    let_everybody_talk(form)
    with reporting(dsn, "production"):
        sergey = await town.arrive(MANAGER_ID, WORDS["manager"], "")
        await town.arrive(SECOND_MANAGER_ID, "Ольга", "")
        await main_job(town, anna, sergey)
        await troubles(town, anna)
    output = capsys.readouterr().err
    for event in ("request_created", "request_transition", "update_set_aside", "uncaught", "python_warning", "sent"):
        assert event in output, event
    if form == "ecs":
        found = lines(output)
        assert [strange(line) for line in found if strange(line)] == []
        assert ambiguous(found) == {}
    for library in ("sqlalchemy.engine", "aiogram", "asyncio", "bot.web.access_log"):
        assert library in output, library
    secrets = {**WORDS, "token": town.emulator.token.partition(":")[2]}
    assert leaks(output, secrets) == []
    assert bodies
    assert leaks(b"".join(bodies).decode(), secrets) == []


@pytest.mark.parametrize("form", ["console", "json", "ecs"])
async def test_a_token_that_telegram_does_not_know_is_not_logged(form: str, tmp_path: Path) -> None:
    server = await serve(Emulator())
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "HTTP_PORT": "0"}
    with Process(tmp_path, tmp_path, "bot", "run", **given, LOG_LEVEL="DEBUG", LOG_FORMAT=form) as bot:
        assert await bot.ends() == 2
        output = bot.err + bot.out
    await server.close()
    assert "BOT_TOKEN: Telegram does not know it" in output
    assert "asyncio" in output
    assert leaks(output, {"token": TOKEN.partition(":")[2]}) == []
