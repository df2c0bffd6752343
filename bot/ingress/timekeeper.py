"""Timers: find those that are due, and fire each in a unit of work of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.delivery.delivery import Delivery
from bot.flow_versions.current import FlowVersions
from bot.handlers.update_handler import Handled
from bot.telegram.failure_logging import log_failure
from bot.telemetry.domain_events import DomainEvents
from bot.telemetry.log_context import LogContext
from bot.telemetry.metrics import Metrics
from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.dialogs import conversations, timers
from storage.dialogs.timers import MOST_TRIES, TimerRow

BATCH = 50
"""Conversations, and deadlines, selected at a time."""
SOONEST = 0.5
"""Seconds between two polls at least: what is due and was not fired is locked by another process for a moment."""
IDLE = 5.0
"""Seconds between two polls at most: a timer that was set meanwhile fires as late as that."""
FIRST_PAUSE = timedelta(seconds=15)
"""Until a timer that raised is retried; four times as long before each further attempt."""

Work = Callable[[Transaction], Handled | None]
Fail = Callable[..., int | None]
"""Postpones a timer that raised for a `reason`; returns the number of attempts, None where it is no longer due."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now: ids of conversations, and deadlines; `next_at` is when something is due next, or since when."""

    conversations: list[int]
    deadlines: list[TimerRow]
    next_at: datetime | None
    now: datetime


class Timekeeper:
    """Fires what is due, one after the other; what fails is retried later and delays nothing else."""

    def __init__(
        self,
        bot_id: int,
        runner: Runner,
        flow_versions: FlowVersions,
        delivery: Delivery,
        domain_events: DomainEvents,
        metrics: Metrics,
    ) -> None:
        self._bot_id = bot_id
        self._runner = runner
        self._flow_versions = flow_versions
        self._delivery = delivery
        self._domain_events = domain_events
        self._metrics = metrics
        self._working: asyncio.Future[bool] | None = None

    async def run(self) -> None:
        """Poll and fire until cancelled; a unit of work that has begun then ends, see `drain`."""
        while True:
            pause = IDLE
            try:
                due = await self._poll()
                pause = 0 if await self._fire(due) else _pause(due)
            except Exception as error:
                log_failure(log, "timekeeper_waits", error)
            await asyncio.sleep(pause)

    async def flush(self) -> None:
        """Fire everything that is due now, and what becomes due by it."""
        while await self._fire(await self._poll()):
            pass

    async def drain(self) -> None:
        """Wait for the unit of work under way. To be called after `run`."""
        if self._working:
            await asyncio.gather(self._working, return_exceptions=True)

    async def _poll(self) -> Due:
        return await self._runner.run(self._due)

    def _due(self, tx: Transaction) -> Due:
        return Due(
            timers.due_conversations(tx, self._bot_id, BATCH),
            timers.due(tx, BATCH),
            timers.next_due_at(tx, self._bot_id),
            tx.now,
        )

    async def _fire(self, due: Due) -> int:
        """Fire each timer that is due; return how many have fired."""
        fired = 0
        for conversation_id in due.conversations:
            work = partial(self._flow_versions.handler.elapse, conversation_id=conversation_id)
            fired += await self._to_the_end(work, partial(_postpone, conversation_id), conversation_id=conversation_id)
        for deadline in due.deadlines:
            work = partial(self._flow_versions.handler.expire, due=deadline)
            fired += await self._to_the_end(work, partial(_mark_failed, deadline), **_named(deadline))
        return fired

    async def _to_the_end(self, work: Work, fail: Fail, **what: str | int) -> bool:
        """Run a unit of work, with all that follows its commit, even when the caller is cancelled.

        Otherwise a screen that was just committed and leased would wait for the end of its lease. `what` names the
        timer in the log.
        """
        self._working = asyncio.ensure_future(self._one(work, fail, what))
        return await asyncio.shield(self._working)

    async def _one(self, work: Work, fail: Fail, what: dict[str, str | int]) -> bool:
        with LogContext():
            try:
                handled = await self._runner.run(work)
            except StorageUnavailable:
                raise
            except Exception as error:
                postpone = partial(fail, reason=type(error).__name__)
                self._report(error, await self._runner.run(postpone), what)
                return False
            if handled is None:
                return False
            log.info("timer_went_off", **what)
            self._metrics.fired(handled.late.total_seconds())
            self._domain_events.publish(handled.domain_events)
            if handled.screen:
                self._delivery.show(handled.screen)
        return True

    def _report(self, error: Exception, tries: int | None, what: dict[str, str | int]) -> None:
        reason = type(error).__name__
        if tries is None:
            return
        if tries < MOST_TRIES:
            log.warning("timer_failed", reason=reason, tries=tries, **what)
        else:
            log.error("timer_given_up", reason=reason, tries=tries, exc_info=error, **what)
        self._metrics.timer_failed("retried" if tries < MOST_TRIES else "given_up")


def _named(deadline: TimerRow) -> dict[str, str | int]:
    return {"subject_kind": deadline.subject_kind, "subject_id": deadline.subject_id, "timer": deadline.name}


def _postpone(conversation_id: int, tx: Transaction, reason: str) -> int | None:
    """Retry a conversation's timer later; the count of attempts is gone with the next event, which sets a new timer."""
    stored = conversations.load_due(tx, conversation_id)
    if stored is None:
        return None
    tries: int = stored.state.get("timer_tries", 0) + 1
    stored.state = {**stored.state, "timer_tries": tries}
    stored.timer_at = _retry_at(tx, tries)
    conversations.save(tx, stored)
    return tries


def _mark_failed(due: TimerRow, tx: Transaction, reason: str) -> int:
    tries = due.tries + 1
    timers.mark_failed(tx, due.id, reason, tx.now + _backoff(tries))
    return tries


def _retry_at(tx: Transaction, tries: int) -> datetime | None:
    return tx.now + _backoff(tries) if tries < MOST_TRIES else None


def _backoff(tries: int) -> timedelta:
    return FIRST_PAUSE * float(4 ** (tries - 1))


def _pause(due: Due) -> float:
    if due.next_at is None:
        return IDLE
    return min(IDLE, max(SOONEST, (due.next_at - due.now).total_seconds()))
