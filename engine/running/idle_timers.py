"""Idle timers: branches that are taken when a person has said nothing for some time.

There are timers of the step and timers of an unfinished draft. A conversation stores since when each kind counts and
which of its timers have fired; when the next one is due is computed from that and from the flows, so that changed flows
apply at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.compiled import CompiledTimer
from engine.conversation import IdleTimer, pack, unpack
from engine.running.context import Context
from engine.running.migration import migrate
from engine.running.permissions import visible
from engine.running.taking import take

QUIET = timedelta(minutes=30)
"""A timer of the draft does not fire so soon after the person's last message or press, or after another timer."""


@dataclass(frozen=True, slots=True)
class _PendingTimer:
    """A timer, when it is due, and the idle period that it counts."""

    due_at: datetime
    timer: CompiledTimer
    idle: IdleTimer


def start_idle_timers(context: Context, before: Mapping[str, Any]) -> None:
    """Restart the idle timers after an event; those of the draft only where it is not as it was `before`."""
    conversation, now = context.conversation, _seconds(context)
    if not conversation.draft or not context.flows.draft:
        conversation.draft_idle = None
    elif conversation.draft_idle is None or conversation.draft != before:
        conversation.draft_idle = IdleTimer(now)
    counted = context.flows.steps[conversation.top.step].after or conversation.draft_idle
    conversation.idle = IdleTimer(now) if counted else None


def next_moment(context: Context) -> datetime | None:
    """Return when the next timer of the conversation is due, None where there is none."""
    return min((each.due_at for each in _pending_timers(context)), default=None)


def fire(context: Context) -> bool:
    """Fire the first timer that is due; return whether its branch was taken, so that the screen has to be redrawn.

    A branch that is closed now, or about a subject that the person may no longer see, is skipped for this idle period.
    """
    conversation = context.conversation
    first = min(_pending_timers(context), key=lambda each: each.due_at, default=None)
    if first is None or first.due_at > context.now:
        return False
    first.idle.since = int(first.due_at.timestamp())
    first.idle.passed.append(first.timer.trigger)
    if not _take_branch(context, first):
        return False
    for idle in filter(None, (first.idle, conversation.idle)):
        # The rest of the next timer's time counts from now: after a downtime in which both were due, they must not fire
        # at once.
        idle.since = _seconds(context)
    if not conversation.draft:
        conversation.draft_idle = None
    return True


def _take_branch(context: Context, pending: _PendingTimer) -> bool:
    conversation = context.conversation
    frames, suspended = pack(conversation.frames), conversation.suspended
    migrate(context)
    of_draft = pending.idle is conversation.draft_idle
    if (of_draft or visible(context)) and take(context, pending.timer.trigger):
        return True
    # Nothing is shown now, so the migration is undone: the next event repeats it, and tells the person.
    conversation.frames, conversation.suspended = unpack(frames), suspended
    return False


def _pending_timers(context: Context) -> Iterator[_PendingTimer]:
    """Yield the next timer of the step and the next one of the draft."""
    conversation = context.conversation
    step = context.flows.steps.get(conversation.top.step)
    if conversation.idle is None:
        return
    if step:
        yield from _next(context, conversation.idle, step.after)
    if conversation.draft_idle:
        quiet_until = _start_of(conversation.idle) + QUIET
        for each in _next(context, conversation.draft_idle, context.flows.draft):
            yield replace(each, due_at=max(each.due_at, quiet_until))


def _next(context: Context, idle: IdleTimer, timers: Sequence[CompiledTimer]) -> Iterator[_PendingTimer]:
    counted = timedelta()
    for timer in timers:
        if timer.trigger not in idle.passed:
            # `idle.since` moves on with each timer that fires, so only the difference of the spans is left to wait.
            yield _PendingTimer(context.calendars.dialogs.after(_start_of(idle), timer.span - counted), timer, idle)
            return
        counted = timer.span


def _start_of(idle: IdleTimer) -> datetime:
    return datetime.fromtimestamp(idle.since, UTC)


def _seconds(context: Context) -> int:
    return int(context.now.timestamp())
