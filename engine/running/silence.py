"""What time does in a conversation in which nothing is heard: a step's timers, and those of an unfinished draft."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.compiled import CompiledTimer
from engine.conversation import Silence, pack, unpack
from engine.running.context import Context
from engine.running.life import visible
from engine.running.settling import settle
from engine.running.ways import take

QUIET = timedelta(minutes=30)
"""Nobody is reminded of a draft so soon after a word or press of theirs, or after another timer went off."""


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
    return min((moment for moment, _ in _waiting(context)), default=None)


def go_off(context: Context) -> bool:
    """Let the first timer go off that is due; return whether its way was taken, and the screen is to be drawn.

    A way that is closed now, or about what the person may no longer see, is passed over for this silence.
    """
    moment, timer = min(_waiting(context), key=lambda each: each[0], default=(None, None))
    if timer is None or moment is None or moment > context.now:
        return False
    conversation = context.conversation
    of_draft = timer in context.flows.draft
    counted = conversation.draft_silence if of_draft else conversation.silence
    if counted:
        counted.since = int(moment.timestamp())
        counted.passed.append(timer.trigger)
    frames, aside = pack(conversation.frames), conversation.aside
    settle(context)
    if not (of_draft or visible(context)) or take(context, timer.trigger) is None:
        # Nothing is shown now: whoever stands in a removed step is brought on, and told, when they are next heard.
        conversation.frames, conversation.aside = unpack(frames), aside
        return False
    for each in filter(None, (counted, conversation.silence)):
        # What is left of the next one's time counts from here: who slept through both is not told both at once.
        each.since = _seconds(context)
    if not conversation.draft:
        conversation.draft_silence = None
    return True


def _waiting(context: Context) -> Iterator[tuple[datetime, CompiledTimer]]:
    """Go through the next timer of the step and the next one of the draft, each with its moment."""
    conversation = context.conversation
    step = context.flows.steps.get(conversation.top.step)
    if conversation.silence is None:
        return
    if step:
        yield from _next(context, conversation.silence, step.after)
    if conversation.draft_silence:
        quiet_until = _moment(conversation.silence) + QUIET
        for moment, timer in _next(context, conversation.draft_silence, context.flows.draft):
            yield max(moment, quiet_until), timer


def _next(
    context: Context, silence: Silence, timers: Sequence[CompiledTimer]
) -> Iterator[tuple[datetime, CompiledTimer]]:
    counted = timedelta()
    for timer in timers:
        if timer.trigger not in silence.passed:
            yield context.calendar.after(_moment(silence), timer.span - counted), timer
            return
        counted = timer.span


def _moment(silence: Silence) -> datetime:
    return datetime.fromtimestamp(silence.since, UTC)


def _seconds(context: Context) -> int:
    return int(context.now.timestamp())
