"""Take a branch: choose the first open one, act, and travel where the outcome leads."""

from engine.compiled import CompiledBranch, Pointer
from engine.conversation import Frame
from engine.running.context import Context
from engine.running.machines import first_open
from engine.running.navigation import follow
from engine.running.notices import notify
from engine.running.phrases import plain


def choose(context: Context, trigger: str) -> CompiledBranch | None:
    """Return the first open branch of a trigger, None where all are closed or there is none; nothing changes."""
    machine = context.flows.machine
    number = first_open(machine, trigger, Pointer(context.frame.step), context)
    return None if number is None else context.flows.triggers[trigger][number]


def act(context: Context, branch: CompiledBranch) -> CompiledBranch | None:
    """Run the action of a branch, once; return the branch to travel: itself, or the one that its outcome names.

    None where nothing is named for the outcome: the action did nothing then.
    """
    outcome = branch.action(context) if branch.action else None
    if outcome is None:
        return branch
    context.refused(outcome)
    return branch.outcomes.get(outcome)


def travel(context: Context, branch: CompiledBranch) -> Frame | None:
    """Do all that a branch says besides its action; return the frame that waits for an answer just given, if any."""
    pointer = Pointer(context.frame.step)
    context.flows.machine.events[branch.name].trigger(pointer, context=context)
    if context.trace:
        context.trace(f"way:{branch.name}")
    _send(context, branch)
    waiting = follow(context, branch, pointer.state)
    context.focus = None
    return waiting


def _send(context: Context, branch: CompiledBranch) -> None:
    if branch.tell and context.subject_ref:
        notify(context, context.flows.lifecycles[context.subject_ref.kind].flow, branch.tell)
    if branch.say:
        context.reply.toast = plain(context, branch.say)
    if branch.files:
        context.reply.files += branch.files(context)
        if branch.caption:
            context.reply.caption = branch.caption.render(context.values(branch.caption.uses))
