"""Publish domain events after their commit, to the log and the metrics."""

from collections.abc import Iterable

import structlog

from bot.telemetry.metrics import Metrics
from engine.domain_events import REFUSAL, DomainEvent

log = structlog.get_logger(__name__)


class DomainEvents:
    """Publishes the domain events of a unit of work after its commit; one that was rolled back has none.

    Where a process dies between the commit and this, the event is in the history of the request, and not here.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def publish(self, events: Iterable[DomainEvent]) -> None:
        """Count and log each: `request_created`, `request_transition` and their kin, and what was `refused`."""
        for each in events:
            self._metrics.count_event(each)
            kind = each.subject.kind if each.subject else None
            subject = {f"{kind}_id": each.subject.id} if each.subject else {}
            name = each.name if each.name == REFUSAL else f"{kind}_{each.name}"
            log.info(name, **subject, user_id=each.actor, **each.facts)
