"""The state of one conversation: a small value, stored for each person in each chat."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.callback import LARGEST

VERSION = 1
"""The version of stored conversations that this build reads, and the one of those that name none, under `v`."""
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

    `unreadable` names the parts of a stored conversation that could not be read, and were left out.

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
    unreadable: tuple[str, ...] = ()

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
    def from_data(cls, state: Any, revision: int) -> "Conversation":
        """Return the conversation that `as_data` wrote, in this version or in another.

        Keys that this version does not know are ignored. A part that cannot be read is left out, and named in
        `unreadable`; where that is the open dialogs, the person begins anew, with the draft kept. Of a version that is
        not ours nothing but the draft is read: its keys may have another meaning.
        """
        parts, unreadable = _read(state)
        return cls(
            frames=parts.get("frames", []),
            draft=parts.get("draft", {}),
            album=parts.get("album"),
            suspended=parts.get("aside"),
            pressed=parts.get("pressed"),
            idle=parts.get("silence"),
            draft_idle=parts.get("draft_silence"),
            revision=revision,
            unreadable=unreadable,
        )


def _read(state: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the parts of a stored conversation that can be read, and the names of the others."""
    if not isinstance(state, dict):
        return {}, ("state",)
    if state.get("v", VERSION) != VERSION:
        return _read({"draft": state.get("draft")})[0], ("v",)
    parts: dict[str, Any] = {}
    unreadable: list[str] = []
    for name, value in state.items():
        read = _PARTS.get(name)
        if read is None or value is None:
            continue
        try:
            parts[name] = read(value)
        except (TypeError, ValueError, LookupError):
            unreadable.append(name)
    return parts, tuple(unreadable)


def pack(frames: Iterable[Frame]) -> list[dict[str, Any]]:
    """Return frames as JSON data; empty parts are left out."""
    return [_pack(frame) for frame in frames]


def unpack(data: Iterable[dict[str, Any]]) -> list[Frame]:
    """Return the frames that `pack` wrote. Raises TypeError or KeyError for what is none."""
    return [_unpack(_mapping(frame)) for frame in data]


def listed(value: Any) -> list[Any]:
    """Return the value of a variable as a list, empty where it is none: the flows may have changed since it was set."""
    return value if isinstance(value, list) else []


def _packed_timer(timer: IdleTimer | None) -> list[Any] | None:
    return [timer.since, *timer.passed] if timer else None


def _idle_timer(packed: list[Any]) -> IdleTimer:
    since, *passed = packed
    if not isinstance(since, int):
        raise TypeError("expected seconds")
    return IdleTimer(since, _texts(passed))


def _album(packed: Any) -> dict[str, Any]:
    album = _mapping(packed)
    _text(album["id"]), _text(album["step"]), _mapping(album["expect"])
    if "owner" in album:
        kind, subject_id = album["owner"]
        _text(kind), _id(subject_id), album["part"]
    return album


def _suspended(packed: Any) -> dict[str, Any]:
    suspended = _mapping(packed)
    unpack(suspended["frames"]), unpack(suspended["left"])
    return suspended


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise TypeError("expected an object")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("expected a text")


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    for each in value:
        _text(each)
    return value


def _id(value: Any) -> int:
    if isinstance(value, int) and -LARGEST <= value <= LARGEST:
        return value
    raise ValueError("expected an id of a subject")


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
    fields: dict[str, Any] = {}
    for name, value in packed.items():
        if name in _FIELDS and value is not None:
            field, read = _FIELDS[name]
            fields[field] = read(value)
    return Frame(**fields)


def _pending(packed: Any) -> dict[str, Any]:
    pending = _mapping(packed)
    _text(pending["transition"]), _mapping(pending["answers"])
    return pending


_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "step": ("step", _text),
    "data": ("data", _mapping),
    "about": ("subject_id", _id),
    "trail": ("trail", _texts),
    "mode": ("mode", _text),
    "into": ("into", _text),
    "pending": ("pending", _pending),
}
"""By the keys of a stored frame: the field of `Frame`, and how it is read."""
_PARTS: dict[str, Callable[[Any], Any]] = {
    "frames": unpack,
    "draft": _mapping,
    "album": _album,
    "aside": _suspended,
    "pressed": _text,
    "silence": _idle_timer,
    "draft_silence": _idle_timer,
}
"""How each part of a stored conversation is read; each function raises for what it cannot read."""
