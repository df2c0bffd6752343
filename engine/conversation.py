"""The state of one conversation: a small value that is stored per chat."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DRAFT = "draft."
PERSON = "person."
ANSWER = "answer."


@dataclass(slots=True)
class Frame:
    """One open dialog: where it stands, what it is about, what was said in it.

    `trail` holds the steps to go back to, newest last. `mode` is `open`, `edit` (answer one step, then return) or
    `call` (gives a value to `into` of the frame below). `pending` is a status transition that still asks.
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
        """The flow of the step the frame stands in."""
        return self.step.partition(".")[0]


@dataclass(slots=True)
class IdleTimer:
    """What timers count: `since` is in seconds since 1970; `passed` are the timers that have gone off meanwhile."""

    since: int
    passed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Conversation:
    """The stack of open dialogs, newest last, and what outlives them.

    `suspended` holds the stack as it was before a step of it was removed from the flows, and what was `left` of it.
    `idle` lasts since the person's last word or press, or since a timer went off in it; `draft_idle` since the
    last change of the draft. Each is kept only where there is a timer to count it.
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
        """The dialog in which the person stands."""
        return self.frames[-1]

    def as_data(self) -> dict[str, Any]:
        """Return the conversation as plain data; empty parts are left out."""
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
    """Return frames as plain data; empty parts are left out."""
    return [_pack(frame) for frame in frames]


def unpack(data: Iterable[dict[str, Any]]) -> list[Frame]:
    """Return the frames that `pack` wrote."""
    return [_unpack(frame) for frame in data]


def listed(value: Any) -> list[Any]:
    """Return what a variable holds as a list: nothing where it was kept as something else, before the flows changed."""
    return value if isinstance(value, list) else []


def _packed_timer(timer: IdleTimer | None) -> list[Any] | None:
    return [timer.since, *timer.passed] if timer else None


def _idle_timer(kept: list[Any] | None) -> IdleTimer | None:
    return IdleTimer(kept[0], kept[1:]) if kept else None


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
    known = dict(packed)
    return Frame(subject_id=known.pop("about", None), **known)
