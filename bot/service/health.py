"""How the bot is: what `/readyz` says, and what the gauges of `/metrics` show."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.flow_versions.current import FlowVersions
from bot.telegram.contact import LONGEST_SILENCE, Contact
from bot.telegram.failures import log_failure
from storage.database.migrate import newest
from storage.database.runner import Runner
from storage.outbox import backlog
from storage.outbox.backlog import Backlog

FRESH = 1.0
"""Seconds for which one look at the database serves everybody who asks."""
PATIENCE = 2.0
"""Seconds after which a database that does not answer counts as out of reach."""
OVERDUE = 120.0
"""Seconds after which a message that nobody takes for sending shows that the delivery is stuck."""

HANGS = f"it does not answer within {PATIENCE:.0f} s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one thing is as it should be, and the reason in words."""

    ok: bool
    reason: str


class Health:
    """Looks at the database, the flows and Telegram; however often it is asked, it looks once a second."""

    def __init__(
        self,
        runner: Runner,
        bot_id: int,
        flow_versions: FlowVersions,
        contact: Contact,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner = runner
        self._bot_id = bot_id
        self._flow_versions = flow_versions
        self._contact = contact
        self._now = now
        self._newest = newest()
        self._looking: asyncio.Task[Backlog | None] | None = None
        self._looked_at = 0.0
        self._silent = HANGS

    async def checks(self) -> dict[str, Check]:
        """Return every check by its name."""
        backlog = await self.inspect()
        return {
            "database": Check(True, "it answers") if backlog else Check(False, self._silent),
            "migrations": self._migrations(backlog),
            "flows": self._flows(),
            "telegram": self._telegram(),
            "outbox": _outbox(backlog),
        }

    async def inspect(self) -> Backlog | None:
        """Return what the last look at the database saw, a second ago at most; None where it cannot be reached."""
        if self._looking is None or (self._looking.done() and self._now() - self._looked_at > FRESH):
            # One at a time: a database that hangs must not be asked by more and more units.
            self._looked_at = self._now()
            self._looking = asyncio.create_task(self._inspect())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._looking)
        except TimeoutError:
            return None

    async def _inspect(self) -> Backlog | None:
        self._silent = HANGS
        try:
            return await self._runner.run(partial(backlog.inspect, bot_id=self._bot_id))
        except Exception as error:
            self._silent = f"it does not answer: {type(error.__cause__ or error).__name__}"
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
        # The bot is well without the newer ones: nothing is to be restarted, or taken out of a balancer, for them.
        return Check(bool(versions), listed if self._flow_versions.is_newest else f"{listed}; newer ones were refused")

    def _telegram(self) -> Check:
        silence = self._contact.silence
        if silence is None:
            return Check(False, "not heard yet")
        if self._contact.trouble:
            return Check(False, f"it cannot bring updates: {self._contact.trouble}")
        return Check(silence < LONGEST_SILENCE, f"heard {silence:.0f} s ago")


def _outbox(backlog: Backlog | None) -> Check:
    if backlog is None:
        return Check(False, "not known without the database")
    overdue = (backlog.now - backlog.due_at).total_seconds() if backlog.due_at else 0
    return Check(overdue < OVERDUE, f"{backlog.waiting} waiting, overdue for {max(0, overdue):.0f} s")
