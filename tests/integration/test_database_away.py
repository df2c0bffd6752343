"""PostgreSQL that goes away and comes back under a bot: what Telegram and a monitor are told meanwhile."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from bot.app import running
from bot.ingress.webhook import AUTH_HEADER, Address
from bot.service.routes import application
from bot.telemetry.logs import configure_logs
from bot.web.listening import listen
from storage.database.migrate import upgrade
from tests.conversation import Town
from tests.postgres_server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.scenarios.clock import ManualClock
    from engine.compiled import CompiledFlows

pytestmark = pytest.mark.usefixtures("logs_as_before")
ADDRESS = Address("https://bot.example.org/telegram", "s3cret")


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of its own: it will be killed."""
    server = PostgresServer(durable=True)
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def town(server: PostgresServer, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    url = server.url(await asyncio.to_thread(server.create_database))
    await asyncio.to_thread(upgrade, url)
    town = Town(url, flows, clock=clock, address=ADDRESS)
    yield town
    await town.app.close()


async def test_without_postgresql_nothing_is_taken_and_the_bot_is_not_ready_until_it_is_back(
    town: Town, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO", "json")
    anna = town.person(1001, "Анна")
    anna.person.say("/start")
    [update] = town.emulator.updates.take()
    listening = await listen(application(town.app.routes), "127.0.0.1", 0)
    async with ClientSession(listening.url) as session, running(town.app):
        assert await becomes(session, ready=True) == []
        await asyncio.to_thread(server.kill)
        assert await becomes(session, ready=False) == ["database", "migrations", "outbox"]
        assert await bring(session, update) == 503
        await asyncio.to_thread(server.start)
        assert await becomes(session, ready=True) == []
        assert await bring(session, update) == 200
        assert await bring(session, update) == 200
        assert await town.query("SELECT screen_rev FROM conversations") == [(1,)]
        # It is looked at now and then: a moment after the last failure it counts as back.
        written = ""
        while "database_back" not in written:
            await asyncio.sleep(0.1)
            written += capsys.readouterr().err
    await listening.close()
    logged = [json.loads(line) for line in written.splitlines()]
    of_the_outage = [each for each in logged if each["level"] != "info"]
    assert [each["event"] for each in of_the_outage] == ["database_away", "database_back"]
    assert of_the_outage[-1]["seconds"] > 0


async def becomes(session: ClientSession, *, ready: bool) -> list[str]:
    """Ask until the bot is ready, or is not; return the checks that fail."""
    async with asyncio.timeout(120):
        while True:
            async with session.get("/readyz") as response:
                said = await response.json()
            if said["ready"] == ready:
                assert response.status == (200 if ready else 503)
                return [name for name, check in said["checks"].items() if not check["ok"]]
            await asyncio.sleep(0.1)


async def bring(session: ClientSession, update: dict[str, Any]) -> int:
    """Bring an update as Telegram does."""
    headers = {AUTH_HEADER: ADDRESS.secret}
    async with session.post("/telegram", json=update, headers=headers) as response:
        return response.status
