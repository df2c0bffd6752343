"""The port through which the engine knows the things that flows are about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from engine.events import KeptFile


@runtime_checkable
class Person(Protocol):
    """Whoever takes part in a conversation."""

    id: int
    role: str
    is_blocked: bool
    prefs: dict[str, Any]


@dataclass(slots=True)
class Nobody:
    """Stands for the person where time acts: has no role, is related to nothing."""

    id: int = 0
    role: str = ""
    is_blocked: bool = False
    prefs: dict[str, Any] = field(default_factory=dict)


class Subject(Protocol):
    """One thing that has a status: loaded, and locked when an event is about it."""

    @property
    def id(self) -> int:
        """The number that names the subject among those of its kind."""

    @property
    def state(self) -> str:
        """Its status."""

    @property
    def version(self) -> str:
        """A short text of letters and digits that differs after every change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A status transition to be written: `fields` by the names that the flow sets, each of the type it declares."""

    transition: str
    source: str
    target: str
    stage: str
    actor: Person | None
    at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


class SubjectPort(Protocol):
    """One kind of subject. `transaction` is passed through untouched."""

    kind: str

    @property
    def fields(self) -> type[BaseModel]:
        """The model of the fields that a status transition may set: each says what it takes."""

    @property
    def view(self) -> type[BaseModel]:
        """The model of what words may print, each text with its greatest length."""

    def load(self, transaction: Any, subject_id: int, *, lock: bool) -> Subject | None:
        """Return the subject, or None where there is none."""

    def show(self, transaction: Any, subject: Any, status: str) -> BaseModel:
        """Return what words may print of the subject, an instance of `view`.

        `status` is its own, or what stands for that now where it was removed from the flows.
        """

    def count_by_status(self, transaction: Any) -> Mapping[str, int]:
        """Count the subjects of each status there is."""

    def apply(self, transaction: Any, subject: Any, change: Change) -> None:
        """Write a transition: the new state, its stage and fields, and one event of the history."""

    def join(
        self, transaction: Any, subject_id: int, person: Person, file: KeptFile, caption: str, part: Any
    ) -> bool:
        """Add a later piece of an album that became part of the subject; return whether the subject changed.

        `part` is what the action that took the first piece said of it.
        """
