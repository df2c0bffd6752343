"""Change a request's status from outside a chat: by a job, an import, a web page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.handlers.effects import apply_effects
from bot.handlers.update_handler import Handled
from bot.handlers.work import Work
from engine.events import SubjectRef
from engine.running.engine import Engine
from storage.records.users import Person

NO_ANSWERS: Mapping[str, Any] = MappingProxyType({})


def make_transition(
    engine: Engine,
    work: Work,
    actor: Person,
    ref: SubjectRef,
    name: str,
    answers: Mapping[str, Any] = NO_ANSWERS,
) -> Handled:
    """Make a status transition as if `actor` had pressed its button, with all that follows from it in a chat.

    Its guards, its action, its event in the history, its notices and deadlines are those of the flow, and every card
    of the request is drawn anew. `actor` is to be read in this transaction: guards ask about the person as they are.
    `answers` are those that the transition asks for, as its dialogs give them: text, a choice as `{"value": …,
    "label": …}`, files as `File.as_data`; None where a dialog may be left without one.

    What it returns is for after the commit: `toast` says to the actor what was done, `domain_events` are to be
    published. Raises engine.refusals.TransitionError where it is refused: nothing is written then.
    """
    reply = engine.make_transition(ref, name, actor, answers, work, work.tx.now)
    apply_effects(engine, work, reply)
    return Handled(toast=reply.toast, domain_events=reply.domain_events)
