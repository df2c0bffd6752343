"""SIGTERM in a burst: in time, and nothing is lost; also while Telegram is slow or the database is away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from tests.chaos.stage import Stage
from tests.chaos.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from tests.chaos.processes import Nursery, Victim
    from tests.postgres_server import PostgresServer

Trouble = Literal["SIGTERM", "slow Telegram", "no database"]
AUTHORS = 5
SLOW = 60.0
"""Seconds that Telegram takes for a call when it is slow."""


async def run_stops(
    nursery: Nursery,
    folder: Path,
    url: str,
    troubles: Sequence[Trouble],
    random: Random,
    server: PostgresServer | None = None,
) -> Verdict:
    """Stop the bot once for each trouble, at a random moment of a burst, and judge.

    `server` is needed where the database is to be away.
    """
    stops = Verdict()
    async with Stage(nursery, folder, url) as stage:
        bot = await stage.bear_bot()
        await stage.let_in(AUTHORS)
        working = stage.at_work(lambda: stops.cuts.total() < len(troubles))
        for trouble in troubles:
            await bot.says("The bot is running")
            await bot.dies_within(random.uniform(0.3, 2.0))
            await _stop_in(trouble, stage, bot, stops, server)
            bot = await stage.bear_bot()
        verdict = await stage.verdict(working)
        verdict.stopped(*await bot.stop())
    return stops + verdict


async def _stop_in(trouble: Trouble, stage: Stage, bot: Victim, stops: Verdict, server: PostgresServer | None) -> None:
    if trouble == "slow Telegram":
        await stage.client.do("faults", kind="slow", method="sendMessage", times=1000, delay=SLOW)
    elif trouble == "no database" and server:
        server.kill()
    if trouble != "SIGTERM":
        # What hangs at the end is given up, and may come twice.
        stage.cuts.append(time.time())
        await bot.dies_within(1.0)
    stops.stopped(*await bot.stop(), trouble)
    stage.cuts += [bot.died_at] if trouble != "SIGTERM" else []
    await stage.client.do("faults/clear")
    if trouble == "no database" and server:
        server.start()
    stops.cuts[trouble] += 1
