"""What a running bot counts, for Prometheus."""

from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    generate_latest,
)

from engine.happenings import CREATED, TRANSITION, Happening

# When each series began is of no use to anybody, and `requests_created_created` would be the name of one.
disable_created_metrics()  # type: ignore[no-untyped-call] # the library says nothing of it


class Metrics:
    """The numbers of one bot, in a registry of its own: several bots may live in one process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._created = Counter(
            "requests_created", "Requests filed, by priority", ["priority"], registry=self._registry
        )
        self._transitions = Counter(
            "request_transitions",
            "Status transitions by what became of them: done, refused, or late where another one came first",
            ["transition", "outcome"],
            registry=self._registry,
        )
        self._updates = Counter(
            "updates", "Updates by their kind and what became of them", ["kind", "outcome"], registry=self._registry
        )
        self._set_aside = Counter(
            "updates_set_aside", "Updates that failed every time", ["reason"], registry=self._registry
        )
        sends = Counter(
            "sends", "Calls that deliver, by Bot API method and result", ["method", "result"], registry=self._registry
        )
        # The library locks and compares labels each time it is asked for the one number behind them.
        self._sends = cache(sends.labels)
        self._waiting = Gauge("outbox_waiting", "Messages that may go and have not gone yet", registry=self._registry)
        self._oldest = Gauge("outbox_oldest_seconds", "How long the oldest of them may go", registry=self._registry)
        self._reloads = Counter(
            "flow_reloads", "Flows read again, by what became of them", ["outcome"], registry=self._registry
        )

    def happened(self, happening: Happening) -> None:
        """Count what happened to a request and was committed."""
        facts = happening.facts
        if happening.name == CREATED:
            self._created.labels(facts["priority"]).inc()
        elif happening.name == TRANSITION:
            self._transitions.labels(facts["transition"], facts["outcome"]).inc()

    def fed(self, kind: str, outcome: str) -> None:
        """Count an update that was fed in; `kind` is its field in the Bot API's Update."""
        self._updates.labels(kind, outcome).inc()

    def set_aside(self, reason: str) -> None:
        """Count an update that was set aside; `reason` is the class of what it raised."""
        self._set_aside.labels(reason).inc()

    def reloaded(self, outcome: str) -> None:
        """Count a try to read the flows again: they were adopted or refused, or could not be read."""
        self._reloads.labels(outcome).inc()

    def sent(self, method: str, result: str) -> None:
        """Count a call that delivers something; `result` is a word for what became of it."""
        self._sends(method, result).inc()

    def outbox(self, waiting: float, oldest: float) -> None:
        """Show how many messages wait and for how many seconds the oldest does; NaN where nobody knows."""
        self._waiting.set(waiting)
        self._oldest.set(oldest)

    def text(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        return generate_latest(self._registry)
