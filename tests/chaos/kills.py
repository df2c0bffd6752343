"""`kill -9` at named boundaries and at random moments, under people at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.boundaries import BOUNDARIES
from tests.chaos.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from tests.chaos.processes import Nursery
    from tests.chaos.verdict import Verdict

RANDOM = "random"
AUTHORS = 3
LONGEST_LIFE = 5.0
"""Seconds of work after which a bot that has not passed its boundary so often is killed as it is."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: at the so-manieth passing of a boundary, or after a random time."""

    boundary: str
    passes: int = 0
    seconds: float = LONGEST_LIFE


def plan_kills(random: Random, count: int) -> list[Kill]:
    """Draw so many kills, all kinds alike often."""
    return [_draw(random, (RANDOM, *BOUNDARIES)[number % 6]) for number in range(count)]


def _draw(random: Random, kind: str) -> Kill:
    if kind == RANDOM:
        return Kill("", seconds=random.uniform(0.1, 1.5))
    return Kill(kind, random.randint(1, 12))


async def run_kills(nursery: Nursery, folder: Path, url: str, kills: Sequence[Kill]) -> Verdict:
    """Kill the bot again and again, and judge."""
    died_at: list[str] = []
    async with Stage(nursery, folder, url) as stage:
        bot = await stage.bear_bot()
        await stage.let_in(AUTHORS)
        working = stage.at_work(lambda: len(died_at) < len(kills))
        await stage.bury(bot)
        for kill in kills:
            bot = await stage.bear_bot(kill.boundary, kill.passes)
            if kill.boundary:
                # A start takes long where the machine has other work: whoever dies in each one gets nowhere.
                await bot.starts_or_dies()
            await bot.dies_within(kill.seconds)
            await stage.bury(bot)
            died_at.append(bot.boundary or RANDOM)
        bot = await stage.bear_bot()
        verdict = await stage.verdict(working)
        verdict.stopped(*await bot.stop())
    verdict.cuts.update(died_at)
    return verdict
