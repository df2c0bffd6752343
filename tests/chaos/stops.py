"""SIGTERM in a burst: in time, and nothing is lost; also while Telegram is slow or the database is away."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.chaos.stage import STOPS_WITHIN, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from tests.chaos.nursery import Nursery, Victim
    from tests.chaos.verdict import Verdict
    from tests.postgres_server import PostgresServer

Trouble = Literal["", "slow Telegram", "no database"]
AUTHORS = 5
SLOW = 60.0
"""Seconds that Telegram takes for a call when it is slow."""


@dataclass
class Stops:
    """What the stops of a run took, in seconds, by the trouble there was."""

    seconds: dict[Trouble, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, trouble: Trouble, code: int, seconds: float) -> None:
        """Take one stop down."""
        self.seconds.setdefault(trouble, []).append(seconds)
        if code or seconds > STOPS_WITHIN:
            self.wrong.append(f"SIGTERM ({trouble or 'no trouble'}): ended with {code} after {seconds:.1f} s")


async def run_stops(
    nursery: Nursery,
    folder: Path,
    url: str,
    troubles: Sequence[Trouble],
    random: Random,
    server: PostgresServer | None = None,
) -> tuple[Verdict, Stops]:
    """Stop the bot once for each trouble, at a random moment of a burst; `server` is needed where it is to be away."""
    stops = Stops()
    async with Stage(nursery, folder, url) as stage:
        bot = await stage.bear_bot()
        await stage.let_in(AUTHORS)
        working = stage.at_work(lambda: sum(map(len, stops.seconds.values())) < len(troubles))
        for trouble in troubles:
            await bot.says("The bot is running")
            await bot.dies_within(random.uniform(0.3, 2.0))
            await _stop_in(trouble, stage, bot, stops, server)
            bot = await stage.bear_bot()
        verdict = await stage.verdict(working)
        stops.add("", *await bot.stop())
    verdict.violations += stops.wrong
    return verdict, stops


async def _stop_in(trouble: Trouble, stage: Stage, bot: Victim, stops: Stops, server: PostgresServer | None) -> None:
    if trouble == "slow Telegram":
        await stage.client.do("faults", kind="slow", method="sendMessage", times=1000, delay=SLOW)
    if trouble == "no database" and server:
        server.kill()
    if trouble:
        # What hangs at the end is given up, and may come twice.
        stage.cuts.append(time.time())
        await bot.dies_within(1.0)
    stops.add(trouble, *await bot.stop())
    stage.cuts += [bot.died_at] if trouble else []
    await stage.client.do("faults/clear")
    if trouble == "no database" and server:
        server.start()
