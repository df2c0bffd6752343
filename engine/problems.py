"""Mistakes in flow files, with their positions, for the person who edits them."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.i18n import Message

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
    what: Message | str
    hint: Message | str = ""

    def __lt__(self, other: "Problem") -> bool:
        return (self.position, str(self)) < (other.position, str(other))

    def __str__(self) -> str:
        return f"{self.position}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class FlowError(Exception):
    """The flows cannot be used; `problems` are the mistakes of all files, in reading order."""

    def __init__(self, problems: "Iterable[Problem]") -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: "Iterable[str]") -> str:
    """Return a hint: the closest of `known`, or else all of them when they are few, or else ""."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"try one of: {', '.join(names)}" if 0 < len(names) <= 12 else ""
