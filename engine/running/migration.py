"""Let a conversation stand in steps that there are: flows change while people talk."""

from collections.abc import Container

from engine.compiled import CompiledFlows
from engine.conversation import Conversation, Frame, pack, unpack
from engine.running.context import Context
from engine.running.navigation import restart


def migrate(context: Context) -> bool:
    """Let every open dialog stand in a step there is; return whether the person stands elsewhere than they saw.

    A removed step is replaced as the flows say under `moved`. Without that its dialog is closed and put aside: where
    the step is there again before the person did anything else, they go on in it. Two processes may have read two
    editions of the flows, and a maintainer may take a removal back.
    """
    conversation, flows = context.conversation, context.flows
    seen = conversation.top.step if conversation.frames else None
    _take_up(conversation, flows)
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


def _take_up(conversation: Conversation, flows: CompiledFlows) -> None:
    """Open the dialogs again that were put aside, where they can go on and nothing happened since."""
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
    """Close the dialogs whose step is gone; with one goes what was opened to answer it."""
    before, kept, closed = pack(conversation.frames), [], False
    for frame in conversation.frames:
        closed = frame.step not in steps or (closed and frame.mode != "open")
        if not closed:
            kept.append(frame)
        elif kept:
            kept[-1].pending = None
    conversation.frames = kept
    conversation.suspended = conversation.suspended or {"frames": before}
