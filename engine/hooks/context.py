"""What every hook may ask for besides its declared inputs: who acts, when, inside which transaction.

There is no way to a variable here: what a hook takes of the conversation, it declares.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from engine.subjects import Person

W_co = TypeVar("W_co", covariant=True)


class Statuses(Protocol):
    """The statuses of one kind of subject, as the flows in force have them."""

    @property
    def initial(self) -> str:
        """The status of a new subject."""

    @property
    def stages(self) -> Mapping[str, str]:
        """The stage of each status."""

    def current_status(self, status: str) -> str:
        """Return the status, or what stands for it now where it was removed from the flow."""


class HookContext(Protocol[W_co]):
    """One event of one person; `W_co` is what the bot passes through as the transaction."""

    @property
    def transaction(self) -> W_co:
        """What the bot handed to the engine with the event."""

    @property
    def person(self) -> Person:
        """Whoever is asked about: the person who acts, or who is shown something; Nobody where time acts."""

    @property
    def actor(self) -> Person | None:
        """Who causes what happens; None where time does."""

    @property
    def now(self) -> datetime:
        """The time of the event, aware."""

    @property
    def opened(self) -> bool:
        """Whether the step stands in the person's own dialog, and is no live card beside it."""

    def statuses(self, kind: str) -> Statuses:
        """Return the statuses of a kind of subject; raises KeyError for one that no flow describes."""

    def emit(self, name: str, **facts: str | int | None) -> None:
        """Report a domain event of the subject at hand: ids and names, nobody's words."""

    def created(self, kind: str, subject_id: int, **facts: str | int | None) -> None:
        """Say that the action made a subject: the next step is about it, and its deadlines begin."""

    def focus_on(self, kind: str, subject_id: int, *, changed: bool = True) -> None:
        """Say which subject the action found or `changed`: the next step is about it."""

    def changed(self) -> None:
        """Say that the subject at hand changed: its cards are drawn anew."""

    def own_album(self, part: Any, *, drafted: bool = False) -> None:
        """Say that the album being sent became `part` of the subject; later pieces of it go there."""
