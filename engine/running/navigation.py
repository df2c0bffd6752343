"""Move a conversation along a way: the stack of open dialogs, and what comes back from them."""

from typing import Any

from engine.callback import LARGEST
from engine.compiled import CompiledBranch
from engine.conversation import Conversation, Frame
from engine.running.context import Context

ANYWHERE = "*:"
"""What the names of ways begin with that are open in every step."""
DEPTH = 12
"""Open dialogs a conversation keeps; beyond it the oldest but the first is closed."""


def follow(context: Context, branch: CompiledBranch, target: str) -> Frame | None:
    """Carry out the direction of a way; return the frame that waits for an answer just given to it, if any."""
    for name, value in branch.set.items():
        context.set(name, value)
    # Taken before the dialog that holds them ends, and put down after what is forgotten on the way.
    moved = {target: context.get(name) for name, target in branch.move.items()}
    for name in branch.move:
        context.forget(name)
    closing = branch.navigation == "cancel" and context.frame.mode != "open"
    waiting = _MOVES[branch.navigation](context, branch, target)
    for name in () if closing else branch.forget:
        context.forget(name)
    for name, value in moved.items():
        if value is not None:
            context.set(name, value)
    for name, target in branch.move.items():
        _rename_album(context, name, target)
    if context.conversation.frames:
        context.frame = context.conversation.top
    return waiting


def restart(context: Context) -> None:
    """Bring the conversation to its first step; the draft stays."""
    context.conversation.frames = [Frame(context.flows.start)]
    context.frame = context.conversation.top


def adopt(context: Context) -> None:
    """Open the frame that a press on another message stands for, on top of what the person was doing."""
    frames = context.conversation.frames
    for index, frame in enumerate(frames):
        if frame.step == context.frame.step:
            del frames[index:]
            break
    _push(context.conversation, context.frame)


def open_dialog(context: Context, step: str, into: str) -> None:
    """Open a sub-dialog about the same subject that will give a value to `into`."""
    _push(context.conversation, Frame(step, subject_id=context.frame.subject_id, mode="call", into=into))
    context.frame = context.conversation.top


def leave(context: Context) -> None:
    """Close the newest dialog; the one below waits for no answer of it any more."""
    frames = context.conversation.frames
    frames.pop()
    if not frames:
        restart(context)
    frames = context.conversation.frames
    frames[-1].pending = None
    context.frame = frames[-1]


def close_edit(context: Context) -> None:
    """Return from a step that was answered again; what it kept goes to the dialog below."""
    closed = context.conversation.frames.pop()
    if context.conversation.frames:
        context.conversation.top.data |= closed.data
        context.frame = context.conversation.top
    else:
        restart(context)


def _push(conversation: Conversation, frame: Frame) -> None:
    conversation.frames.append(frame)
    if len(conversation.frames) > DEPTH:
        del conversation.frames[1]


def _go(context: Context, branch: CompiledBranch, target: str) -> None:
    subject_id = _subject_of(context, branch, target)
    if context.conversation.top.mode == "edit":
        # Whoever leaves a step that was to be answered again does not come back into it.
        close_edit(context)
    if branch.close:
        leave(context)
    if target == context.flows.start:
        restart(context)
        return
    # A row is opened from its list, also where its subject was looked at before.
    if context.row is None and _returns(context, target, subject_id):
        return
    top = context.conversation.top
    # What is open everywhere is no further step of a sub-dialog that somebody waits for an answer of.
    leads_off = top.mode == "call" and branch.name.startswith(ANYWHERE)
    if not leads_off and top.flow == target.partition(".")[0] and _goes_on(context, top, target, subject_id):
        top.trail.append(top.step)
        top.step = target
        top.subject_id = subject_id if subject_id is not None else top.subject_id
    else:
        _push(context.conversation, Frame(target, subject_id=subject_id))


def _goes_on(context: Context, frame: Frame, target: str, subject_id: int | None) -> bool:
    """Tell whether `target` can be a further step of a dialog: the steps of one are about one subject, if about any."""
    steps = context.flows.steps
    kinds = {steps[step].about for step in (frame.step, *frame.trail)} - {None}
    return subject_id is None or not kinds or (frame.subject_id == subject_id and kinds == {steps[target].about})


def _returns(context: Context, target: str, subject_id: int | None) -> bool:
    """Go back to `target` where an open dialog stands in it or came through it; a sub-dialog is not left so."""
    frames = context.conversation.frames
    for index, frame in reversed(list(enumerate(frames))):
        if target in (frame.step, *frame.trail) and subject_id in {None, frame.subject_id}:
            del frames[index + 1 :]
            if target != frame.step:
                del frame.trail[frame.trail.index(target) :]
            frame.step, frame.pending = target, None
            context.frame = frame
            return True
        if frame.mode == "call":
            break
    return False


def _subject_of(context: Context, branch: CompiledBranch, target: str) -> int | None:
    """Return the id of what the next step is subject_id: of the row, of what the action brought, or of this step."""
    kind = context.flows.steps[target].about
    if kind is None:
        return None
    if kind in branch.row_fields:
        return _number(context.row, branch.row_fields[kind])
    if context.focus and context.focus.kind == kind:
        return context.focus.id
    return context.subject_ref.id if context.subject_ref and context.subject_ref.kind == kind else None


def _number(row: Any, field: str) -> int | None:
    value = row if isinstance(row, str) and field == "value" else getattr(row, field, None)
    digits = str(value)
    known = digits.isascii() and digits.isdecimal() and int(digits[:20]) <= LARGEST
    return int(digits) if known and len(digits) < 20 else None


def _edit(context: Context, _branch: CompiledBranch, target: str) -> None:
    frame = context.frame
    _push(context.conversation, Frame(target, dict(frame.data), frame.subject_id, mode="edit"))


def _call(context: Context, branch: CompiledBranch, target: str) -> None:
    open_dialog(context, target, branch.into or "")


def _give(context: Context, branch: CompiledBranch, _target: str) -> Frame | None:
    value = context.get(branch.into or "")
    frames = context.conversation.frames
    called = max((index for index, frame in enumerate(frames) if frame.mode == "call"), default=0)
    if not called:
        leave(context)
        return None
    into = frames[called].into or ""
    del frames[called:]
    context.frame = frames[-1]
    if context.frame.pending is not None:
        context.frame.pending["answers"][into] = value
        return context.frame
    context.set(into, value)
    _rename_album(context, branch.into, into)
    return None


def _rename_album(context: Context, given: str | None, into: str) -> None:
    """Let later pieces of an album that was given back, or moved, join it under its new name."""
    album = context.conversation.album or {}
    for wanted in filter(None, (album.get("expect") or {}).values()):
        if wanted["into"] == given:
            wanted["into"] = into
            album.pop("closed", None)
        caption = wanted.get("caption")
        if caption and caption["into"] == given:
            caption["into"] = into


def _back(context: Context, _branch: CompiledBranch, _target: str) -> None:
    frame = context.conversation.top
    if frame.trail:
        frame.step = frame.trail.pop()
    else:
        leave(context)


def _cancel(context: Context, _branch: CompiledBranch, _target: str) -> None:
    leave(context)


def _stay(_context: Context, _branch: CompiledBranch, _target: str) -> None:
    return None


_MOVES = {
    "go": _go,
    "edit": _edit,
    "call": _call,
    "give": _give,
    "back": _back,
    "cancel": _cancel,
    "stay": _stay,
}
