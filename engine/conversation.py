"""The state of one conversation: a small value, stored for each person in each chat."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DRAFT = "draft."
PERSON = "person."
ANSWER = "answer."


@dataclass(slots=True)
class Frame:
    """One open dialog: its step, its variables, and the id of its subject.

    `trail` holds the steps to go back to, newest last. `mode` is `open`, `edit` (answer one step, then return) or
    `call` (a sub-dialog that gives a value to `into` of the frame below). `pending` is a status transition that has
    questions left to ask.
    """

    step: str
    data: dict[str, Any] = field(default_factory=dict)
    subject_id: int | None = None
    trail: list[str] = field(default_factory=list)
    mode: str = "open"
    into: str | None = None
    pending: dict[str, Any] | None = None

    @property
    def flow(self) -> str:
        """The flow that the step belongs to."""
        return self.step.partition(".")[0]


@dataclass(slots=True)
class IdleTimer:
    """A period of idleness: `since` is in seconds since 1970, `passed` are the timers that have fired in it."""

    since: int
    passed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Conversation:
    """The stack of open dialogs, newest last, and what outlives them.

    `suspended` holds the stack as it was before a step of it was removed from the flows, and what was `left` of it.
    `idle` counts from the person's last message or press, or the last timer that fired; `draft_idle` from the last
    change of the draft. Each is None where there is no timer for it. `pressed` is the last press with its time, `album`
    the answer that the album being sent is part of.
    """

    frames: list[Frame] = field(default_factory=list)
    draft: dict[str, Any] = field(default_factory=dict)
    album: dict[str, Any] | None = None
    suspended: dict[str, Any] | None = None
    pressed: str | None = None
    idle: IdleTimer | None = None
    draft_idle: IdleTimer | None = None
    revision: int = 0

    @property
    def top(self) -> Frame:
        """The frame of the dialog on screen."""
        return self.frames[-1]

    def as_data(self) -> dict[str, Any]:
        """Return the conversation as JSON data; empty parts are left out."""
        parts = {
            "draft": self.draft,
            "album": self.album,
            "aside": self.suspended,
            "pressed": self.pressed,
            "silence": _packed_timer(self.idle),
            "draft_silence": _packed_timer(self.draft_idle),
        }
        return {"frames": pack(self.frames), **{name: part for name, part in parts.items() if part}}

    @classmethod
    def from_data(cls, state: dict[str, Any], revision: int) -> "Conversation":
        """Return the conversation that `as_data` wrote."""
        return cls(
            frames=unpack(state.get("frames", [])),
            draft=state.get("draft", {}),
            album=state.get("album"),
            suspended=state.get("aside"),
            pressed=state.get("pressed"),
            idle=_idle_timer(state.get("silence")),
            draft_idle=_idle_timer(state.get("draft_silence")),
            revision=revision,
        )


def pack(frames: Iterable[Frame]) -> list[dict[str, Any]]:
    """Return frames as JSON data; empty parts are left out."""
    return [_pack(frame) for frame in frames]


def unpack(data: Iterable[dict[str, Any]]) -> list[Frame]:
    """Return the frames that `pack` wrote."""
    return [_unpack(frame) for frame in data]


def listed(value: Any) -> list[Any]:
    """Return the value of a variable as a list, empty where it is none: the flows may have changed since it was set."""
    return value if isinstance(value, list) else []


def _packed_timer(timer: IdleTimer | None) -> list[Any] | None:
    return [timer.since, *timer.passed] if timer else None


def _idle_timer(packed: list[Any] | None) -> IdleTimer | None:
    return IdleTimer(packed[0], packed[1:]) if packed else None


def _pack(frame: Frame) -> dict[str, Any]:
    packed = {
        "step": frame.step,
        "data": frame.data,
        "about": frame.subject_id,
        "trail": frame.trail,
        "into": frame.into,
        "pending": frame.pending,
        "mode": frame.mode if frame.mode != "open" else None,
    }
    return {name: value for name, value in packed.items() if value is not None and value not in ({}, [])}


def _unpack(packed: dict[str, Any]) -> Frame:
    fields = dict(packed)
    return Frame(subject_id=fields.pop("about", None), **fields)
