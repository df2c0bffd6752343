"""What happened to subjects, for whoever counts and logs: ids and names that flows declare, never people's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.events import SubjectRef

CREATED = "created"
"""A subject was made; the facts are what the action says of it."""
TRANSITION = "transition"
"""Somebody, or time, was about to make a status transition: `transition` is its name, `outcome` what became of it."""
DONE, REFUSED, LATE = OUTCOMES = "done", "refused", "late"
"""Outcomes of a transition: made; not this person's to make; the status had changed before, as in a lost race."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a subject; it counts only once its transaction is committed.

    `actor` is the id of the person whose doing it was, None where time acted. A fact is an id or one of a few names.
    """

    name: str
    subject: SubjectRef
    actor: int | None
    facts: Mapping[str, str | int | None]
