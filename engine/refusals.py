"""Why a status transition that was asked for from outside a chat is not made."""

from collections.abc import Sequence

from engine.domain_events import LATE, REFUSED, DomainEvent

UNKNOWN = "unknown"
"""The flows know no such subject, or no such transition of it."""
BLOCKED = "blocked"
"""The person may do nothing at all."""
GONE = "gone"
"""There is no such subject, or it is not for this person's eyes."""
UNANSWERED = "unanswered"
"""Answers are missing, or too many, or longer than the transition's own dialogs let them be."""
REASONS = (UNKNOWN, BLOCKED, GONE, UNANSWERED, REFUSED, LATE)


class TransitionError(Exception):
    """A status transition was not made, and nothing was written.

    `reason` is one of `REASONS`; `text` is what the person would be told in a chat, plain and in their language.
    `questions` are those whose answers are wrong, `domain_events` are for counters and logs.
    """

    def __init__(
        self, name: str, reason: str, text: str, domain_events: Sequence[DomainEvent], questions: Sequence[str] = ()
    ) -> None:
        self.reason = reason
        self.text = text
        self.domain_events = domain_events
        self.questions = questions
        super().__init__(f"{name}: {reason}" + (f" ({', '.join(questions)})" if questions else ""))
