"""The transcript of a scenario: every chat of it in one text, in the order in which things happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.emulator.transcript import TURN, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.emulator.people import Person


class SharedTranscript:
    """Collects what happens in several chats, turn by turn.

    A turn begins with the chat of whoever acts; what others are shown in it follows, each chat below its person's name.
    """

    def __init__(self, title: str) -> None:
        self._lines = [title]

    def note(self, words: str) -> None:
        """Add something that happens outside of the chats."""
        self._lines += ["", f"· · · {words}"]

    def turn(self, people: Iterable[tuple[str, Person]], since: int) -> None:
        """Add what happened in the chats of people, each by what they are called, since the log had so many entries."""
        for called, person in people:
            if words := Transcript(person).text(since):
                self._lines += ["", f"{TURN} {called}", *words.replace(f"{TURN}\n", "").split("\n")]

    @property
    def text(self) -> str:
        """The transcript so far, with a line break at its end."""
        return "\n".join(self._lines) + "\n"
