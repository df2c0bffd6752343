"""Health checks: what `/readyz` says, and what the gauges of `/metrics` show."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.flow_versions.current import FlowVersions
from bot.telegram.connectivity import LONGEST_IDLE, Connectivity
from bot.telegram.failure_logging import log_failure
from storage.database.migrate import newest
from storage.database.runner import Runner
from storage.outbox import backlog
from storage.outbox.backlog import Backlog

FRESH = 1.0
"""Seconds for which one reading of the database serves every call."""
PATIENCE = 2.0
"""Seconds after which a database that does not answer counts as out of reach."""
OVERDUE = 120.0
"""Seconds after which a message that no process has leased shows that the delivery is stuck."""

HANGS = f"it does not answer within {PATIENCE:.0f} s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one thing is as it should be, and the reason in words."""

    ok: bool
    reason: str


class Health:
    """Checks the database, the flows and Telegram; the database once a second at most, however often it is called."""

    def __init__(
        self,
        runner: Runner,
        bot_id: int,
        flow_versions: FlowVersions,
        connectivity: Connectivity,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner = runner
        self._bot_id = bot_id
        self._flow_versions = flow_versions
        self._connectivity = connectivity
        self._now = now
        self._newest = newest()
        self._reading: asyncio.Task[Backlog | None] | None = None
        self._read_at = 0.0
        self._unreachable = HANGS

    async def checks(self) -> dict[str, Check]:
        """Return every check by its name."""
        backlog = await self.inspect()
        return {
            "database": Check(True, "it answers") if backlog else Check(False, self._unreachable),
            "migrations": self._migrations(backlog),
            "flows": self._flows(),
            "telegram": self._telegram(),
            "outbox": _outbox(backlog),
        }

    async def inspect(self) -> Backlog | None:
        """Return what the database held a second ago at most; None where it cannot be reached."""
        if self._reading is None or (self._reading.done() and self._now() - self._read_at > FRESH):
            # One at a time: on a database that hangs, units of work must not pile up.
            self._read_at = self._now()
            self._reading = asyncio.create_task(self._inspect())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._reading)
        except TimeoutError:
            return None

    async def _inspect(self) -> Backlog | None:
        self._unreachable = HANGS
        try:
            return await self._runner.run(partial(backlog.inspect, bot_id=self._bot_id))
        except Exception as error:
            self._unreachable = f"it does not answer: {type(error.__cause__ or error).__name__}"
            log_failure(log, "database_not_looked_at", error)
            return None

    def _migrations(self, backlog: Backlog | None) -> Check:
        if backlog is None:
            return Check(False, "not known without the database")
        if backlog.revision == self._newest:
            return Check(True, f"at {backlog.revision}, the newest")
        return Check(False, f"at {backlog.revision}, the newest is {self._newest}")

    def _flows(self) -> Check:
        versions = self._flow_versions.flows.versions
        listed = ", ".join(f"{flow} {version}" for flow, version in versions.items())
        # Ready all the same: the older ones work, and a restart would not make the newer ones right.
        return Check(bool(versions), listed if self._flow_versions.is_newest else f"{listed}; newer ones were refused")

    def _telegram(self) -> Check:
        idle = self._connectivity.since_heard
        if idle is None:
            return Check(False, "not heard yet")
        if self._connectivity.webhook_error:
            return Check(False, f"it cannot bring updates: {self._connectivity.webhook_error}")
        return Check(idle < LONGEST_IDLE, f"heard {idle:.0f} s ago")


def _outbox(backlog: Backlog | None) -> Check:
    if backlog is None:
        return Check(False, "not known without the database")
    overdue = (backlog.now - backlog.due_at).total_seconds() if backlog.due_at else 0
    return Check(overdue < OVERDUE, f"{backlog.waiting} waiting, overdue for {max(0, overdue):.0f} s")
