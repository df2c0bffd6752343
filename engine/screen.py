"""The output of the engine: a screen, notices, files, and what else one event led to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.domain_events import DomainEvent
from engine.events import File, SubjectRef


@dataclass(frozen=True, slots=True)
class ScreenButton:
    """A button: its text, and the callback data of its press."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A message with buttons; `text` is HTML. `name` is flow.step or flow.notice.

    A `card` shows its `subject` in this `version`.
    """

    name: str
    text: str
    rows: tuple[tuple[ScreenButton, ...], ...] = ()
    subject: SubjectRef | None = None
    card: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice for one recipient, rendered with that recipient's permissions."""

    recipient: Any
    screen: Screen


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When the deadlines of a status are due, by their names, for a subject that has entered the status.

    They replace the deadlines that the subject had; a `fresh` subject was just created and had none.
    """

    subject: SubjectRef
    state: str
    due: Mapping[str, datetime]
    fresh: bool


@dataclass(slots=True)
class Reply:
    """What one event led to.

    `screen` is the conversation's new screen; with `edit` it replaces the message whose button was pressed, without it
    is a new message. `hint` is the text above it. `toast` answers a press; `note` is a short message that leaves the
    screen as it is. `card` is the new content of the pressed message, where that is a subject's card and the
    conversation stays where it was. `notifications` are notices to others, `changed` the subjects whose cards are to
    be redrawn; `files` are sent with `caption`. `deadlines` are to be stored with their subjects. `wake_at` is when the
    next idle timer of the conversation fires, or the deadline that has just fired fires again. `domain_events` are for
    metrics and logs.
    """

    screen: Screen | None = None
    edit: bool = False
    toast: str | None = None
    hint: str | None = None
    note: str | None = None
    card: Screen | None = None
    notifications: list[Notification] = field(default_factory=list)
    changed: list[SubjectRef] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    caption: str = ""
    deadlines: list[Deadlines] = field(default_factory=list)
    domain_events: list[DomainEvent] = field(default_factory=list)
    wake_at: datetime | None = None
