"""Guards: conditions that flows name."""

from typing import Literal

from engine.durations import Duration
from engine.hooks import Hooks, Parameters
from engine.running.context import Context


class Span(Parameters):
    """A span of time."""

    span: Duration


class Urgency(Parameters):
    """A priority."""

    priority: Literal["high", "medium", "low"]


def register(hooks: Hooks) -> None:
    """Register the guards."""
    hooks.guard("within")(within)
    hooks.guard("has_files")(has_files)
    hooks.guard("priority")(priority)


def within(context: Context, span: Span) -> bool:
    """Tell whether the request at hand was completed no longer ago than the span."""
    done = context.subject.row.completed_at if context.subject else None
    return done is not None and bool(context.now - done <= span.span)


def has_files(context: Context) -> bool:
    """Tell whether the request at hand has files of any kind."""
    return context.subject is not None and context.subject.files_count > 0


def priority(context: Context, urgency: Urgency) -> bool:
    """Tell whether the request at hand has the priority."""
    return context.subject is not None and bool(context.subject.row.priority == urgency.priority)
