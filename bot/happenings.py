"""What was committed, told once to whoever counts and logs."""

from collections.abc import Iterable

import structlog

from bot.metrics import Metrics
from engine.happenings import Happening

log = structlog.get_logger(__name__)


class Happenings:
    """Is told after its commit what a unit of work led to; a unit that was undone, or seen before, tells nothing.

    What a process commits and dies before it tells is in the history of the request, and not here.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def tell(self, happened: Iterable[Happening]) -> None:
        """Count and log each: `request_created`, `request_transition` and their kin."""
        for each in happened:
            self._metrics.happened(each)
            kind = each.subject.kind
            log.info(f"{kind}_{each.name}", **{f"{kind}_id": each.subject.id}, user_id=each.actor, **each.facts)
