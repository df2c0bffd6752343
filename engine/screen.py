"""What the engine asks the shell to show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.domain_events import DomainEvent
from engine.events import File, SubjectRef


@dataclass(frozen=True, slots=True)
class ScreenButton:
    """A button: what it says, and the data that comes back when it is pressed."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A message with buttons; `text` is HTML. `name` is flow.step or flow.notice.

    A `card` shows its `subject`, as it was when it bore `version`.
    """

    name: str
    text: str
    rows: tuple[tuple[ScreenButton, ...], ...] = ()
    subject: SubjectRef | None = None
    card: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice for one recipient, rendered for that recipient's eyes."""

    recipient: Any
    screen: Screen


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When the deadlines of a status go off, by their names, for a subject that has come into it.

    They take the place of those that the subject had; a `fresh` subject was made just now and had none.
    """

    subject: SubjectRef
    state: str
    due: Mapping[str, datetime]
    fresh: bool


@dataclass(slots=True)
class Reply:
    """What one event led to.

    `screen` is the conversation's new screen; with `edit` it replaces the message that was pressed, without it stands
    below what was typed. `hint` is what was put above its words. `toast` answers a press; `note` is a short message
    that leaves the screen as it is. `card` is the press' own message drawn anew when it shows a subject's card and the
    conversation stays where it was. `notifications` are notices to others, `changed` the subjects whose cards are drawn
    anew, `files` are sent with `caption`. `deadlines` are to be kept with their subjects. `wake_at` is when the next
    timer fires: in a conversation the first of its timers, of a deadline its next round. `domain_events` are for
    counters and logs.
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
