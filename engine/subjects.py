"""The port through which the engine uses subjects, the things that flows are about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from engine.events import KeptFile


@runtime_checkable
class Person(Protocol):
    """A person in a conversation."""

    id: int
    role: str
    is_blocked: bool
    prefs: dict[str, Any]


@dataclass(slots=True)
class Nobody:
    """The person of a context in which a timer acts: has no role and no relations."""

    id: int = 0
    role: str = ""
    is_blocked: bool = False
    prefs: dict[str, Any] = field(default_factory=dict)


class Subject(Protocol):
    """A thing with a status, as loaded from the database."""

    @property
    def id(self) -> int:
        """The id of the subject among those of its kind."""

    @property
    def state(self) -> str:
        """Its status."""

    @property
    def version(self) -> str:
        """A short string of letters and digits, different after every change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A status transition to be stored: `fields` are those that the flow sets, `actor` is None for a timer.

    Each field has a value of the type that the port declares for it.
    """

    transition: str
    source: str
    target: str
    stage: str
    actor: Person | None
    at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


class SubjectPort(Protocol):
    """One kind of subject. The engine passes `transaction` on and does not use it."""

    kind: str

    @property
    def fields(self) -> type[BaseModel]:
        """The model of the fields that a status transition may set: each says what it takes."""

    @property
    def view(self) -> type[BaseModel]:
        """The model of the subject in templates, each text with its greatest length."""

    def load(self, transaction: Any, subject_id: int, *, lock: bool) -> Subject | None:
        """Return the subject, None where there is none; with `lock`, locked until the end of the transaction."""

    def clearance(self, viewer: Person, subject: Any) -> str:
        """Return a word for how much of the subject a person may see; it is shown alike to all with the same word.

        The engine shows what was made for one viewer to others too, but never across two words.
        """

    def show(self, transaction: Any, subject: Any, status: str, clearance: str) -> BaseModel:
        """Return of the subject what templates may print for a viewer of this `clearance`, an instance of `view`.

        `status` is the subject's own, or its replacement where that was removed from the flows.
        """

    def count_by_status(self, transaction: Any) -> Mapping[str, int]:
        """Return the number of subjects by status."""

    def apply(self, transaction: Any, subject: Any, change: Change) -> None:
        """Store a transition: the new state, its stage and fields, and one event of the history."""

    def join(self, transaction: Any, subject_id: int, person: Person, file: KeptFile, caption: str, part: Any) -> bool:
        """Add a later piece of an album that became part of the subject; return whether it was added.

        `part` is what the action that took the first piece passed to `Context.own_album`, as it was stored: another
        version may have written it.
        """
