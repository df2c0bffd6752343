"""Timers: the deadlines of subjects, and which deadlines and conversations are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage.database.prepared import Prepared
from storage.models.tables import conversations, timers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

    from storage.database.transaction import Transaction

MOST_TRIES = 5
"""How often firing a deadline is tried; after that its row stays, for operators to see, until the status changes."""


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A deadline of a subject; `state` is the status that it belongs to."""

    id: int
    subject_kind: str
    subject_id: int
    name: str
    state: str
    tries: int
    due_at: datetime


_COLUMNS = (
    timers.c.id,
    timers.c.subject_kind,
    timers.c.subject_id,
    timers.c.name,
    timers.c.state,
    timers.c.tries,
    timers.c.due_at,
)
_IS_ALIVE = timers.c.tries < MOST_TRIES
_IS_DUE = timers.c.due_at <= bindparam("now")
_DUE = select(*_COLUMNS).where(_IS_ALIVE, _IS_DUE).order_by(timers.c.due_at).limit(bindparam("at_most"))
_LOCK = select(*_COLUMNS).where(timers.c.id == bindparam("timer"), _IS_ALIVE, _IS_DUE).with_for_update(skip_locked=True)
_NEXT = select(func.min(timers.c.due_at)).where(_IS_ALIVE)
_DUE_CONVERSATIONS = (
    select(conversations.c.id)
    .where(conversations.c.bot_id == bindparam("bot"), conversations.c.timer_at <= bindparam("now"))
    .order_by(conversations.c.timer_at)
    .limit(bindparam("at_most"))
)
_NEXT_CONVERSATION = select(func.min(conversations.c.timer_at)).where(
    conversations.c.bot_id == bindparam("bot"), conversations.c.timer_at.is_not(None)
)
_DISARM = Prepared(
    delete(timers).where(timers.c.subject_kind == bindparam("kind"), timers.c.subject_id == bindparam("subject"))
)
_ARM = Prepared(insert(timers))
_ONE = timers.c.id == bindparam("timer")
_AGAIN = (
    update(timers).where(_ONE).values(due_at=bindparam("next_at"), fired=timers.c.fired + 1, tries=0, last_error=None)
)
_END = delete(timers).where(_ONE)
_FAILED = (
    update(timers)
    .where(_ONE)
    .values(due_at=bindparam("next_at"), tries=timers.c.tries + 1, last_error=bindparam("error"))
)


def arm(
    tx: Transaction, kind: str, subject_id: int, state: str, due: Mapping[str, datetime], *, fresh: bool = False
) -> None:
    """Replace the deadlines of a subject by those of the status it enters; a `fresh` subject has none to replace."""
    if not fresh:
        _DISARM.run(tx, {"kind": kind, "subject": subject_id})
    armed = {"subject_kind": kind, "subject_id": subject_id, "state": state, "since": tx.now}
    for name, due_at in due.items():
        _ARM.run(tx, {**armed, "name": name, "due_at": due_at})


def due(tx: Transaction, limit: int) -> list[TimerRow]:
    """Return deadlines that are due, the earliest first; nothing is locked."""
    return [_row(row) for row in tx.connection.execute(_DUE, {"now": tx.now, "at_most": limit}).mappings()]


def lock(tx: Transaction, timer_id: int) -> TimerRow | None:
    """Lock a deadline until the commit; None where it is no longer due, or locked by another process.

    Lock its subject first: a transaction that changes the subject locks in that order, and the other order would be a
    deadlock.
    """
    row = tx.connection.execute(_LOCK, {"timer": timer_id, "now": tx.now}).mappings().one_or_none()
    return _row(row) if row else None


def again(tx: Transaction, timer_id: int, next_at: datetime | None) -> None:
    """Record that a deadline has fired; without a next time its row is deleted."""
    if next_at is None:
        tx.connection.execute(_END, {"timer": timer_id})
    else:
        tx.connection.execute(_AGAIN, {"timer": timer_id, "next_at": next_at})


def mark_failed(tx: Transaction, timer_id: int, error: str, next_at: datetime) -> None:
    """Record that firing a deadline failed; after `MOST_TRIES` times it is not due any more."""
    tx.connection.execute(_FAILED, {"timer": timer_id, "error": error.replace("\0", ""), "next_at": next_at})


def due_conversations(tx: Transaction, bot_id: int, limit: int) -> list[int]:
    """Return the ids of conversations in which a timer is due, the earliest first; nothing is locked."""
    wanted = {"bot": bot_id, "now": tx.now, "at_most": limit}
    return list(tx.connection.execute(_DUE_CONVERSATIONS, wanted).scalars())


def next_due_at(tx: Transaction, bot_id: int) -> datetime | None:
    """Return when the next timer of any kind is due, which may be past; None where there is none."""
    moments = (
        tx.connection.execute(_NEXT).scalar_one(),
        tx.connection.execute(_NEXT_CONVERSATION, {"bot": bot_id}).scalar_one(),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def _row(row: RowMapping) -> TimerRow:
    return TimerRow(**row)
