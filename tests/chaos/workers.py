"""Two workers behind one webhook address on one PostgreSQL, now one killed and now the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.chaos.processes import Nursery, Victim
    from tests.chaos.verdict import Verdict

AUTHORS = 5
PUBLIC = "https://bot.example.org"


class Workers:
    """The two workers, and the proxy that gives each of them every second update."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._served: dict[int, str] = {}
        self.living: dict[int, Victim] = {}

    async def start(self, place: int) -> None:
        """Start a worker in one of the two places and let the proxy know."""
        worker = self.living[place] = await self._stage.bear_bot(WEBHOOK_URL=f"{PUBLIC}/hook")
        health = await worker.says(r"http://\S+/readyz")
        self._served[place] = health.removesuffix("/readyz")
        await self._stage.client.do("door", public=PUBLIC, served=list(self._served.values()))


async def run_workers(nursery: Nursery, folder: Path, url: str, kills: int, random: Random) -> Verdict:
    """Kill one of the workers at a random moment, so many times, and judge."""
    killed = 0
    async with Stage(nursery, folder, url) as stage:
        workers = Workers(stage)
        for place in range(2):
            await workers.start(place)
        await stage.let_in(AUTHORS)
        working = stage.at_work(lambda: killed < kills)
        for _ in range(kills):
            place = random.randrange(2)
            victim = workers.living[place]
            await victim.dies_within(random.uniform(0.1, 1.5))
            await stage.bury(victim)
            await workers.start(place)
            killed += 1
        verdict = await stage.verdict(working)
        for worker in workers.living.values():
            verdict.stopped(*await worker.stop())
    verdict.cuts["random"] = kills
    return verdict
