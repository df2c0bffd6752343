"""Navigation: the stack of frames, one for each open dialog.

`go` to a step of the same dialog changes the top frame, and appends the step left to its trail, for `back`.
`go` to another flow or another subject pushes a frame, so that leaving that dialog returns to this one. `edit` and
`call` always push one: a frame in mode `edit` is popped when its one step is answered, one in mode `call` when it gives
a value to the frame below. A step that is open already is returned to instead of being opened a second time: otherwise
a person who walks between a list and a card would pile up frames, and `back` would lead through all of them.
"""

from typing import Any

from engine.callback import LARGEST
from engine.compiled import CompiledBranch
from engine.conversation import Conversation, Frame
from engine.language.stored import stored_expect
from engine.running.context import Context

ANYWHERE = "*:"
"""The prefix of the names of branches that are open in every step."""
DEPTH = 12
"""The most frames of a conversation; beyond it the second oldest is closed, as the oldest is the first step."""


def follow(context: Context, branch: CompiledBranch, target: str) -> Frame | None:
    """Navigate as a branch says, to the step `target` if it leads to one.

    Returns the frame whose pending transition has just been given a value, if any.
    """
    for name, value in branch.set.items():
        context.set(name, value)
    # Read before navigating, which may end the dialog that holds the values; set after `forget`, which may name them.
    moved = {target: context.get(name) for name, target in branch.move.items()}
    for name in branch.move:
        context.forget(name)
    # Cancelling a sub-dialog returns to the dialog that called it, whose variables must stay.
    closing = branch.navigation == "cancel" and context.frame.mode != "open"
    waiting = _MOVES[branch.navigation](context, branch, target)
    for name in () if closing else branch.forget:
        context.forget(name)
    for name, value in moved.items():
        if value is not None:
            context.set(name, value)
    for name, moved_to in branch.move.items():
        _rename_album(context, name, moved_to)
    if context.conversation.frames:
        context.frame = context.conversation.top
    return waiting


def restart(context: Context) -> None:
    """Close all dialogs and open the first step; the draft stays."""
    context.conversation.frames = [Frame(context.flows.start)]
    context.frame = context.conversation.top


def push_pressed(context: Context) -> None:
    """Push the context's frame, that of a button pressed on another message, above what the person was doing."""
    frames = context.conversation.frames
    for index, frame in enumerate(frames):
        # Open already: its frame, and those above it, are replaced instead of being left below.
        if frame.step == context.frame.step:
            del frames[index:]
            break
    _push(context.conversation, context.frame)


def open_dialog(context: Context, step: str, into: str) -> None:
    """Push a sub-dialog about the same subject that will give a value to `into`."""
    _push(context.conversation, Frame(step, subject_id=context.frame.subject_id, mode="call", into=into))
    context.frame = context.conversation.top


def leave(context: Context) -> None:
    """Pop the top frame; the one below no longer waits for a value from it."""
    frames = context.conversation.frames
    frames.pop()
    if not frames:
        restart(context)
    frames = context.conversation.frames
    frames[-1].pending = None
    context.frame = frames[-1]


def close_edit(context: Context) -> None:
    """Pop the frame of an edited step; its variables are copied to the frame below."""
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
        # Leaving a step that is being edited ends the edit: `back` does not return to it.
        close_edit(context)
    if branch.close:
        leave(context)
    if target == context.flows.start:
        restart(context)
        return
    # Not for rows: a subject opened from a list belongs above the list, even where its card is open further down.
    if context.row is None and _return_to(context, target, subject_id):
        return
    top = context.conversation.top
    # A command must not become a further step of a sub-dialog, whose caller waits for a value of that.
    leaves_call = top.mode == "call" and branch.name.startswith(ANYWHERE)
    if not leaves_call and top.flow == target.partition(".")[0] and _fits_dialog(context, top, target, subject_id):
        top.trail.append(top.step)
        top.step = target
        top.subject_id = subject_id if subject_id is not None else top.subject_id
    else:
        _push(context.conversation, Frame(target, subject_id=subject_id))


def _fits_dialog(context: Context, frame: Frame, target: str, subject_id: int | None) -> bool:
    """Return whether `target` can be a further step of a dialog: all steps of a frame share its subject."""
    steps = context.flows.steps
    kinds = {steps[step].about for step in (frame.step, *frame.trail)} - {None}
    return subject_id is None or not kinds or (frame.subject_id == subject_id and kinds == {steps[target].about})


def _return_to(context: Context, target: str, subject_id: int | None) -> bool:
    """Return to `target` where it is the step of an open frame or on its trail; return whether it was.

    Frames below a sub-dialog are not searched: its caller waits for a value.
    """
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
    """Return the id of the next step's subject: that of the row, that of the action, or that of this step."""
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
    is_id = digits.isascii() and digits.isdecimal() and int(digits[:20]) <= LARGEST
    return int(digits) if is_id and len(digits) < 20 else None


def _edit(context: Context, _branch: CompiledBranch, target: str) -> None:
    frame = context.frame
    _push(context.conversation, Frame(target, dict(frame.data), frame.subject_id, mode="edit"))


def _call(context: Context, branch: CompiledBranch, target: str) -> None:
    open_dialog(context, target, branch.into or "")


def _give(context: Context, branch: CompiledBranch, _target: str) -> Frame | None:
    value = context.get(branch.into or "")
    frames = context.conversation.frames
    # The sub-dialog may have opened further frames: they are closed with it.
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


def _rename_album(context: Context, variable: str | None, into: str) -> None:
    """Follow a variable that was given or moved to `into`: later pieces of an album in it are added there."""
    album = context.conversation.album or {}
    expect = stored_expect(album.get("expect"))
    if expect is None:
        return
    album["expect"] = expect.model_dump(mode="json")
    for wanted in filter(None, album["expect"].values()):
        if wanted["into"] == variable:
            wanted["into"] = into
            album.pop("closed", None)
        caption = wanted.get("caption")
        if caption == variable:
            wanted["caption"] = into
        elif isinstance(caption, dict) and caption["into"] == variable:
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
