"""The outbox: messages stored in the transaction that they report, sent after the commit, in order within a chat."""

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
"""The signal sent when a message was queued, or the time of one has changed."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A Bot API call to make after the commit.

    It is not made before `not_before`, and not at all once its `cancel_key` is cancelled. A message with the same
    `dedupe_key` that is still queued for the chat is replaced, and keeps its place in the queue.
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


# A literal, not a parameter. PostgreSQL uses a partial index only where the condition of the statement implies that of
# the index, and from a parameter it can prove nothing: with the generic plan that it may switch to on the sixth
# execution, reading would not use the index, and ON CONFLICT, which has to name a unique one, would fail.
_IS_PENDING: ColumnClause[str] = literal_column(f"'{OutboxState.PENDING}'")
_PENDING = outbox.c.state == _IS_PENDING
# While a message is on its way to Telegram, a newer text may replace it in its row and count `rev` up. The row then has
# to be sent again, so it stays pending.
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
    replacing = put.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "dedupe_key"],
        index_where=and_(_PENDING, outbox.c.dedupe_key.is_not(None)),
        set_={**replaced, "rev": outbox.c.rev + 1},
    )
    return replacing.returning(outbox.c.id)


_PUT = Prepared(_putting)


def put(tx: Transaction, message: Outgoing) -> int:
    """Queue a message, or replace the queued one with the same `dedupe_key`; return the row's id."""
    tx.signal(SIGNAL)
    return int(_PUT.scalar(tx, {**_columns(message), "next_try_at": tx.now}))


def mark_sent(tx: Transaction, row_id: int, rev: int, message_id: int | None) -> bool:
    """Record that Telegram has accepted a message, and its link.

    `message_id` is None for methods that make no message. False when a newer text has replaced it meanwhile, which
    stays queued, or when the row is gone.
    """
    values = {"row_id": row_id, "sent_rev": rev, "message": message_id, "now": tx.now}
    row = _SENT.one(tx, values)
    if row is None:
        return False
    if row["link"] is not None and message_id is not None:
        links.put(tx, row["bot_id"], row["chat_id"], message_id, Link.of(row["link"]))
    return bool(row["state"] == OutboxState.SENT)


def mark_failed(tx: Transaction, row_id: int, error: str, retry_at: datetime) -> None:
    """Record a failed attempt; the message, and with it its chat's queue, waits until `retry_at`."""
    tx.signal(SIGNAL)
    tx.connection.execute(_FAILED, {"row_id": row_id, "error": _storable(error), "retry_at": retry_at})


def mark_dead(tx: Transaction, row_id: int, rev: int, error: str) -> None:
    """Make a message a dead letter, since Telegram will never accept it; the chat's next one may be sent.

    A newer text that has replaced it meanwhile stays queued.
    """
    tx.connection.execute(_DEAD, {"row_id": row_id, "sent_rev": rev, "error": _storable(error)})


def bury(tx: Transaction, message: Outgoing, error: str) -> None:
    """Store as a dead letter what Telegram refused and was not in the outbox, such as a screen."""
    row = {**_columns(message), "state": OutboxState.DEAD, "next_try_at": tx.now, "last_error": _storable(error)}
    tx.connection.execute(_BURY, row)


def give_up_chat(tx: Transaction, bot_id: int, chat_id: int, error: str) -> None:
    """Give up everything that is queued for a chat that is closed to the bot."""
    tx.connection.execute(_CLOSE_CHAT, {"bot": bot_id, "chat": chat_id, "error": _storable(error)})


def drop(tx: Transaction, row_id: int) -> None:
    """Delete a queued message that is obsolete."""
    tx.connection.execute(_DROP, {"row_id": row_id})


def pause_chat(tx: Transaction, bot_id: int, chat_id: int, until: datetime) -> None:
    """Pause everything that is queued for a chat until the given time, as Telegram asked.

    Leases stay: a message that a process is sending right now must not be sent by another one.
    """
    tx.signal(SIGNAL)
    tx.connection.execute(_PAUSE_CHAT, {"bot": bot_id, "chat": chat_id, "until": until})


def release(tx: Transaction, worker: int, row_ids: Collection[int]) -> None:
    """Release the leases of a process on messages that it is not going to send now."""
    tx.connection.execute(_RELEASE, {"ids": list(row_ids), "owner": worker})


def cancel(tx: Transaction, cancel_key: str) -> int:
    """Delete the queued messages with this `cancel_key`; return how many."""
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
    # The only character that PostgreSQL's text type does not accept.
    return error.replace("\0", "")
