"""A subject has been in a status for so long: tell people, make the transition that is time's to make."""

from engine.compiled import CompiledDeadline, Lifecycle
from engine.running.context import Context
from engine.running.notices import notify
from engine.running.permissions import may, state_of
from engine.running.status_transitions import make


def expire(context: Context, lifecycle: Lifecycle, state: str, deadline: CompiledDeadline) -> None:
    """Let a deadline of `state` go off, if the subject is still in it; one that repeats goes on while it stays there.

    Its guards are asked now, those of its transition too: where one does not hold, nobody is told anything.
    """
    state = lifecycle.now(state)
    if context.subject is None or state_of(context, lifecycle) != state:
        return
    if _holds(context, lifecycle, deadline):
        if context.trace:
            context.trace(f"deadline:{lifecycle.flow}.{state}.{deadline.name}")
        notify(context, lifecycle.flow, deadline.tell)
        if deadline.make:
            make(context, lifecycle, lifecycle.transitions[deadline.make])
    if deadline.repeat and state_of(context, lifecycle) == state:
        context.reply.wake_at = context.calendar.after(context.now, deadline.repeat)


def _holds(context: Context, lifecycle: Lifecycle, deadline: CompiledDeadline) -> bool:
    open_ = all(guard(context) for guard in deadline.guards)
    return open_ and (deadline.make is None or may(context, lifecycle, deadline.make))
