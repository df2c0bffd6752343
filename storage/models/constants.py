"""String constants for the shipped names; the columns are plain text, because YAML owns the names."""

from enum import StrEnum


class Status(StrEnum):
    """Statuses of a request as the shipped flow names them; a flow may add others."""

    OPEN = "open"
    """Nobody has taken it."""
    IN_PROGRESS = "in_progress"
    """Somebody works on it."""
    ON_HOLD = "on_hold"
    """It waits for a date or a delivery."""
    COMPLETED = "completed"
    """It is done, as its assignee says."""
    REJECTED = "rejected"
    """A manager refused it with a reason."""
    CANCELLED = "cancelled"
    """Its author took it back."""


class Stage(StrEnum):
    """What a status means to queues, reports and indexes: a closed list."""

    WAITING = "waiting"
    """Nobody works on it yet."""
    ACTIVE = "active"
    """Somebody works on it."""
    PAUSED = "paused"
    """Work is interrupted."""
    DONE = "done"
    """Finished with a result."""
    DROPPED = "dropped"
    """Finished without one."""


UNFINISHED = (Stage.WAITING, Stage.ACTIVE, Stage.PAUSED)
"""Stages of a request that still asks for attention."""

FINISHED = (Stage.DONE, Stage.DROPPED)
"""Stages of a request that has left the queue."""


class Priority(StrEnum):
    """How soon a request should be taken: a closed list."""

    HIGH = "high"
    """People cannot work, or it is dangerous."""
    MEDIUM = "medium"
    """The usual."""
    LOW = "low"
    """When there is time."""


URGENCY: dict[str, int] = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}
"""The order of priorities in a queue: 0 comes first."""


class Role(StrEnum):
    """What a person may do."""

    STAFF = "staff"
    """Any employee: submits and follows own requests."""
    CREW = "crew"
    """Takes and finishes requests."""
    MANAGER = "manager"
    """Runs it all."""
    VIEWER = "viewer"
    """Reads everything."""


class FileKind(StrEnum):
    """How Telegram sends the file again."""

    PHOTO = "photo"
    """By sendPhoto."""
    DOCUMENT = "document"
    """By sendDocument."""


class FilePurpose(StrEnum):
    """What a file shows."""

    REQUEST = "request"
    """What is broken."""
    REPORT = "report"
    """What it looks like after the work."""
    COMMENT = "comment"
    """It belongs to a comment."""


class OutboxState(StrEnum):
    """The state of an outgoing message."""

    PENDING = "pending"
    """To be sent, or sent again."""
    SENT = "sent"
    """Telegram accepted it."""
    DEAD = "dead"
    """Telegram will never accept it."""
    CLOSED = "closed"
    """Its chat is closed to the bot: the person has blocked it, or a group has removed it."""


class LinkShape(StrEnum):
    """What a message in a chat is."""

    CARD = "card"
    """The live card of a subject: edited as the subject changes."""
    NOTICE = "notice"
    """Sent once, never edited."""
    SCREEN = "screen"
    """A step of a conversation."""
