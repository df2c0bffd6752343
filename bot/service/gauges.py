"""Gauges for Prometheus, read from the database at each scrape: counted along, they would drift from it."""

import math
from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from bot.service.health import Check
from storage.outbox.backlog import Backlog


class Gauges:
    """The gauges of one bot; NaN, or no series, where the database cannot be reached.

    Processes that share a database show the same of it: aggregate them with `max`, not with `sum`.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(name, words, labels, registry=registry)

        self._waiting = gauge("outbox_waiting", "Messages that are due and not sent yet")
        self._oldest = gauge("outbox_oldest_seconds", "How long the oldest of them has been due")
        self._overdue = gauge("timers_overdue_seconds", "How long the oldest timer that has not fired has been due")
        self._dead = gauge("dead_letters", "Messages in the outbox that were given up")
        self._poisonous = gauge("poisonous_updates", "Updates in quarantine")
        self._unfinished = gauge("requests_unfinished", "Requests that are not finished yet", "status", "priority")
        self._checks = gauge("health_check_ok", "The checks of /readyz: 1 where all is well", "check")

    def show(self, backlog: Backlog | None, checks: Mapping[str, Check]) -> None:
        """Set the gauges from what the database holds, None where it cannot be reached, and from the checks by name."""
        self._waiting.set(backlog.waiting if backlog else math.nan)
        self._oldest.set(_age(backlog, backlog.oldest_at) if backlog else math.nan)
        self._overdue.set(_age(backlog, backlog.timer_at) if backlog else math.nan)
        self._dead.set(backlog.dead if backlog else math.nan)
        self._poisonous.set(backlog.quarantined if backlog else math.nan)
        self._unfinished.clear()
        for (status, priority), count in backlog.unfinished.items() if backlog else ():
            self._unfinished.labels(status, priority).set(count)
        for name, check in checks.items():
            self._checks.labels(name).set(check.ok)


def _age(backlog: Backlog, moment: datetime | None) -> float:
    return max(0.0, (backlog.now - moment).total_seconds()) if moment else 0.0
