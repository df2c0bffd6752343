"""Metrics for Prometheus: names and labels by its conventions, every label with few values."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from platform import python_version

from aiogram.exceptions import TelegramRetryAfter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.telegram.calls import result_of
from engine.compiled import CompiledFlows
from engine.domain_events import CREATED, OUTCOMES, TRANSITION, DomainEvent
from storage.models.constants import Priority

HANDLING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
COMMITS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
PAUSES = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
LATENESS = (1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400)
"""Bounds of the histograms' buckets, in seconds."""
PROCESSED = ("handled", "set_aside", "unavailable")
"""Outcomes of an update."""
RELOADS = ("adopted", "refused", "unreadable")
"""Outcomes of a reload of the flows."""
FAILURES = ("retried", "given_up")
"""Outcomes of a timer that raised."""
UNDELIVERED = ("refused", "given_up", "unreadable")
"""Why a message or a screen is never delivered.

Telegram refuses it, it failed every time by a mistake of ours, or what is stored of it cannot be read.
"""

# When each series began is of no use to anybody, and `requests_created_created` would be the name of one.
disable_created_metrics()  # type: ignore[no-untyped-call] # the library says nothing of it


class Metrics:
    """The numbers of one bot, in a registry of its own: several bots may live in one process.

    Series whose labels are known begin at 0: Prometheus sees no increase in one that begins at 1.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        what = Gauge("build_info", "Always 1, for its labels", ("version", "python"), registry=self.registry)
        what.labels(version("zavhoz"), python_version()).set(1)
        self._created = self._counter("requests_created", "Requests filed", "priority")
        self._transitions = self._counter(
            "request_transitions",
            "Status transitions: done, refused, or late where somebody else's came first",
            "transition",
            "outcome",
        )
        self._updates = self._counter("updates", "Updates by kind and what became of them", "kind", "outcome")
        self._quarantined = self._counter("updates_set_aside", "Updates that failed every time", "reason")
        self._sends = self._counter("sends", "Calls that deliver, by Bot API method and result", "method", "result")
        self._undelivered = self._counter("undelivered", "Messages and screens that were given up, by why", "reason")
        self._reloads = self._counter("flow_reloads", "Flows read again, by what became of them", "outcome")
        self._in_force = Gauge(
            "flows_last_reload_ok", "1 where the flows in force are those that were read last", registry=self.registry
        )
        self._in_force.set(1)
        self._failures = self._counter("timer_failures", "Timers that raised, by what became of them", "outcome")
        self._handling = self._histogram(
            "update_handling_seconds", "From the arrival of an update to after its commit", HANDLING
        )
        self._commits = self._histogram("commit_seconds", "How long the database took to commit", COMMITS)
        self._pauses = self._histogram("retry_after_seconds", "Pauses that Telegram asked for with a 429", PAUSES)
        self._lateness = self._histogram("timer_lateness_seconds", "How late timers went off", LATENESS)
        self._begin(kinds)

    def _begin(self, kinds: Iterable[str]) -> None:
        for priority in Priority:
            self._created(priority.value)
        for kind in kinds:
            for outcome in PROCESSED:
                self._updates(kind, outcome)
        for outcome in RELOADS:
            self._reloads(outcome)
        for outcome in FAILURES:
            self._failures(outcome)
        for reason in UNDELIVERED:
            self._undelivered(reason)

    def expect(self, flows: CompiledFlows) -> None:
        """Begin the series of the status transitions that flows have."""
        for transition in (name for lifecycle in flows.lifecycles.values() for name in lifecycle.transitions):
            for outcome in OUTCOMES:
                self._transitions(transition, outcome)

    def count_event(self, event: DomainEvent) -> None:
        """Count a domain event that was committed."""
        facts = event.facts
        if event.name == CREATED:
            self._created(facts["priority"]).inc()
        elif event.name == TRANSITION:
            self._transitions(facts["transition"], facts["outcome"]).inc()

    def processed(self, kind: str, outcome: str) -> None:
        """Count an update; `kind` is its field in the Bot API's Update, `outcome` is in `PROCESSED`."""
        self._updates(kind, outcome).inc()

    def took(self, seconds: float) -> None:
        """Observe the time from the arrival of an update until it was handled or quarantined."""
        self._handling.observe(seconds)

    def committed(self, seconds: float) -> None:
        """Observe the time of a commit; to be called from any thread."""
        self._commits.observe(seconds)

    def quarantined(self, reason: str) -> None:
        """Count an update that was quarantined; `reason` is the class of the error."""
        self._quarantined(reason).inc()

    def reloaded(self, outcome: str) -> None:
        """Count a reload of the flows; `outcome` is in `RELOADS`."""
        self._reloads(outcome).inc()
        self._in_force.set(outcome == "adopted")

    def fired(self, late: float) -> None:
        """Observe by how many seconds a timer fired late."""
        self._lateness.observe(late)

    def timer_failed(self, outcome: str) -> None:
        """Count a timer that raised; `outcome` is in `FAILURES`."""
        self._failures(outcome).inc()

    def sent(self, method: str) -> None:
        """Count a call that delivered something."""
        self._sends(method, "ok").inc()

    def not_sent(self, method: str, error: Exception) -> None:
        """Count a call that failed to deliver something, and observe the pause that Telegram asks for where it does."""
        self._sends(method, result_of(error)).inc()
        if isinstance(error, TelegramRetryAfter):
            self._pauses.observe(error.retry_after)

    def undelivered(self, reason: str) -> None:
        """Count a message or a screen that was given up; `reason` is in `UNDELIVERED`."""
        self._undelivered(reason).inc()

    def text(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Callable[..., Counter]:
        """Return a function from the values of a counter's labels to its series."""
        # Cached: the library takes a lock and compares all labels each time a series is looked up.
        return cache(Counter(name, words, labels, registry=self.registry).labels)

    def _histogram(self, name: str, words: str, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(name, words, buckets=bounds, registry=self.registry)
