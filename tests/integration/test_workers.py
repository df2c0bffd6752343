"""Several bots as processes behind one webhook address, on one PostgreSQL."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from tests.processes import Far, Process, until

if TYPE_CHECKING:
    from pathlib import Path

    from bot.emulator.client import RemotePerson

PUBLIC = "https://bot.example.org"
PEOPLE, MESSAGES = 8, 16
WORDS = ("/start", "/new", "Не греет батарея", "/help")


async def test_two_workers_behind_one_address_keep_the_order_of_every_chat(tmp_path: Path, postgresql_url: str) -> None:
    async with Far(tmp_path, postgresql_url) as far:
        workers = await two_workers(far)
        people = await a_crowd(far)
        for number in range(MESSAGES):
            await everybody_says(people, number)
        await until(lambda: everything_is_handled(far))
        await assert_each_once_in_order(far)
        assert [await updates_handled_by(worker) > PEOPLE for worker in workers] == [True, True]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_worker_that_ends_in_a_burst_loses_nothing_and_leaves_the_address_to_the_other(
    tmp_path: Path, postgresql_url: str, end: signal.Signals
) -> None:
    async with Far(tmp_path, postgresql_url) as far:
        one, _ = await two_workers(far)
        people = await a_crowd(far)
        for number in range(MESSAGES):
            await everybody_says(people, number)
            if number == MESSAGES // 2:
                one.signal(end)
        code = await one.ends()
        await until(lambda: everything_is_handled(far))
        await assert_each_once_in_order(far)
        assert code == (0 if end == signal.SIGTERM else -signal.SIGKILL)
        assert await far.client.journal("deleteWebhook") == []


async def two_workers(far: Far) -> list[Process]:
    """Start two bots, and open the public address in front of them."""
    workers = [await far.start_bot(name, WEBHOOK_URL=f"{PUBLIC}/telegram") for name in ("one", "two")]
    await far.client.do("door", public=PUBLIC, served=[await address_of(worker) for worker in workers])
    return workers


async def a_crowd(far: Far) -> list[RemotePerson]:
    """Let people in who have not said anything yet."""
    return [await far.client.person(1001 + number, f"Автор{number}") for number in range(PEOPLE)]


async def everybody_says(people: list[RemotePerson], number: int) -> None:
    """Let everybody type the next thing, without waiting for an answer."""
    for person in people:
        await person.say(WORDS[number % len(WORDS)])


async def address_of(worker: Process) -> str:
    """Return where a bot serves."""
    return (await worker.says(r"http://\S+(?=/readyz)")).rstrip("/")


async def updates_handled_by(worker: Process) -> float:
    """Return how many updates a bot has counted as handled."""
    async with ClientSession() as session, session.get(f"{await address_of(worker)}/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("updates_total{") and "handled" in line)


async def seen(far: Far) -> list[list[int]]:
    """Return the ids of updates that each conversation has handled, in the order in which it did."""
    query = text("SELECT recent_updates FROM conversations ORDER BY telegram_user_id")
    return await far.runner.run(lambda tx: list(tx.connection.execute(query).scalars()))


async def everything_is_handled(far: Far) -> bool:
    """Tell whether as many updates have been handled as were sent."""
    return sum(map(len, await seen(far))) >= PEOPLE * MESSAGES


async def assert_each_once_in_order(far: Far) -> None:
    """Telegram counts updates up: handled in order means seen in that order, each once."""
    for ids in await seen(far):
        assert len(ids) == MESSAGES
        assert ids == sorted({*ids})
