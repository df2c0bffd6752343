"""History: events are appended and read; no function changes one."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from storage.database.prepared import Prepared
from storage.models.tables import events, users

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened to a subject; `actor_id` is None where a timer did it."""

    subject_kind: str
    subject_id: int
    name: str
    actor_id: int | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRow:
    """A recorded event with the name of who did it."""

    id: int
    subject_kind: str
    subject_id: int
    actor_id: int | None
    actor_name: str | None
    name: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    changes: dict[str, Any]
    created_at: datetime


_NAMES = tuple(each.name for each in fields(NewEvent))
_APPEND = Prepared(insert(events).returning(events.c.id))
_OF_SUBJECT = Prepared(
    select(events, users.c.full_name.label("actor_name"))
    .outerjoin(users, users.c.id == events.c.actor_id)
    .where(events.c.subject_kind == bindparam("kind"), events.c.subject_id == bindparam("subject"))
    .order_by(events.c.id.desc())
    .limit(bindparam("at_most"))
)


def append(tx: Transaction, new: NewEvent) -> int:
    """Record an event at the transaction's time and return its id."""
    return int(_APPEND.scalar(tx, {name: getattr(new, name) for name in _NAMES}))


def of_subject(tx: Transaction, kind: str, subject_id: int, limit: int = 100) -> list[EventRow]:
    """Return the last events of a subject, the oldest of them first."""
    wanted = {"kind": kind, "subject": subject_id, "at_most": limit}
    return [EventRow(**row) for row in reversed(_OF_SUBJECT.all(tx, wanted))]
