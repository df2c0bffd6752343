"""The line in which the outbox waits: who is next in each chat, who takes it for sending, when that will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal_column, or_, select, union_all, update

from storage.database.dialects import latest
from storage.database.prepared import Prepared
from storage.models.constants import OutboxState
from storage.models.tables import conversations, outbox
from storage.outbox.leases import LEASE
from storage.outbox.links import Link

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed message; `sent_message_id` is set where an older text of it has been sent already."""

    id: int
    bot_id: int
    chat_id: int
    thread_id: int
    method: str
    payload: dict[str, Any]
    link: Link | None
    rev: int
    tries: int
    sent_message_id: int | None
    created_at: datetime


_NOW = bindparam("now", type_=outbox.c.next_try_at.type)
_other = outbox.alias("other")


def _waits(table: Any) -> tuple[ColumnElement[bool], ...]:
    # A literal, not a parameter, as in the partial indexes.
    return table.c.state == literal_column(f"'{OutboxState.PENDING}'"), table.c.bot_id == bindparam("bot")


def _first_of(chat: ColumnElement[int]) -> ScalarSelect[int]:
    """A message that waits for its hour holds up nobody; one that is being sent or tried again holds up its chat."""
    is_released = or_(_other.c.not_before.is_(None), _other.c.not_before <= _NOW)
    in_chat = select(_other.c.id).where(*_waits(_other), _other.c.chat_id == chat, is_released)
    return in_chat.order_by(_other.c.id).limit(1).scalar_subquery()


def _chats() -> CTE:
    """From one chat to the next by the index: thousands of messages in one chat are not read to find its first."""
    known = select(func.min(outbox.c.chat_id).label("id")).where(*_waits(outbox)).cte("chats", recursive=True)
    further = select(func.min(_other.c.chat_id)).where(*_waits(_other), _other.c.chat_id > known.c.id)
    return known.union_all(select(further.scalar_subquery()).where(known.c.id.is_not(None)))


_CHATS = _chats()
_IS_FIRST = outbox.c.id == _first_of(_CHATS.c.id)
# While a screen of the chat rests, as Telegram asked or after a failure, nothing else is sent there either.
_PAUSE_ENDS = (
    select(func.max(conversations.c.screen_leased_until))
    .where(
        conversations.c.bot_id == outbox.c.bot_id,
        conversations.c.chat_id == outbox.c.chat_id,
        conversations.c.screen_leased_by.is_(None),
        conversations.c.screen_leased_until > _NOW,
    )
    .scalar_subquery()
)
_lease_ends = func.coalesce(outbox.c.leased_until, outbox.c.next_try_at)
_FREE = (
    select(outbox.c.id)
    .where(
        # Once more: a row may have changed before it is locked. In words that fit no index: PostgreSQL believes that
        # few messages wait, and would rather read all of them than look the first ones up.
        *(outbox.c.state != ended for ended in OutboxState if ended != OutboxState.PENDING),
        latest(outbox.c.next_try_at, _lease_ends) <= _NOW,
        _PAUSE_ENDS.is_(None),
    )
    .with_for_update(skip_locked=True, of=outbox)
)


def _leasing(free: Select[Any]) -> Prepared:
    # Apart from the UPDATE: in a subquery PostgreSQL may run it, and lock rows, more than once.
    due = free.cte("due")
    return Prepared(
        update(outbox)
        .where(outbox.c.id == due.c.id)
        .values(leased_by=bindparam("worker"), leased_until=bindparam("until"))
        .returning(
            outbox.c.id,
            outbox.c.bot_id,
            outbox.c.chat_id,
            outbox.c.thread_id,
            outbox.c.method,
            outbox.c.payload,
            outbox.c.link,
            outbox.c.rev,
            outbox.c.tries,
            outbox.c.sent_message_id,
            outbox.c.created_at,
        )
    )


_LEASE_DUE = _leasing(
    _FREE.join(_CHATS, _IS_FIRST).order_by(outbox.c.next_try_at, outbox.c.id).limit(bindparam("at_most"))
)
_LEASE_NEXT = _leasing(_FREE.where(outbox.c.id == _first_of(bindparam("chat", type_=outbox.c.chat_id.type))))
_pause_ends = func.coalesce(_PAUSE_ENDS, outbox.c.next_try_at)
_TIMES = union_all(
    select(latest(outbox.c.next_try_at, _lease_ends, _pause_ends).label("at")).join(_CHATS, _IS_FIRST),
    # Not only of the first ones: nobody looks again merely because those have been sent.
    select(func.min(outbox.c.next_try_at)).where(*_waits(outbox), outbox.c.next_try_at > _NOW),
    select(func.min(outbox.c.not_before)).where(*_waits(outbox), outbox.c.not_before > _NOW),
).subquery()
_NEXT_DUE = Prepared(select(func.min(_TIMES.c.at, type_=outbox.c.next_try_at.type).label("at")))


def lease(tx: Transaction, bot_id: int, worker: int, limit: int) -> list[OutboxRow]:
    """Take due messages for sending, the first of each chat only; another process skips them."""
    rows = _LEASE_DUE.all(tx, {**_leased(tx, bot_id, worker), "at_most": limit})
    return sorted(map(_row, rows), key=lambda row: row.id)


def lease_next(tx: Transaction, bot_id: int, chat_id: int, worker: int) -> OutboxRow | None:
    """Take the next message of a chat; None where there is none, or where it may not go yet."""
    row = _LEASE_NEXT.one(tx, {**_leased(tx, bot_id, worker), "chat": chat_id})
    return _row(row) if row else None


def next_due_at(tx: Transaction, bot_id: int) -> datetime | None:
    """Tell when to look for something to claim, if nothing else happens; None for an empty outbox.

    That is never too late for a message that waits now, whatever becomes of those before it.
    """
    due: datetime | None = _NEXT_DUE.scalar(tx, {"bot": bot_id, "now": tx.now})
    return due


def _leased(tx: Transaction, bot_id: int, worker: int) -> dict[str, Any]:
    return {"bot": bot_id, "worker": worker, "now": tx.now, "until": tx.now + LEASE}


def _row(row: Mapping[str, Any]) -> OutboxRow:
    return OutboxRow(**{**row, "link": Link(**row["link"]) if row["link"] else None})
