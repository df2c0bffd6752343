"""What was committed, told once to whoever counts and logs."""

from collections.abc import Iterable

import structlog

from bot.telemetry.metrics import Metrics
from engine.domain_events import REFUSAL, DomainEvent

log = structlog.get_logger(__name__)


class DomainEvents:
    """Is told after its commit what a unit of work led to; a unit that was undone, or seen before, tells nothing.

    What a process commits and dies before it tells is in the history of the request, and not here.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def publish(self, events: Iterable[DomainEvent]) -> None:
        """Count and log each: `request_created`, `request_transition` and their kin, and what was `refused`."""
        for each in events:
            self._metrics.count_event(each)
            kind = each.subject.kind if each.subject else None
            about = {f"{kind}_id": each.subject.id} if each.subject else {}
            name = each.name if each.name == REFUSAL else f"{kind}_{each.name}"
            log.info(name, **about, user_id=each.actor, **each.facts)
