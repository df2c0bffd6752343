"""Refusals of status transitions that are made by code, outside of a chat."""

from collections.abc import Sequence

from engine.domain_events import LATE, REFUSED, DomainEvent

UNKNOWN = "unknown"
"""The flows have no such kind of subject, or no such transition of it."""
BLOCKED = "blocked"
"""The person is blocked."""
GONE = "gone"
"""There is no such subject, or this person may not see it."""
UNANSWERED = "unanswered"
"""Answers are missing, or for no question, or longer than the transition's sub-dialogs allow."""
REASONS = (UNKNOWN, BLOCKED, GONE, UNANSWERED, REFUSED, LATE)


class TransitionError(Exception):
    """A status transition was not made, and nothing was written.

    `reason` is one of `REASONS`; `text` is what the person would read in a chat, as plain text. `questions` are those
    with wrong answers, `domain_events` are for metrics and logs.
    """

    def __init__(
        self, name: str, reason: str, text: str, domain_events: Sequence[DomainEvent], questions: Sequence[str] = ()
    ) -> None:
        self.reason = reason
        self.text = text
        self.domain_events = domain_events
        self.questions = questions
        super().__init__(f"{name}: {reason}" + (f" ({', '.join(questions)})" if questions else ""))
