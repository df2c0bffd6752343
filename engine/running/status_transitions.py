"""Making status transitions: their questions, the change, the notices, or the reason why not."""

from typing import Any

from engine.compiled import CompiledTransition, Lifecycle, Pointer
from engine.domain_events import DONE, LATE, REFUSED, TRANSITION
from engine.running.context import Context
from engine.running.navigation import open_dialog
from engine.running.notices import notify
from engine.running.permissions import lifecycle_of, may, state_of
from engine.running.phrases import phrase, plain
from engine.subjects import Change


def begin(context: Context, name: str) -> None:
    """Make a transition, or ask its first question; refuse it where it may not be made."""
    lifecycle = lifecycle_of(context)
    if lifecycle is None or name not in lifecycle.transitions or not may(context, lifecycle, name):
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
    model = Pointer(state_of(context, lifecycle)) if context.subject else None
    if model is None or transition.name not in lifecycle.machine.get_triggers(model.state):
        return refuse(context, transition.name)
    if not lifecycle.machine.events[transition.name].trigger(model, context=context):
        return refuse(context, transition.name)
    if transition.action:
        transition.action(context)
    context.before = context.subject
    left = state_of(context, lifecycle)
    _apply(context, lifecycle, transition, model)
    context.emit(TRANSITION, transition=transition.name, outcome=DONE, **{"from": left, "to": model.state})
    if context.trace:
        context.trace(f"transition:{lifecycle.flow}.{transition.name}")
    context.arm(lifecycle, left, model.state)
    context.changed()
    notify(context, lifecycle.flow, transition.tell)
    if transition.say and context.actor:
        context.reply.toast = plain(context, transition.say)
    return DONE


def _apply(context: Context, lifecycle: Lifecycle, transition: CompiledTransition, model: Pointer) -> None:
    change = Change(
        transition=transition.name,
        source=context.subject.state,
        target=model.state,
        stage=lifecycle.stages[model.state],
        actor=context.actor,
        at=context.now,
        fields={field: _value(context, value) for field, value in transition.set.items()},
        answers=context.answers,
    )
    context.flows.hooks.subjects[lifecycle.kind].apply(context.transaction, context.subject, change)


def _value(context: Context, expression: str) -> Any:
    if expression == "actor":
        return context.actor.id if context.actor else None
    if expression == "now":
        return context.now
    return None if expression == "nothing" else context.answers.get(expression.partition(".")[2])


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
