"""Taking a branch: the state machine selects it, then everything that it says is done."""

from engine.compiled import CompiledBranch, Pointer
from engine.running.context import Context
from engine.running.navigation import follow
from engine.running.notices import notify
from engine.running.phrases import plain
from engine.running.status_transitions import proceed


def take(context: Context, trigger: str) -> CompiledBranch | None:
    """Take the first open branch of `trigger` and return it; None where none is open.

    The action runs once, while the machine evaluates the conditions; its outcome decides which branch is taken.
    """
    machine = context.flows.machine
    if trigger not in machine.events:
        return None
    context.selected = None
    model = Pointer(context.frame.step)
    if not machine.events[trigger].trigger(model, context=context) or context.selected is None:
        return None
    branch: CompiledBranch = context.selected
    if context.trace:
        context.trace(f"way:{branch.name}")
    _send(context, branch)
    waiting = follow(context, branch)
    context.focus = None
    if waiting is not None:
        proceed(context)
    return branch


def _send(context: Context, branch: CompiledBranch) -> None:
    if branch.tell and context.subject_ref:
        notify(context, context.flows.lifecycles[context.subject_ref.kind].flow, branch.tell)
    if branch.say:
        context.reply.toast = plain(context, branch.say)
    if branch.files:
        context.reply.files += branch.files(context)
        if branch.caption:
            context.reply.caption = branch.caption.render(context.values(branch.caption.uses))
