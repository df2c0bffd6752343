"""Guards: conditions that flows name."""

from typing import Literal

from bot.handlers.work import Work
from bot.helpdesk.hooks.request_port import RequestSubject
from engine.durations import Duration
from engine.hooks.context import HookContext
from engine.hooks.declarations import Parameters
from engine.hooks.registry import Hooks
from storage.records.requests import KIND


class Span(Parameters):
    """A span of time."""

    span: Duration


class Urgency(Parameters):
    """A priority."""

    priority: Literal["high", "medium", "low"]


def register(hooks: Hooks) -> None:
    """Register the guards."""
    hooks.guard("within", about=KIND)(within)
    hooks.guard("has_files", about=KIND)(has_files)
    hooks.guard("priority", about=KIND)(priority)


def within(context: HookContext[Work], subject: RequestSubject, span: Span) -> bool:
    """Return whether the request at hand was completed no longer ago than the span."""
    done = subject.row.completed_at
    return done is not None and context.now - done <= span.span


def has_files(subject: RequestSubject) -> bool:
    """Return whether the request at hand has files of any kind."""
    return subject.files_count > 0


def priority(subject: RequestSubject, urgency: Urgency) -> bool:
    """Return whether the request at hand has the priority."""
    return subject.row.priority == urgency.priority
