"""What time does in a conversation in which nothing is heard: a step's timers, and those of an unfinished draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.compiled import CompiledTimer
from engine.conversation import IdleTimer, pack, unpack
from engine.running.taking import take
from engine.running.context import Context
from engine.running.migration import migrate
from engine.running.permissions import visible

QUIET = timedelta(minutes=30)
"""Nobody is reminded of a draft so soon after a word or press of theirs, or after another timer went off."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A timer, when it goes off, and the silence that it counts."""

    moment: datetime
    timer: CompiledTimer
    idle: IdleTimer


def start_idle_timers(context: Context, before: Mapping[str, Any]) -> None:
    """Count anew after something was heard; the draft's time only where it is not as it was `before`."""
    conversation, now = context.conversation, _seconds(context)
    if not conversation.draft or not context.flows.draft:
        conversation.draft_idle = None
    elif conversation.draft_idle is None or conversation.draft != before:
        conversation.draft_idle = IdleTimer(now)
    counted = context.flows.steps[conversation.top.step].after or conversation.draft_idle
    conversation.idle = IdleTimer(now) if counted else None


def next_moment(context: Context) -> datetime | None:
    """Return when the next timer of the conversation goes off, None where there is none."""
    return min((each.moment for each in _waiting(context)), default=None)


def fire(context: Context) -> bool:
    """Let the first timer go off that is due; return whether its way was taken, and the screen is to be drawn.

    A way that is closed now, or about what the person may no longer see, is passed over for this silence.
    """
    conversation = context.conversation
    first = min(_waiting(context), key=lambda each: each.moment, default=None)
    if first is None or first.moment > context.now:
        return False
    first.idle.since = int(first.moment.timestamp())
    first.idle.passed.append(first.timer.trigger)
    if not _select(context, first):
        return False
    for idle in filter(None, (first.idle, conversation.idle)):
        # What is left of the next one's time counts from here: who slept through both is not told both at once.
        idle.since = _seconds(context)
    if not conversation.draft:
        conversation.draft_idle = None
    return True


def _select(context: Context, waiting: _Waiting) -> bool:
    conversation = context.conversation
    frames, suspended = pack(conversation.frames), conversation.suspended
    migrate(context)
    of_draft = waiting.idle is conversation.draft_idle
    if (of_draft or visible(context)) and take(context, waiting.timer.trigger):
        return True
    # Nothing is shown now: whoever stands in a removed step is brought on, and told, when they are next heard.
    conversation.frames, conversation.suspended = unpack(frames), suspended
    return False


def _waiting(context: Context) -> Iterator[_Waiting]:
    """Go through the next timer of the step and the next one of the draft."""
    conversation = context.conversation
    step = context.flows.steps.get(conversation.top.step)
    if conversation.idle is None:
        return
    if step:
        yield from _next(context, conversation.idle, step.after)
    if conversation.draft_idle:
        quiet_until = _moment(conversation.idle) + QUIET
        for each in _next(context, conversation.draft_idle, context.flows.draft):
            yield replace(each, moment=max(each.moment, quiet_until))


def _next(context: Context, idle: IdleTimer, timers: Sequence[CompiledTimer]) -> Iterator[_Waiting]:
    counted = timedelta()
    for timer in timers:
        if timer.trigger not in idle.passed:
            yield _Waiting(context.calendar.after(_moment(idle), timer.span - counted), timer, idle)
            return
        counted = timer.span


def _moment(idle: IdleTimer) -> datetime:
    return datetime.fromtimestamp(idle.since, UTC)


def _seconds(context: Context) -> int:
    return int(context.now.timestamp())
