"""The queue of the outbox: which message of each chat is next, leasing it for sending, and when to poll again.

Within a chat messages are sent in order, so only the first one of each chat can be leased. While it is leased, or backs
off after a failure, the chat waits.
"""

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
    """A leased message; `sent_message_id` is set where an older text of it has been sent already.

    An `unreadable` one has no payload and no link: it is to be put aside.
    """

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
    unreadable: bool = False


_NOW = bindparam("now", type_=outbox.c.next_try_at.type)
_other = outbox.alias("other")


def _waits(table: Any) -> tuple[ColumnElement[bool], ...]:
    # A literal, so that the partial indexes are used: see `storage.outbox.messages`.
    return table.c.state == literal_column(f"'{OutboxState.PENDING}'"), table.c.bot_id == bindparam("bot")


def _first_of(chat: ColumnElement[int]) -> ScalarSelect[int]:
    """Select the id of the first message of a chat, skipping those whose `not_before` is still to come."""
    is_released = or_(_other.c.not_before.is_(None), _other.c.not_before <= _NOW)
    in_chat = select(_other.c.id).where(*_waits(_other), _other.c.chat_id == chat, is_released)
    return in_chat.order_by(_other.c.id).limit(1).scalar_subquery()


def _chats() -> CTE:
    """Select the chats that have messages queued, by one step in the index for each chat.

    SELECT DISTINCT would read every message of a chat that has thousands of them.
    """
    first = select(func.min(outbox.c.chat_id).label("id")).where(*_waits(outbox)).cte("chats", recursive=True)
    further = select(func.min(_other.c.chat_id)).where(*_waits(_other), _other.c.chat_id > first.c.id)
    return first.union_all(select(further.scalar_subquery()).where(first.c.id.is_not(None)))


_CHATS = _chats()
_IS_FIRST = outbox.c.id == _first_of(_CHATS.c.id)
# While the screen of a chat is paused, as Telegram asked or after a failure, nothing else is sent there either.
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
        # Checked again, as a row may have changed before it was locked. Spelt so that no partial index applies:
        # PostgreSQL estimates that few messages are queued, and would scan all of them instead of looking up the first
        # one of each chat.
        *(outbox.c.state != ended for ended in OutboxState if ended != OutboxState.PENDING),
        latest(outbox.c.next_try_at, _lease_ends) <= _NOW,
        _PAUSE_ENDS.is_(None),
    )
    .with_for_update(skip_locked=True, of=outbox)
)


def _leasing(free: Select[Any]) -> Prepared:
    # A CTE: PostgreSQL may run a subquery of an UPDATE more than once, and lock other rows each time.
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
    # Of all messages, not only the first of each chat: sending the first does not make anything poll again.
    select(func.min(outbox.c.next_try_at)).where(*_waits(outbox), outbox.c.next_try_at > _NOW),
    select(func.min(outbox.c.not_before)).where(*_waits(outbox), outbox.c.not_before > _NOW),
).subquery()
_NEXT_DUE = Prepared(select(func.min(_TIMES.c.at, type_=outbox.c.next_try_at.type).label("at")))


def lease(tx: Transaction, bot_id: int, worker: int, limit: int) -> list[OutboxRow]:
    """Lease due messages for sending, only the first of each chat; other processes skip them."""
    rows = _LEASE_DUE.all(tx, {**_lease_values(tx, bot_id, worker), "at_most": limit})
    return sorted(map(_row, rows), key=lambda row: row.id)


def lease_next(tx: Transaction, bot_id: int, chat_id: int, worker: int) -> OutboxRow | None:
    """Lease the next message of a chat; None where there is none, or where it may not be sent yet."""
    row = _LEASE_NEXT.one(tx, {**_lease_values(tx, bot_id, worker), "chat": chat_id})
    return _row(row) if row else None


def next_due_at(tx: Transaction, bot_id: int) -> datetime | None:
    """Return when to poll for messages to lease, unless a signal comes before; None for an empty outbox.

    No queued message can become due before that time without a signal.
    """
    due: datetime | None = _NEXT_DUE.scalar(tx, {"bot": bot_id, "now": tx.now})
    return due


def _lease_values(tx: Transaction, bot_id: int, worker: int) -> dict[str, Any]:
    return {"bot": bot_id, "worker": worker, "now": tx.now, "until": tx.now + LEASE}


def _row(row: Mapping[str, Any]) -> OutboxRow:
    link, payload, unreadable = None, row["payload"], False
    try:
        link = Link.of(row["link"]) if row["link"] else None
    except ValueError:
        # Of the others in this batch none may wait for it: whoever sends it puts it aside.
        unreadable = True
    if not isinstance(payload, dict) or payload.get("v", 1) != 1:
        payload, unreadable = {}, True
    return OutboxRow(**{**row, "link": link, "payload": payload, "unreadable": unreadable})
