"""Take a way: let the machine choose the open one, then do all that it says."""

from engine.compiled import CompiledWay, Pointer
from engine.running.context import Context
from engine.running.navigation import follow
from engine.running.notices import tell
from engine.running.phrases import plain
from engine.running.status_transitions import proceed


def take(context: Context, trigger: str) -> CompiledWay | None:
    """Take the first open way of `trigger` and return it, or None where all are closed or there is none.

    The action of the way runs once; its outcome decides which of the way's turns is taken.
    """
    machine = context.flows.machine
    if trigger not in machine.events:
        return None
    context.taken = None
    model = Pointer(context.frame.step)
    if not machine.events[trigger].trigger(model, context=context) or context.taken is None:
        return None
    way: CompiledWay = context.taken
    if context.trace:
        context.trace(f"way:{way.name}")
    _speak(context, way)
    waiting = follow(context, way)
    context.brought = None
    if waiting is not None:
        proceed(context)
    return way


def _speak(context: Context, way: CompiledWay) -> None:
    if way.tell and context.about:
        tell(context, context.flows.lives[context.about.kind].flow, way.tell)
    if way.say:
        context.reply.toast = plain(context, way.say)
    if way.files:
        context.reply.files += way.files(context)
        if way.caption:
            context.reply.caption = way.caption.render(context.values(way.caption.uses))
