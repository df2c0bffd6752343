"""Migration of conversations to the current flows, which may have changed since the last event."""

from collections.abc import Container

from engine.compiled import CompiledFlows
from engine.conversation import Conversation, Frame, pack, unpack
from engine.running.context import Context
from engine.running.navigation import restart


def migrate(context: Context) -> bool:
    """Move every open dialog to a step that exists; return whether the person is now in another step than on screen.

    A removed step is replaced as the flows say under `moved`. Without that its dialog is closed and suspended.
    """
    # Suspended, not deleted, because the step may be back with the next event: a maintainer may undo its removal, and
    # two processes may run two versions of the flows for a moment, so that one does not know a step that the other has
    # just opened. The dialog is resumed if the person has done nothing else meanwhile: `left` is compared to find out.
    conversation, flows = context.conversation, context.flows
    seen = conversation.top.step if conversation.frames else None
    _resume(conversation, flows)
    for frame in conversation.frames:
        _rename(frame, flows)
    if any(frame.step not in flows.steps for frame in conversation.frames):
        _close(conversation, flows.steps)
    if not conversation.frames:
        restart(context)
    if conversation.suspended and "left" not in conversation.suspended:
        conversation.suspended["left"] = pack(conversation.frames)
    context.frame = conversation.top
    context.unseen = seen is not None and context.frame.step != flows.moved.get(seen, seen)
    return seen not in (None, context.frame.step)


def _resume(conversation: Conversation, flows: CompiledFlows) -> None:
    """Open the suspended dialogs again where all their steps exist, unless the conversation has moved on since."""
    suspended = conversation.suspended
    if suspended is None:
        return
    if suspended["left"] != pack(conversation.frames):
        conversation.suspended = None
        return
    frames = unpack(suspended["frames"])
    if all(flows.moved.get(frame.step, frame.step) in flows.steps for frame in frames):
        conversation.frames, conversation.suspended = frames, None


def _rename(frame: Frame, flows: CompiledFlows) -> None:
    frame.step = flows.moved.get(frame.step, frame.step)
    if frame.trail:
        trail = dict.fromkeys(flows.moved.get(step, step) for step in frame.trail)
        frame.trail = [step for step in trail if step in flows.steps and step != frame.step]


def _close(conversation: Conversation, steps: Container[str]) -> None:
    """Close the dialogs whose step is gone, each with the sub-dialogs that were opened from it."""
    before, kept, closed = pack(conversation.frames), [], False
    for frame in conversation.frames:
        closed = frame.step not in steps or (closed and frame.mode != "open")
        if not closed:
            kept.append(frame)
        elif kept:
            # The dialog below would wait for the value of a sub-dialog that has been closed.
            kept[-1].pending = None
    conversation.frames = kept
    conversation.suspended = conversation.suspended or {"frames": before}
