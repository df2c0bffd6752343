"""What time does in a conversation in which nothing is heard: a step's timers, and those of an unfinished draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.compiled import CompiledTimer
from engine.conversation import Silence, pack, unpack
from engine.running.branches import take
from engine.running.context import Context
from engine.running.migration import settle
from engine.running.permissions import visible

QUIET = timedelta(minutes=30)
"""Nobody is reminded of a draft so soon after a word or press of theirs, or after another timer went off."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A timer, when it goes off, and the silence that it counts."""

    moment: datetime
    timer: CompiledTimer
    silence: Silence


def begin_silence(context: Context, before: Mapping[str, Any]) -> None:
    """Count anew after something was heard; the draft's time only where it is not as it was `before`."""
    conversation, now = context.conversation, _seconds(context)
    if not conversation.draft or not context.flows.draft:
        conversation.draft_silence = None
    elif conversation.draft_silence is None or conversation.draft != before:
        conversation.draft_silence = Silence(now)
    counted = context.flows.steps[conversation.top.step].after or conversation.draft_silence
    conversation.silence = Silence(now) if counted else None


def next_moment(context: Context) -> datetime | None:
    """Return when the next timer of the conversation goes off, None where there is none."""
    return min((each.moment for each in _waiting(context)), default=None)


def go_off(context: Context) -> bool:
    """Let the first timer go off that is due; return whether its way was taken, and the screen is to be drawn.

    A way that is closed now, or about what the person may no longer see, is passed over for this silence.
    """
    conversation = context.conversation
    first = min(_waiting(context), key=lambda each: each.moment, default=None)
    if first is None or first.moment > context.now:
        return False
    first.silence.since = int(first.moment.timestamp())
    first.silence.passed.append(first.timer.trigger)
    if not _taken(context, first):
        return False
    for silence in filter(None, (first.silence, conversation.silence)):
        # What is left of the next one's time counts from here: who slept through both is not told both at once.
        silence.since = _seconds(context)
    if not conversation.draft:
        conversation.draft_silence = None
    return True


def _taken(context: Context, waiting: _Waiting) -> bool:
    conversation = context.conversation
    frames, aside = pack(conversation.frames), conversation.aside
    settle(context)
    of_draft = waiting.silence is conversation.draft_silence
    if (of_draft or visible(context)) and take(context, waiting.timer.trigger):
        return True
    # Nothing is shown now: whoever stands in a removed step is brought on, and told, when they are next heard.
    conversation.frames, conversation.aside = unpack(frames), aside
    return False


def _waiting(context: Context) -> Iterator[_Waiting]:
    """Go through the next timer of the step and the next one of the draft."""
    conversation = context.conversation
    step = context.flows.steps.get(conversation.top.step)
    if conversation.silence is None:
        return
    if step:
        yield from _next(context, conversation.silence, step.after)
    if conversation.draft_silence:
        quiet_until = _moment(conversation.silence) + QUIET
        for each in _next(context, conversation.draft_silence, context.flows.draft):
            yield replace(each, moment=max(each.moment, quiet_until))


def _next(context: Context, silence: Silence, timers: Sequence[CompiledTimer]) -> Iterator[_Waiting]:
    counted = timedelta()
    for timer in timers:
        if timer.trigger not in silence.passed:
            yield _Waiting(context.calendar.after(_moment(silence), timer.span - counted), timer, silence)
            return
        counted = timer.span


def _moment(silence: Silence) -> datetime:
    return datetime.fromtimestamp(silence.since, UTC)


def _seconds(context: Context) -> int:
    return int(context.now.timestamp())
