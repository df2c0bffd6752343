"""The journal: every Bot API call in the order it came, for tests to assert on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.emulator.params import chat_id_of


@dataclass(slots=True)
class Call:
    """One call; `number` counts from 1, `outcome` is waiting, ok, refused, lost (no answer reached the bot).

    `accepted` is true once it took effect, as a lost one may have.
    """

    number: int
    method: str
    at: float
    params: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)
    outcome: str = "waiting"
    accepted: bool = False
    result: Any = None
    error: str = ""

    @property
    def chat_id(self) -> int | str | None:
        """The addressed chat."""
        return chat_id_of(self.params)


class Journal:
    """All calls so far."""

    def __init__(self) -> None:
        self.entries: list[Call] = []

    def open(self, method: str, at: float) -> Call:
        """Begin an entry for a call that has just come."""
        call = Call(len(self.entries) + 1, method, at)
        self.entries.append(call)
        return call

    def calls(self, *methods: str, chat_id: int | None = None, accepted: bool | None = None) -> list[Call]:
        """The calls of these methods (of all but `getUpdates` when none is named), oldest first."""
        return [
            call
            for call in self.entries
            if (call.method in methods if methods else call.method != "getUpdates")
            and chat_id in (None, call.chat_id)
            and accepted in (None, call.accepted)
        ]
