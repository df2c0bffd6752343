"""PostgreSQL killed and restarted under people at work, while the bot stays up."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.chaos.processes import Nursery
    from tests.chaos.verdict import Verdict
    from tests.postgres_server import PostgresServer

PATIENCE = 10.0
"""Seconds after which somebody tries again: the database may be away for some."""


@dataclass(frozen=True, slots=True)
class Storm:
    """So many requests by so many authors; every `least` to `most` seconds the server dies, and is away for a while.

    That is up to `longest_down` seconds. It dies once at least, and not more than `restarts` times. After `lasts`
    seconds no more requests are begun.
    """

    requests: int
    authors: int
    least: float = 5.0
    most: float = 40.0
    longest_down: float = 3.0
    restarts: int = sys.maxsize
    lasts: float = math.inf


async def run_restarts(
    nursery: Nursery, folder: Path, url: str, server: PostgresServer, storm: Storm, random: Random
) -> Verdict:
    """Kill the server again and again under one bot, and judge."""
    restarts = 0
    async with Stage(nursery, folder, url) as stage:
        bot = await stage.bear_bot()
        health = await bot.says(r"http://\S+/readyz")
        await stage.let_in(storm.authors, PATIENCE)
        ends_at = time.monotonic() + storm.lasts

        def goes_on() -> bool:
            filed = sum(len(each.filed) for each in stage.authors)
            return not restarts or (filed < storm.requests and time.monotonic() < ends_at)

        working = stage.at_work(goes_on)
        while goes_on() and not working.done() and restarts < storm.restarts:
            await _pass({working}, random.uniform(storm.least, storm.most))
            if goes_on():
                await _restart(stage, server, health, random.uniform(0.0, storm.longest_down))
                restarts += 1
        verdict = await stage.verdict(working)
        verdict.stopped(*await bot.stop())
    verdict.cuts["restart"] = restarts
    return verdict


async def _restart(stage: Stage, server: PostgresServer, health: str, down: float) -> None:
    """Kill the server and start it again; the bot is to say in between that it is not ready, and then that it is."""
    stage.cuts.append(time.time())
    server.kill()
    await stage.hears(health, 503)
    await _pass(set(), down)
    server.start()
    stage.cuts.append(time.time())
    await stage.hears(health, 200)


async def _pass(working: set[asyncio.Future[list[BaseException | None]]], seconds: float) -> None:
    """Let the storm's time pass, unless everybody is done before."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await (asyncio.wait(working) if working else asyncio.Event().wait())
