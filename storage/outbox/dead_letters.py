"""Dead letters: messages of the outbox that were given up, for operators to inspect and to retry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, or_, select, update

from storage.models.constants import OutboxState
from storage.models.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, without its text."""

    id: int
    bot_id: int
    chat_id: int
    method: str
    tries: int
    last_error: str | None
    created_at: datetime


_later = outbox.alias("later")
_IS_DEAD = outbox.c.state.in_((OutboxState.DEAD, OutboxState.CLOSED))
_IS_CHOSEN = outbox.c.id.in_(bindparam("chosen", expanding=True))
# An older version of a card must not be sent after a newer one.
_IS_NEWEST = or_(
    outbox.c.dedupe_key.is_(None),
    ~exists().where(
        _later.c.bot_id == outbox.c.bot_id,
        _later.c.chat_id == outbox.c.chat_id,
        _later.c.dedupe_key == outbox.c.dedupe_key,
        _later.c.id > outbox.c.id,
    ),
)
_LIST = (
    select(
        outbox.c.id,
        outbox.c.bot_id,
        outbox.c.chat_id,
        outbox.c.method,
        outbox.c.tries,
        outbox.c.last_error,
        outbox.c.created_at,
    )
    .where(_IS_DEAD)
    .order_by(outbox.c.id)
)
_RETRY_ALL = (
    update(outbox)
    .where(_IS_DEAD, _IS_NEWEST)
    .values(state=OutboxState.PENDING, tries=0, next_try_at=bindparam("now"), leased_by=None, leased_until=None)
)
_RETRY = _RETRY_ALL.where(_IS_CHOSEN)
_DROP = delete(outbox).where(_IS_DEAD, _IS_CHOSEN)


def kept(tx: Transaction) -> list[DeadLetter]:
    """Return all dead letters, the oldest first."""
    return [DeadLetter(**row) for row in tx.connection.execute(_LIST).mappings()]


def retry(tx: Transaction, chosen: Collection[int] | None) -> int:
    """Queue these again, or all, except where a newer message has the same `dedupe_key`; return how many."""
    if chosen is None:
        return tx.connection.execute(_RETRY_ALL, {"now": tx.now}).rowcount
    return tx.connection.execute(_RETRY, {"chosen": list(chosen), "now": tx.now}).rowcount


def drop(tx: Transaction, chosen: Collection[int]) -> int:
    """Delete these dead letters; return how many there were."""
    return tx.connection.execute(_DROP, {"chosen": list(chosen)}).rowcount
