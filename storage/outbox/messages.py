"""The outbox: messages stored with the change they tell of, sent after the commit, in order within a chat."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnClause,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    update,
)

from storage.database.dialects import upsert
from storage.database.prepared import Prepared
from storage.models.constants import OutboxState
from storage.models.tables import outbox
from storage.outbox import links
from storage.outbox.links import Link

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Dialect, Executable

    from storage.database.transaction import Transaction


SIGNAL = "delivery"
"""What is signalled where something new waits to be sent, or something old until another time."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A Bot API call to make after the commit.

    It is not made before `not_before`, and not at all once its `cancel_key` is cancelled. While a message with
    the same `dedupe_key` waits for the same chat, a newer one takes its place in the line.
    """

    bot_id: int
    chat_id: int
    method: str
    payload: dict[str, Any]
    thread_id: int = 0
    link: Link | None = None
    not_before: datetime | None = None
    cancel_key: str | None = None
    dedupe_key: str | None = None


# A literal, not a parameter: for a parameter a cached plan can prove nothing about the partial indexes, so that
# ON CONFLICT would fail from the sixth execution on, and reading would not use them.
_IS_PENDING: ColumnClause[str] = literal_column(f"'{OutboxState.PENDING}'")
_PENDING = outbox.c.state == _IS_PENDING
_IS_SAME = outbox.c.rev == bindparam("sent_rev")
_SENT = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), _PENDING)
    .values(
        state=case((_IS_SAME, OutboxState.SENT), else_=outbox.c.state),
        sent_at=bindparam("now", type_=outbox.c.sent_at.type),
        sent_message_id=func.coalesce(bindparam("message", type_=outbox.c.id.type), outbox.c.sent_message_id),
        leased_by=None,
        leased_until=None,
    )
    .returning(outbox.c.bot_id, outbox.c.chat_id, outbox.c.link, outbox.c.state)
)
_FAILED = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), _PENDING)
    .values(
        tries=outbox.c.tries + 1,
        next_try_at=bindparam("retry_at"),
        last_error=bindparam("error"),
        leased_by=None,
        leased_until=None,
    )
)
_DEAD = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), _PENDING)
    .values(
        state=case((_IS_SAME, OutboxState.DEAD), else_=outbox.c.state),
        tries=case((_IS_SAME, outbox.c.tries + 1), else_=0),
        last_error=bindparam("error"),
        leased_by=None,
        leased_until=None,
    )
)
_CLOSE_CHAT = (
    update(outbox)
    .where(_PENDING, outbox.c.bot_id == bindparam("bot"), outbox.c.chat_id == bindparam("chat"))
    .values(state=OutboxState.CLOSED, last_error=bindparam("error"), leased_by=None, leased_until=None)
)
_PAUSE_CHAT = (
    update(outbox)
    .where(_PENDING, outbox.c.bot_id == bindparam("bot"), outbox.c.chat_id == bindparam("chat"))
    .values(next_try_at=bindparam("until"))
)
_RELEASE = (
    update(outbox)
    .where(_PENDING, outbox.c.id.in_(bindparam("ids", expanding=True)), outbox.c.leased_by == bindparam("owner"))
    .values(leased_by=None, leased_until=None)
)
_DROP = delete(outbox).where(_PENDING, outbox.c.id == bindparam("row_id"))
_BURY = insert(outbox)
_CANCEL = delete(outbox).where(_PENDING, outbox.c.cancel_key == bindparam("key"))


def _putting(dialect: Dialect) -> Executable:
    put = upsert(dialect, outbox)
    replaced = {name: put.excluded[name] for name in ("method", "payload", "link", "not_before", "cancel_key")}
    known = put.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "dedupe_key"],
        index_where=and_(_PENDING, outbox.c.dedupe_key.is_not(None)),
        set_={**replaced, "rev": outbox.c.rev + 1},
    )
    return known.returning(outbox.c.id)


_PUT = Prepared(_putting)


def put(tx: Transaction, message: Outgoing) -> int:
    """Add a message to the line, or put it in the place of the one it replaces; return the row's id."""
    tx.signal(SIGNAL)
    return int(_PUT.scalar(tx, {**_columns(message), "next_try_at": tx.now}))


def mark_sent(tx: Transaction, row_id: int, rev: int, message_id: int | None) -> bool:
    """Record that Telegram took a message, and what that message is now.

    `message_id` is None for methods that make no message. False when a newer text came meanwhile, which then
    stays in the line, or when the row is gone.
    """
    values = {"row_id": row_id, "sent_rev": rev, "message": message_id, "now": tx.now}
    row = _SENT.one(tx, values)
    if row is None:
        return False
    if row["link"] is not None and message_id is not None:
        links.put(tx, row["bot_id"], row["chat_id"], message_id, Link(**row["link"]))
    return bool(row["state"] == OutboxState.SENT)


def mark_failed(tx: Transaction, row_id: int, error: str, retry_at: datetime) -> None:
    """Record a failed attempt; the message, and its chat, wait until `retry_at`."""
    tx.signal(SIGNAL)
    tx.connection.execute(_FAILED, {"row_id": row_id, "error": _storable(error), "retry_at": retry_at})


def mark_dead(tx: Transaction, row_id: int, rev: int, error: str) -> None:
    """Give a message up: Telegram will never take it; the chat's next one may go.

    A newer text that came meanwhile stays in the line.
    """
    tx.connection.execute(_DEAD, {"row_id": row_id, "sent_rev": rev, "error": _storable(error)})


def bury(tx: Transaction, message: Outgoing, error: str) -> None:
    """Keep what Telegram refused and was no message of the outbox, so that somebody can look at it."""
    row = {**_columns(message), "state": OutboxState.DEAD, "next_try_at": tx.now, "last_error": _storable(error)}
    tx.connection.execute(_BURY, row)


def give_up_chat(tx: Transaction, bot_id: int, chat_id: int, error: str) -> None:
    """Give up everything that waits for a chat in which nobody listens any more."""
    tx.connection.execute(_CLOSE_CHAT, {"bot": bot_id, "chat": chat_id, "error": _storable(error)})


def drop(tx: Transaction, row_id: int) -> None:
    """Take a message out of the line that has lost its meaning."""
    tx.connection.execute(_DROP, {"row_id": row_id})


def pause_chat(tx: Transaction, bot_id: int, chat_id: int, until: datetime) -> None:
    """Let everything that waits for a chat rest until then, as Telegram asked.

    Claims stay: whatever is being called for meanwhile, by another process too, is nobody else's to send.
    """
    tx.signal(SIGNAL)
    tx.connection.execute(_PAUSE_CHAT, {"bot": bot_id, "chat": chat_id, "until": until})


def release(tx: Transaction, worker: int, row_ids: Collection[int]) -> None:
    """Give up a process' claim on messages that it does not send now."""
    tx.connection.execute(_RELEASE, {"ids": list(row_ids), "owner": worker})


def cancel(tx: Transaction, cancel_key: str) -> int:
    """Take messages out of the line that have not been sent; tell how many."""
    return tx.connection.execute(_CANCEL, {"key": cancel_key}).rowcount


def _columns(message: Outgoing) -> dict[str, Any]:
    return {
        "bot_id": message.bot_id,
        "chat_id": message.chat_id,
        "method": message.method,
        "payload": message.payload,
        "thread_id": message.thread_id,
        "link": asdict(message.link) if message.link else None,
        "not_before": message.not_before,
        "cancel_key": message.cancel_key,
        "dedupe_key": message.dedupe_key,
    }


def _storable(error: str) -> str:
    # PostgreSQL's text takes every character but this one.
    return error.replace("\0", "")
