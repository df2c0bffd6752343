"""What the bot says of itself over HTTP: alive, ready or not and why, counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from bot.app import running
from bot.service.health import OVERDUE, Health
from bot.service.routes import application
from bot.telegram.connectivity import LONGEST_IDLE, Connectivity
from bot.web.listening import listen
from tests.databases import count_statements
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conversation import Actor, Town

Ask = Callable[[str], Awaitable[tuple[int, Any]]]


@asynccontextmanager
async def asked(town: Town) -> AsyncIterator[Ask]:
    """Let the bot be asked over HTTP."""
    server = await listen(application(town.app.routes), "127.0.0.1", 0)
    async with ClientSession() as session:

        async def ask(path: str) -> tuple[int, Any]:
            async with session.get(server.url + path) as response:
                is_json = response.content_type == "application/json"
                return response.status, await (response.json() if is_json else response.text())

        yield ask
    await server.close()


async def test_a_bot_that_runs_is_alive_and_ready(town: Town) -> None:
    async with asked(town) as ask, running(town.app):
        await eventually(lambda: town.emulator.journal.calls("getUpdates", accepted=True))
        assert await ask("/livez") == (200, {"alive": True})
        status, said = await ask("/readyz")
    assert (status, said["ready"]) == (200, True)
    assert list(said["checks"]) == ["database", "migrations", "flows", "telegram", "outbox"]
    assert all(check["ok"] and check["reason"] for check in said["checks"].values())
    await town.restart()


async def test_a_bot_that_has_not_heard_telegram_is_alive_but_not_ready(town: Town) -> None:
    async with asked(town) as ask:
        assert (await ask("/livez"))[0] == 200
        status, said = await ask("/readyz")
    assert (status, said["ready"]) == (503, False)
    assert said["checks"]["telegram"] == {"ok": False, "reason": "not heard yet"}


async def test_a_bot_that_does_not_hear_telegram_any_more_is_not_ready(town: Town) -> None:
    seconds = [1.0]
    connectivity = Connectivity(lambda: seconds[0])
    health = Health(town.app.runner, town.app.bot.id, town.app.flow_versions, connectivity)
    connectivity.answered()
    seconds[0] += LONGEST_IDLE - 1
    assert (await health.checks())["telegram"].ok
    seconds[0] += 1
    assert (await health.checks())["telegram"].reason == "heard 150 s ago"
    assert not (await health.checks())["telegram"].ok


async def test_a_bot_without_its_database_is_not_ready_until_it_answers_again(town: Town) -> None:
    now = [0.0]
    health = Health(town.app.runner, town.app.bot.id, town.app.flow_versions, Connectivity(), lambda: now[0])
    await town.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(town.url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    found = await health.checks()
    assert [name for name, check in found.items() if not check.ok] == ["database", "migrations", "telegram", "outbox"]
    other.rollback()
    other.close()
    now[0] += 2
    found = await health.checks()
    assert [name for name, check in found.items() if not check.ok] == ["telegram"]


async def test_a_database_that_hangs_is_asked_by_one_look_however_many_want_to_know(town: Town) -> None:
    now = [0.0]
    health = Health(town.app.runner, town.app.bot.id, town.app.flow_versions, Connectivity(), lambda: now[0])
    await health.inspect()
    other = sqlite3.connect(town.url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    with count_statements(town.app.runner) as counted:
        for _ in range(2):
            now[0] += 2
            assert await health.inspect() is None
        other.rollback()
        other.close()
        await eventually(lambda: "COMMIT" in counted.verbs)
        assert counted.verbs.count("COMMIT") == 1
    assert await health.inspect()


async def test_a_schema_of_another_version_is_told(town: Town) -> None:
    await town.execute("UPDATE alembic_version SET version_num = '001'")
    check = (await town.app.health.checks())["migrations"]
    assert not check.ok
    assert check.reason.startswith("at 001, the newest is 00")


async def test_messages_that_nobody_takes_for_sending_show_that_delivery_is_stuck(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    await town.app.poller.poll(timeout=0)
    assert (await town.app.health.checks())["outbox"].ok
    town.clock.advance(seconds=OVERDUE)
    await town.restart()
    assert (await town.app.health.checks())["outbox"].reason == "1 waiting, overdue for 120 s"
    assert not (await town.app.health.checks())["outbox"].ok


async def test_however_often_it_is_asked_the_database_is_looked_at_once_a_second(town: Town) -> None:
    now = [0.0]
    health = Health(town.app.runner, town.app.bot.id, town.app.flow_versions, Connectivity(), lambda: now[0])
    await health.inspect()
    with count_statements(town.app.runner) as counted:
        for _ in range(5):
            await health.checks()
        assert counted.statements == []
        now[0] += 1.5
        await health.checks()
        assert counted.verbs.count("COMMIT") == 1


async def test_updates_are_counted_by_kind_and_by_what_became_of_them(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    await anna.press("Помощь")
    town.emulator.push_raw({"message": 5})
    await town.until_idle()
    async with asked(town) as ask:
        status, text = await ask("/metrics")
    assert status == 200
    lines = set(text.splitlines())
    assert lines >= {
        'updates_total{kind="message",outcome="handled"} 1.0',
        'updates_total{kind="callback_query",outcome="handled"} 1.0',
        'updates_total{kind="message",outcome="set_aside"} 1.0',
        'updates_set_aside_total{reason="ValidationError"} 1.0',
        "outbox_waiting 0.0",
        "outbox_oldest_seconds 0.0",
    }


async def test_the_outbox_is_measured_and_nobody_guesses_without_the_database(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.draft()
    anna.person.press("Отправить")
    await town.app.poller.poll(timeout=0)
    town.clock.advance(seconds=7)
    async with asked(town) as ask:
        assert {"outbox_waiting 1.0", "outbox_oldest_seconds 7.0"} <= {*(await ask("/metrics"))[1].splitlines()}
    await town.restart()
    await town.execute("DROP TABLE alembic_version")
    await town.execute("ALTER TABLE outbox RENAME TO away")
    async with asked(town) as ask:
        assert "outbox_waiting NaN" in (await ask("/metrics"))[1].splitlines()
        assert (await ask("/readyz"))[0] == 503
    await town.execute("ALTER TABLE away RENAME TO outbox")


@pytest.mark.parametrize("path", ["/", "/readyz/", "/telegram"])
async def test_nothing_else_is_served(town: Town, path: str) -> None:
    async with asked(town) as ask:
        assert (await ask(path))[0] == 404
