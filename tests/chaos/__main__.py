"""`make chaos`: the long runs, a table of what happened; exits with 1 when a promise was broken.

CHAOS_RUNS      which runs, with commas between them: kills, restarts, workers, stops (default: all)
CHAOS_DATABASES for kills and stops: sqlite, postgresql, or both (default: both)
CHAOS_SEED      what the random choices come from (default: the time; printed)
CHAOS_KILLS     kills on each database (default: 500)
CHAOS_ROUND     kills of one stand and database, after which people and database are judged (default: 100)
CHAOS_REQUESTS  requests filed while PostgreSQL is killed and restarted (default: 5000)
CHAOS_CHATS     chats they come from (default: 50)
CHAOS_MINUTES   minutes after which no more requests are begun, however few they are (default: a day)
CHAOS_DESPAIR   seconds after which somebody who gets nowhere counts as stuck (default: 120); on a machine with much
                other work, where a start takes ten, more
CHAOS_WORKERS   kills of one of two workers behind a webhook (default: 100)
CHAOS_STOPS     SIGTERMs on each database (default: 30)
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.chaos.kills import plan_kills, run_kills
from tests.chaos.processes import Nursery
from tests.chaos.restarts import Storm, run_restarts
from tests.chaos.stops import run_stops
from tests.chaos.verdict import Verdict
from tests.chaos.workers import run_workers
from tests.databases import Databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.stops import Trouble

Run = Callable[[Nursery, Path, str], Awaitable[Verdict]]
"""One run on a fresh database: who bears the processes, a folder, the database's URL."""
DATABASES = os.environ.get("CHAOS_DATABASES", "sqlite,postgresql").split(",")
COUNTED = ("requests", "comments", "changes", "notices", "sent twice")
HEAD = f"| run | cut short by | {' | '.join(COUNTED)} | slowest stop | violations | seconds |"


@dataclass
class Row:
    """One line of the table."""

    name: str
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0

    def __str__(self) -> str:
        verdict = self.verdict
        cuts = ", ".join(f"{count} {name}" for name, count in sorted(verdict.cuts.items()))
        counts = " | ".join(str(verdict.counts[name]) for name in COUNTED)
        stop = f"{verdict.slowest_stop:.1f} s"
        return f"| {self.name} | {cuts} | {counts} | {stop} | {len(verdict.violations)} | {self.seconds:.0f} |"


@dataclass
class Chaos:
    """The runs, with what they share."""

    databases: Databases
    folder: Path
    seed: int
    rows: list[Row] = field(default_factory=list)

    def kills(self) -> None:
        """`kill -9` at named boundaries and at random moments."""
        for kind in DATABASES:
            row, random = self._begin(f"kill -9, {kind}")
            kills = plan_kills(random, _setting("CHAOS_KILLS", 500))
            size = _setting("CHAOS_ROUND", 100)
            for start in range(0, len(kills), size):
                self._on(kind, row, partial(run_kills, kills=kills[start : start + size]))

    def restarts(self) -> None:
        """PostgreSQL killed and restarted."""
        lasts = 60.0 * _setting("CHAOS_MINUTES", 24 * 60)
        storm = Storm(_setting("CHAOS_REQUESTS", 5000), _setting("CHAOS_CHATS", 50), lasts=lasts)
        row, random = self._begin("PostgreSQL restarted")
        run = partial(run_restarts, server=self.databases.server, storm=storm, random=random)
        self._on("postgresql", row, run)

    def workers(self) -> None:
        """`kill -9` of one of two workers behind a webhook."""
        row, random = self._begin("webhook, two workers")
        self._on("postgresql", row, partial(run_workers, kills=_setting("CHAOS_WORKERS", 100), random=random))

    def stops(self) -> None:
        """SIGTERM in a burst."""
        for kind in DATABASES:
            server = self.databases.server if kind == "postgresql" else None
            row, random = self._begin(f"SIGTERM, {kind}")
            kinds: list[Trouble] = ["SIGTERM", "slow Telegram", *(["no database"] if server else [])]
            troubles = random.choices(kinds, k=_setting("CHAOS_STOPS", 30))
            self._on(kind, row, partial(run_stops, troubles=troubles, random=random, server=server))

    def _begin(self, name: str) -> tuple[Row, Random]:
        """Add a row; return it with random choices that do not depend on the other runs."""
        self.rows.append(Row(name))
        return self.rows[-1], Random(f"{self.seed} {name}")  # noqa: S311 - to be repeated, not to be secret

    def _on(self, kind: str, row: Row, run: Run) -> None:
        """Run on a fresh database and add what came out to the row."""
        started = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="zavhoz-chaos-"))
        with self._database(kind) as url:
            verdict = asyncio.run(_born(run, folder, url))
        row.verdict += verdict
        row.seconds += time.monotonic() - started
        print(row, *verdict.violations, sep="\n", flush=True)
        if verdict.violations:
            print(f"the logs and everybody's chats are in {folder}", flush=True)
        else:
            shutil.rmtree(folder)

    @contextmanager
    def _database(self, kind: str) -> Iterator[str]:
        if kind == "postgresql":
            with self.databases.postgresql() as url:
                yield url
        else:
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                yield self.databases.sqlite(Path(folder) / "zavhoz.db")


def _setting(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


async def _born(run: Run, folder: Path, url: str) -> Verdict:
    async with Nursery(folder) as nursery:
        return await run(nursery, folder, url)


def main() -> int:
    """Run and print; return the exit code."""
    seed = _setting("CHAOS_SEED", int(time.time()))
    print(f"CHAOS_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="zavhoz-chaos-") as folder:
        databases = Databases(Path(folder), durable=True)
        chaos = Chaos(databases, Path(folder), seed)
        try:
            for name in os.environ.get("CHAOS_RUNS", "kills,restarts,workers,stops").split(","):
                getattr(chaos, name)()
        finally:
            databases.close()
    print("", HEAD, "| --- " * (HEAD.count("|") - 1) + "|", *chaos.rows, sep="\n")
    return 1 if any(row.verdict.violations for row in chaos.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
