"""Mistakes in flow files, with their positions, for the person who edits them."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from engine.i18n import Language, Message, message
from engine.letters import disguise, latin

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a flow file; line and column count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its position, what is wrong and what to try."""

    position: Position
    what: Message
    hint: Message | None = None

    def __lt__(self, other: "Problem") -> bool:
        return (self.position, str(self)) < (other.position, str(other))

    def __str__(self) -> str:
        return self.render("en")

    def render(self, language: Language) -> str:
        """Return one line: the position, what is wrong, what to try."""
        hint = f"; {self.hint.render(language)}" if self.hint else ""
        return f"{self.position}: {self.what.render(language)}{hint}"

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON data, for another process."""
        at, hint = self.position, self.hint.to_data() if self.hint else None
        return {"position": [at.path, at.line, at.column], "what": self.what.to_data(), "hint": hint}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return the mistake that `to_data` was given of."""
        hint = Message.from_data(data["hint"]) if data["hint"] else None
        return cls(Position(*data["position"]), Message.from_data(data["what"]), hint)


class FlowError(Exception):
    """The flows cannot be used; `problems` are the mistakes of all files, in reading order."""

    def __init__(self, problems: "Iterable[Problem]") -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(name: str, known: "Iterable[str]") -> str | None:
    """Return the one of `known` that is most likely meant: the closest in its letters; None where none is close."""
    names = sorted(known)
    plain = latin(name) if all(map(str.isascii, names)) else name
    if plain in names:
        return plain
    one_letter_off = [each for each in names if is_one_edit(plain, each)]
    return next(
        iter(get_close_matches(plain, one_letter_off or names, n=1, cutoff=0.0 if one_letter_off else 0.6)), None
    )


def is_one_edit(one: str, other: str) -> bool:
    """Return whether one letter is dropped, added or another, or two neighbours are swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    swapped = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
    return swapped or rest[1:] == other_rest[1:] or rest == other_rest[1:] or rest[1:] == other_rest


class UnfitError(ValueError):
    """A value that a flow cannot have; `what` says why."""

    def __init__(self, what: Message) -> None:
        super().__init__(str(what))
        self.what = what


def did_you_mean(name: str, known: "Iterable[str]") -> Message | None:
    """Return a hint: the closest of `known`, or else all of them when they are few, or else None."""
    names = sorted(known)
    close = nearest(name, names)
    if close and close.isascii() and (what := disguise(name)):
        return message('{what}: write "{name}"', what=what, name=close)
    if close:
        return message('did you mean "{name}"?', name=close)
    return message("try one of: {names}", names=", ".join(names)) if 0 < len(names) <= 12 else None
