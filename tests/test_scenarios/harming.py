"""Edits of the shipped flows that harm somebody and that the check must pass: nothing in the flows contradicts them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Flows = dict[str, Any]
    Place = tuple[str | int, ...]

WORDS = ("text", "say", "late", "unexpected", "empty", "caption", "label")
MENU = "main.menu"
NUMBER = re.compile(r"([1-9]\d*)([smhd])")


@dataclass(frozen=True)
class Harm:
    """Flows with one edit; `place` is where, below the name of the file."""

    what: str
    place: Place
    flows: Flows
    words: str = ""
    """A piece of the words that were there, as they are shown; "" where it is no text."""

    def __str__(self) -> str:
        return f"{self.what}: {'.'.join(map(str, self.place))}"

    @property
    def part(self) -> str:
        """What a scenario has to meet so that it can find the edit, as the trace names it; "" where that may be any."""
        file, section, *rest = self.place
        if section == "steps":
            return f"step:{file}.{rest[0]}"
        return f"notice:{file}!{rest[0]}" if section == "notices" else ""


def harms(shipped: Flows) -> Iterator[Harm]:
    """Go through edits of every kind at every place."""
    for place, value in list(_places(shipped, ())):
        if len(place) < 3:
            continue
        for what, after in _after(place, value):
            yield Harm(what, place, _with(shipped, place, after), _piece(value))


_GONE = object()


def _after(place: Place, value: Any) -> Iterator[tuple[str, Any]]:
    """Return what the value at a place may become."""
    key, section = place[-1], place[1]
    if key in WORDS and isinstance(value, str) and section != "lists":
        yield "other words", f"{value.rstrip()} Ой"
    elif section == "phrases" and len(place) == 3 and isinstance(value, str):
        yield "other words", f"{value} Ой"
    elif key == "tell":
        yield "a missing notice", _GONE
    elif key in {"to", "by"} and section in {"notices", "status"} and value:
        yield from (("somebody left out", each) for each in _without_one(value))
    elif key in {"when", "forget"} and section in {"steps", "anywhere"}:
        yield f"no {key}", _GONE
    elif key == "buttons" and isinstance(value, list):
        yield from (("a lost button", value[:index] + value[index + 1 :]) for index in range(len(value)))
    elif (
        key == "go"
        and value != MENU
        and (place[0], value) != tuple(MENU.split("."))
        and section in {"steps", "anywhere"}
    ):
        yield "another way", MENU
    elif key in {"in", "repeat", "within"} and isinstance(value, str) and (found := NUMBER.fullmatch(value)):
        yield "a longer time", f"{int(found[1]) * 2}{found[2]}"
        yield "a shorter time", f"{max(1, int(found[1]) // 2)}{found[2]}"
    elif key == "set" and section == "status":
        yield from (("a field that is not set", {k: v for k, v in value.items() if k != name}) for name in value)


def _without_one(value: Any) -> list[Any]:
    return [value[:index] + value[index + 1 :] for index in range(len(value))] if isinstance(value, list) else []


def _piece(value: Any) -> str:
    """Return the longest piece of a text that no value interrupts."""
    return max(re.split(r"\{[{%].*?[%}]\}|\n", value), key=len) if isinstance(value, str) else ""


def _places(value: Any, at: Place) -> Iterator[tuple[Place, Any]]:
    if at:
        yield at, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*at, key))


def _with(flows: Flows, place: Place, after: Any) -> Flows:
    changed = copy.deepcopy(flows)
    *path, key = place
    inner: Any = changed
    for step in path:
        inner = inner[step]
    if after is _GONE:
        del inner[key]
    else:
        inner[key] = after
    return changed
