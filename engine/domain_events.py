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
FILES_ADDED = "files_added"
"""Files were kept with a subject; `count` says how many."""
REFUSAL = "refused"
"""What a person asked for was not done; `reason` is the name of the bot's phrase, or of the action's outcome."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Something that happened to a subject; it counts only once its transaction is committed.

    A refusal may be about no subject. `actor` is the id of the person whose doing it was, None where time acted.
    A fact is an id or one of a few names.
    """

    name: str
    subject: SubjectRef | None
    actor: int | None
    facts: Mapping[str, str | int | None]
