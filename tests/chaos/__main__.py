"""`make chaos`: the long runs, a table of what happened; exits with 1 when a promise was broken.

CHAOS_RUNS      which runs, with commas between them: kills, restarts, stops (default: all)
CHAOS_SEED      what the random choices come from (default: the time; printed)
CHAOS_KILLS     kills, half of them on each database (default: 1000)
CHAOS_ROUND     kills of one stand and database, after which people and database are judged (default: 100)
CHAOS_REQUESTS  requests filed while PostgreSQL is killed and restarted (default: 5000)
CHAOS_CHATS     chats they come from (default: 50)
CHAOS_STOPS     SIGTERMs on each database (default: 30)
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.chaos.kills import plan_kills, run_kills
from tests.chaos.nursery import Nursery
from tests.chaos.restarts import Storm, run_restarts
from tests.chaos.stops import run_stops
from tests.chaos.verdict import Verdict
from tests.databases import Databases

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.chaos.stops import Trouble

KINDS = ("sqlite", "postgresql")


@dataclass
class Row:
    """One line of the table."""

    name: str
    verdict: Verdict = field(default_factory=Verdict)
    cuts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        verdict, cuts = self.verdict, ", ".join(f"{count} {name}" for name, count in sorted(self.cuts.items()))
        told = f"{verdict.requests} | {verdict.comments} | {verdict.changes} | {verdict.notices} | {verdict.repeated}"
        return f"| {self.name} | {cuts} | {told} | {len(verdict.violations)} | {self.seconds:.0f} |"


HEAD = """| run | cut short by | requests | comments | changes | notices | sent twice | violations | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass
class Chaos:
    """The runs, with what they share."""

    databases: Databases
    folder: Path
    seed: int
    rows: list[Row] = field(default_factory=list)

    async def kills(self) -> None:
        """`kill -9` at named boundaries and at random moments."""
        for kind in KINDS:
            row, random = self._row(f"kill -9, {kind}"), self._random(f"kills {kind}")
            left = _setting("CHAOS_KILLS", 1000) // 2
            while left > 0:
                count = min(left, _setting("CHAOS_ROUND", 100))
                left -= count

                async def kill(nursery: Nursery, url: str, count: int = count, random: Random = random) -> Verdict:
                    verdict, died_at = await run_kills(nursery, self.folder, url, plan_kills(random, count))
                    row.cuts.update(died_at)  # noqa: B023 - awaited before the row changes
                    return verdict

                await self._on(kind, row, kill)

    async def restarts(self) -> None:
        """PostgreSQL killed and restarted."""
        storm = Storm(_setting("CHAOS_REQUESTS", 5000), _setting("CHAOS_CHATS", 50))
        row, random = self._row("PostgreSQL restarted"), self._random("restarts")

        async def restart(nursery: Nursery, url: str) -> Verdict:
            verdict, restarts = await run_restarts(nursery, self.folder, self.databases.server, url, storm, random)
            row.cuts["restarts"] += restarts
            return verdict

        await self._on("postgresql", row, restart)

    async def stops(self) -> None:
        """SIGTERM in a burst."""
        for kind in KINDS:
            server = self.databases.server if kind == "postgresql" else None
            troubles: list[Trouble] = ["", "slow Telegram", *(["no database"] if server else [])]
            row, random = self._row(f"SIGTERM, {kind}"), self._random(f"stops {kind}")
            wanted = random.choices(troubles, k=_setting("CHAOS_STOPS", 30))

            async def stop(nursery: Nursery, url: str) -> Verdict:
                verdict, stops = await run_stops(nursery, self.folder, url, wanted, random, server)  # noqa: B023
                for trouble, seconds in stops.seconds.items():
                    name = f"SIGTERM ({trouble or 'no trouble'}, {max(seconds):.1f} s at most)"
                    row.cuts[name] += len(seconds)  # noqa: B023
                return verdict

            await self._on(kind, row, stop)

    def _row(self, name: str) -> Row:
        self.rows.append(Row(name))
        return self.rows[-1]

    def _random(self, name: str) -> Random:
        return Random(f"{self.seed} {name}")  # noqa: S311 - to be repeated, not to be secret

    async def _on(self, kind: str, row: Row, run: Callable[[Nursery, str], Awaitable[Verdict]]) -> None:
        """Run on a fresh database and add what came out to the row."""
        started = time.monotonic()
        with self._database(kind) as url:
            async with Nursery(self.folder) as nursery:
                row.verdict += await run(nursery, url)
        row.seconds += time.monotonic() - started
        print(row, *row.verdict.violations, sep="\n", flush=True)

    @contextmanager
    def _database(self, kind: str) -> Iterator[str]:
        if kind == "postgresql":
            with self.databases.postgresql() as url:
                yield url
        else:
            yield self.databases.sqlite(Path(tempfile.mkdtemp(dir=self.folder)) / "zavhoz.db")


def _setting(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


async def _run(chaos: Chaos) -> None:
    for name in os.environ.get("CHAOS_RUNS", "kills,restarts,stops").split(","):
        await getattr(chaos, name)()


def main() -> int:
    """Run and print; return the exit code."""
    seed = _setting("CHAOS_SEED", int(time.time()))
    print(f"CHAOS_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="zavhoz-chaos-") as folder:
        databases = Databases(Path(folder), durable=True)
        chaos = Chaos(databases, Path(folder), seed)
        try:
            asyncio.run(_run(chaos))
        finally:
            databases.close()
    print(HEAD, *chaos.rows, sep="\n")
    broken = [violation for row in chaos.rows for violation in row.verdict.violations]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
