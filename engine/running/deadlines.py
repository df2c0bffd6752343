"""Firing a deadline of a subject's status: notices, and a transition."""

from engine.compiled import CompiledDeadline, Lifecycle
from engine.running.context import Context
from engine.running.notices import notify
from engine.running.permissions import may, state_of
from engine.running.status_transitions import make


def expire(context: Context, lifecycle: Lifecycle, state: str, deadline: CompiledDeadline) -> None:
    """Fire a deadline of `state` if the subject is still in it; one that repeats is due again while it stays there.

    The guards are evaluated now, those of its transition too; where one does not hold, no notice is sent.
    """
    state = lifecycle.current_status(state)
    if context.subject is None or state_of(context, lifecycle) != state:
        return
    if _holds(context, lifecycle, deadline):
        if context.trace:
            context.trace(f"deadline:{lifecycle.flow}.{state}.{deadline.name}")
        notify(context, lifecycle.flow, deadline.tell)
        if deadline.make:
            make(context, lifecycle, lifecycle.transitions[deadline.make])
    if deadline.repeat and state_of(context, lifecycle) == state:
        context.reply.wake_at = context.calendars.subjects.after(context.now, deadline.repeat)


def _holds(context: Context, lifecycle: Lifecycle, deadline: CompiledDeadline) -> bool:
    open_ = all(guard(context) for guard in deadline.guards)
    return open_ and (deadline.make is None or may(context, lifecycle, deadline.make))
