"""Button presses: on the conversation's own screen, on a card, on a notice, on an old message."""

from dataclasses import replace

from engine.callback import Callback, base36
from engine.compiled import CompiledStep
from engine.conversation import Frame
from engine.events import Press
from engine.hooks.paging import PageQuery
from engine.running.answers import advance, choose
from engine.running.context import Context
from engine.running.navigation import push_pressed
from engine.running.notices import card
from engine.running.permissions import asks, lifecycle_of, visible
from engine.running.phrases import refusal
from engine.running.render import PAGE_VARIABLE
from engine.running.status_transitions import begin
from engine.running.taking import take

DOUBLE_TAP = 5.0
"""Seconds within which the same press again counts as a double tap."""


def handle_press(context: Context, event: Press, *, own: bool) -> bool:
    """Handle a press; return whether the conversation's screen has to be redrawn.

    `own` says that the message is the one that shows the conversation. A double tap on a button does nothing; a while
    later the press counts again, so that files can be requested twice. A button of an older screen is applied where it
    still makes sense, else a toast says that it does not.
    """
    tap = f"{event.message}:{event.data}"
    if _is_second_tap(context, tap):
        return False
    callback = _decode(context, event.data)
    if callback is None:
        context.reply.toast = refusal(context, "stale")
        return True
    if own and _is_here(context, callback):
        _remember(context, tap)
        return _apply(context, callback)
    return _elsewhere(context, event, callback, tap)


def _decode(context: Context, data: str) -> Callback | None:
    """Decode callback data; the button of a renamed step belongs to the step's new name."""
    callback = Callback.decode(data)
    if callback is None or callback.owner not in context.flows.moved:
        return callback
    return replace(callback, owner=context.flows.moved[callback.owner])


def _is_second_tap(context: Context, tap: str) -> bool:
    at, _, last = (context.conversation.pressed or "").partition(" ")
    return last == tap and context.now.timestamp() - int(at) < DOUBLE_TAP


def _remember(context: Context, tap: str) -> None:
    context.conversation.pressed = f"{int(context.now.timestamp())} {tap}"


def _is_here(context: Context, callback: Callback) -> bool:
    """Return whether the button belongs to the person's current step and to its subject."""
    here = context.subject_ref.id if context.subject_ref else None
    return callback.owner == context.frame.step and callback.subject_id == here


def _elsewhere(context: Context, event: Press, callback: Callback, tap: str) -> bool:
    """Handle a press on another message than the conversation's, or on a button of another step."""
    notice = callback.owner in context.flows.notices
    if not notice and not _stands_alone(context, callback):
        if _is_here(context, callback):
            _remember(context, tap)
            return _apply(context, callback)
        context.reply.toast = refusal(context, "stale")
        return True
    current = context.frame
    context.frame = Frame(callback.owner, subject_id=callback.subject_id)
    if not visible(context):
        context.frame = current
        context.reply.toast = refusal(context, "gone")
        return True
    _remember(context, tap)
    if notice:
        return _from_notice(context, callback, current)
    if event.card and not _needs_dialog(context, callback):
        return _on_card(context, callback, current)
    push_pressed(context)
    return _apply(context, callback)


def _stands_alone(context: Context, callback: Callback) -> bool:
    """Return whether the button's step can be opened by itself: it is standalone, and the person may get there.

    A step with a subject is open to anyone who may see the subject; any other one to whom a branch to it is open.
    """
    step = context.flows.steps.get(callback.owner)
    if step is None or not step.standalone or (step.about is None) != (callback.subject_id is None):
        return False
    leads = (branch.is_open(context) for branch in context.flows.branches.values() if branch.target == step.name)
    return step.about is not None or step.name == context.flows.start or any(leads)


def _from_notice(context: Context, callback: Callback, current: Frame) -> bool:
    notice = context.flows.notices[callback.owner]
    trigger = next((each.trigger for each in notice.buttons if each.key == callback.button), "")
    branch = take(context, trigger)
    if branch is None:
        context.frame = current
        context.reply.toast = refusal(context, "stale")
        return True
    return branch.navigation != "stay"


def _needs_dialog(context: Context, callback: Callback) -> bool:
    """Return whether a press on a card opens a dialog, or may by an outcome, so that its message becomes the screen."""
    step = context.flows.steps[callback.owner]
    if asks(context, callback.button):
        return True
    button = next((each for each in step.buttons if each.key == callback.button and not each.status), None)
    lifecycle = lifecycle_of(context)
    transition = lifecycle.transitions.get(callback.button) if lifecycle and button is None else None
    taken = [button.branch, *button.branch.outcomes.values()] if button else []
    taken += transition.outcomes.values() if transition else []
    return any(branch.navigation != "stay" for branch in taken)


def _on_card(context: Context, callback: Callback, current: Frame) -> bool:
    """Handle a press within a card; the conversation stays where it was."""
    ref = context.subject_ref
    _apply(context, callback)
    if ref:
        context.reply.card = card(context, ref, context.person)
    context.frame = current
    return False


def _apply(context: Context, callback: Callback) -> bool:
    step = context.flows.steps[callback.owner]
    if not visible(context):
        context.reply.toast = refusal(context, "gone")
    elif callback.button == "page":
        context.frame.data[PAGE_VARIABLE] = f"{step.name}|{callback.value[:1]}|{callback.value[1:]}"
    elif callback.button == "pick" and step.choice:
        context.reply.toast = choose(context, step.choice, callback.value) or context.reply.toast
    elif callback.button == "row" and step.rows:
        _row(context, step, callback.value)
    else:
        _button(context, step, callback.button)
    return True


def _row(context: Context, step: CompiledStep, value: str) -> None:
    rows = step.rows
    if rows is None:
        return
    if rows.direct:
        context.row = value
    else:
        found = rows.rows(context, PageQuery(only=value, limit=1)).rows
        context.row = found[0] if found else None
    if context.row is None or take(context, f"{step.name}:row") is None:
        context.reply.toast = refusal(context, "gone")


def _button(context: Context, step: CompiledStep, key: str) -> None:
    button = next((each for each in step.buttons if each.key == key and not each.status), None)
    if button:
        branch = take(context, button.trigger)
        if branch is None:
            context.reply.toast = refusal(context, "refused")
        elif button.answers and branch is button.branch:
            context.reply.toast = advance(context) or context.reply.toast
    elif any(each.status in {"all", key} for each in step.buttons):
        begin(context, key)
    else:
        context.reply.toast = refusal(context, "stale")


def token(revision: int) -> str:
    """Return the token of a screen, by the conversation's revision."""
    return base36(revision % 36**6)
