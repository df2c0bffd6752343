"""Domain events for metrics and logs: ids and names that flows declare, never what people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.events import SubjectRef

CREATED = "created"
"""A subject was created; the facts are those that the action passes."""
TRANSITION = "transition"
"""A person or a timer attempted a status transition: `transition` is its name, `outcome` one of `OUTCOMES`."""
DONE, REFUSED, LATE = OUTCOMES = "done", "refused", "late"
"""Outcomes of a transition: made; not allowed for this person; the status had changed before, as in a lost race."""
FILES_ADDED = "files_added"
"""`count` files were added to a subject."""
REFUSAL = "refused"
"""A person's input was refused; `reason` is the name of the phrase shown, or of the action's outcome."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Something that happened to a subject; to be counted only once its transaction is committed.

    `subject` is None for a refusal without one. `actor` is the id of the person who did it, None for a timer. A fact is
    an id or one of a few names.
    """

    name: str
    subject: SubjectRef | None
    actor: int | None
    facts: Mapping[str, str | int | None]
