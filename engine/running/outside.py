"""Status transitions made by code, outside of a chat: no sub-dialog is opened, all answers are passed."""

from collections.abc import Mapping
from typing import Any

from engine.compiled import CompiledTransition
from engine.domain_events import DONE
from engine.refusals import BLOCKED, GONE, UNANSWERED, UNKNOWN, TransitionError
from engine.running.context import Context
from engine.running.permissions import lifecycle_of, may, visible
from engine.running.phrases import phrase, refusal
from engine.running.status_transitions import make, refuse
from engine.templates.shapes import fits


def make_from_outside(context: Context, name: str, answers: Mapping[str, Any]) -> None:
    """Make a transition of the current subject, as if the person had pressed its button and given the answers.

    Raises TransitionError where a press would be refused, and where the answers are not those to its questions.
    """
    lifecycle = lifecycle_of(context)
    transition = lifecycle.transitions.get(name) if lifecycle else None
    if context.person.is_blocked:
        raise _error(context, name, BLOCKED, refusal(context, "blocked"))
    if lifecycle is None or transition is None:
        raise _error(context, name, UNKNOWN, refusal(context, "refused"))
    if not visible(context):
        raise _error(context, name, GONE, refusal(context, "gone"))
    # Before the answers are checked: a person who may not make the transition must not learn what it asks.
    outcome = DONE if may(context, lifecycle, name) else refuse(context, name)
    if outcome == DONE:
        if wrong := _wrong_answers(transition, answers):
            raise _error(context, name, UNANSWERED, refusal(context, "refused"), *wrong)
        context.answers = dict(answers)
        outcome = make(context, lifecycle, transition)
    if outcome != DONE:
        raise _error(context, name, outcome, context.reply.toast or phrase(context, "refused"))


def _wrong_answers(transition: CompiledTransition, answers: Mapping[str, Any]) -> list[str]:
    """Return the names of questions without an answer of their shape, and of answers to no question."""
    asked = transition.answers
    unfit = {name for name in asked.keys() & answers.keys() if not fits(answers[name], asked[name])}
    return sorted(unfit | (asked.keys() ^ answers.keys()))


def _error(context: Context, name: str, reason: str, text: str, *questions: str) -> TransitionError:
    return TransitionError(name, reason, text, context.reply.domain_events, questions)
