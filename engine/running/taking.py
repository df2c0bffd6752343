"""Take a branch, and go on with the status transition that its answer was for."""

from engine.compiled import CompiledBranch
from engine.running.branches import act, choose, travel
from engine.running.context import Context
from engine.running.status_transitions import proceed


def take(context: Context, trigger: str) -> CompiledBranch | None:
    """Take the first open branch of `trigger` and return the one that was travelled, an outcome's perhaps.

    None where all are closed or there is none. Guards are asked once, before the action; the action runs once.
    """
    branch = choose(context, trigger)
    travelled = act(context, branch) if branch else None
    if travelled is None:
        return None
    if travel(context, travelled) is not None:
        proceed(context)
    return travelled
