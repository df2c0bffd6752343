"""Making status transitions: their questions, the change, the notices, or the reason why not."""

from typing import Any

from engine.compiled import CompiledTransition, Lifecycle, Pointer, move_of
from engine.domain_events import DONE, LATE, REFUSED, TRANSITION
from engine.hooks.inputs import field_value
from engine.running.branches import travel
from engine.running.context import Context
from engine.running.navigation import open_dialog
from engine.running.notices import notify
from engine.running.permissions import lifecycle_of, may, state_of
from engine.running.phrases import phrase, plain
from engine.subjects import Change


def begin(context: Context, name: str) -> None:
    """Make a transition, or ask its first question; refuse it where it may not be made."""
    lifecycle = lifecycle_of(context)
    transition = lifecycle.transitions.get(name) if lifecycle else None
    if lifecycle is None or transition is None or not may(context, lifecycle, name):
        refuse(context, name)
        return
    context.frame.pending = {"transition": name, "answers": {}}
    proceed(context)


def proceed(context: Context) -> None:
    """Ask the next question of the pending transition, or make it when all questions are answered."""
    pending = context.frame.pending or {}
    lifecycle = lifecycle_of(context)
    name = pending.get("transition", "")
    if lifecycle is None or name not in lifecycle.transitions:
        context.frame.pending = None
        context.reply.toast = phrase(context, "moved")
        return
    transition = lifecycle.transitions[name]
    for question, step in transition.ask.items():
        if question not in pending["answers"]:
            open_dialog(context, step, question)
            return
    context.frame.pending = None
    context.answers = pending["answers"]
    make(context, lifecycle, transition)


def make(context: Context, lifecycle: Lifecycle, transition: CompiledTransition) -> str:
    """Make a transition whose questions, if any, are answered; refuse it where it may not be made.

    Returns one of `OUTCOMES`.
    """
    if context.subject is None or not may(context, lifecycle, transition.name):
        return refuse(context, transition.name)
    context.before, left = context.subject, state_of(context, lifecycle)
    if not _act(context, transition):
        return REFUSED
    pointer = Pointer(left)
    # The guards have been asked, before the action could change what they are about: this trigger has no conditions.
    lifecycle.machine.events[move_of(transition.name)].trigger(pointer, context=context)
    _apply(context, lifecycle, transition, pointer.state)
    context.emit(TRANSITION, transition=transition.name, outcome=DONE, **{"from": left, "to": pointer.state})
    if context.trace:
        context.trace(f"transition:{lifecycle.flow}.{transition.name}")
        context.trace(f"left:{transition.name}:{left}")
    context.arm(lifecycle, left, pointer.state)
    context.changed()
    notify(context, lifecycle.flow, transition.tell)
    if transition.say and context.actor:
        context.reply.toast = plain(context, transition.say)
    return DONE


def _act(context: Context, transition: CompiledTransition) -> bool:
    """Run the action of a transition; return whether the transition goes on, or else do what its outcome says.

    Whatever subject the action creates or finds, the transition is made of the one it was asked for.
    """
    if transition.action is None:
        return True
    focus = context.focus
    outcome = transition.action(context)
    context.focus = focus
    if outcome is None:
        return True
    context.refused(outcome)
    branch = transition.outcomes.get(outcome)
    if branch:
        travel(context, branch)
    else:
        context.reply.toast = phrase(context, "refused")
    return False


def _apply(context: Context, lifecycle: Lifecycle, transition: CompiledTransition, target: str) -> None:
    port = context.flows.hooks.subjects[lifecycle.kind]
    change = Change(
        transition=transition.name,
        source=context.subject.state,
        target=target,
        stage=lifecycle.stages[target],
        actor=context.actor,
        at=context.now,
        fields={name: field_value(port.fields, name, _value(context, value)) for name, value in transition.set.items()},
    )
    port.apply(context.transaction, context.subject, change)


def _value(context: Context, expression: str) -> Any:
    if expression == "actor":
        return context.actor.id if context.actor else None
    if expression == "now":
        return context.now
    return None if expression == "nothing" else context.get(expression)


def refuse(context: Context, name: str) -> str:
    """Say why a transition cannot be made: it is too late, or this person may not make it; return LATE or REFUSED."""
    lifecycle = lifecycle_of(context)
    transition = lifecycle.transitions.get(name) if lifecycle else None
    is_late = context.subject is not None and name not in _open_names(context, lifecycle)
    outcome = LATE if is_late else REFUSED
    if transition:
        context.emit(TRANSITION, transition=name, outcome=outcome)
    if transition and transition.late and is_late:
        context.reply.toast = plain(context, transition.late)
    else:
        context.reply.toast = phrase(context, "refused")
    return outcome


def _open_names(context: Context, lifecycle: Lifecycle | None) -> list[str]:
    return lifecycle.machine.get_triggers(state_of(context, lifecycle)) if lifecycle else []
