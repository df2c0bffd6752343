"""The state of one conversation: a small value, stored for each person in each chat."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

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
        `unreadable`; where that is the open dialogs, the person begins anew, with the draft kept.
        """
        stored = _Stored(state)
        return cls(
            frames=stored.part("frames", unpack) or [],
            draft=stored.part("draft", _mapping) or {},
            album=stored.part("album", _album),
            suspended=stored.part("aside", _suspended),
            pressed=stored.part("pressed", _text),
            idle=stored.part("silence", _idle_timer),
            draft_idle=stored.part("draft_silence", _idle_timer),
            revision=revision,
            unreadable=tuple(stored.unreadable),
        )


class _Stored:
    """A stored conversation whose parts are read one by one, each by a function that raises for what it cannot read."""

    def __init__(self, state: Any) -> None:
        self.unreadable = [] if isinstance(state, Mapping) else ["state"]
        self._state = state if isinstance(state, Mapping) else {}

    def part(self, name: str, read: Callable[[Any], T]) -> T | None:
        value = self._state.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except (TypeError, ValueError, LookupError):
            self.unreadable.append(name)
            return None


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
    return IdleTimer(_of(int, packed[0]), [_text(each) for each in packed[1:]])


def _album(packed: Any) -> dict[str, Any]:
    album = _mapping(packed)
    _text(album["id"]), _text(album["step"]), _mapping(album["expect"])
    return album


def _suspended(packed: Any) -> dict[str, Any]:
    suspended = _mapping(packed)
    unpack(suspended["frames"]), unpack(suspended["left"])
    return suspended


def _mapping(value: Any) -> dict[str, Any]:
    return _of(dict, value)


def _text(value: Any) -> str:
    return _of(str, value)


def _of(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


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
    about, into, pending = packed.get("about"), packed.get("into"), packed.get("pending")
    return Frame(
        step=_text(packed["step"]),
        data=_mapping(packed.get("data", {})),
        subject_id=None if about is None else _of(int, about),
        trail=[_text(each) for each in packed.get("trail", [])],
        mode=_text(packed.get("mode", "open")),
        into=None if into is None else _text(into),
        pending=None if pending is None else _pending(_mapping(pending)),
    )


def _pending(packed: dict[str, Any]) -> dict[str, Any]:
    _text(packed["transition"]), _mapping(packed["answers"])
    return packed
