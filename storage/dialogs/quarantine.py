"""Quarantine: updates whose handling fails every time, kept so that they block no others; operators may retry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage.models.tables import quarantined_updates as table

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.database.transaction import Transaction

LEASE_SECONDS = 60
"""How long a process leases an update that it retries; if it dies, another process retries the update after that."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An update as Telegram sent it, with the error that its handling raised and the number of tries."""

    id: int
    bot_id: int
    update_id: int
    raw: Any
    error: str
    tries: int
    created_at: datetime
    retry_at: datetime | None


_COLUMNS = (
    table.c.id,
    table.c.bot_id,
    table.c.update_id,
    table.c.raw,
    table.c.error,
    table.c.tries,
    table.c.created_at,
    table.c.retry_at,
)
_LIST = select(*_COLUMNS).order_by(table.c.id)
_COUNT = select(func.count()).where(table.c.bot_id == bindparam("bot"))
_ONE = select(*_COLUMNS).where(table.c.id == bindparam("row_id"))
_ADD = insert(table)
# The whole update is compared, not only its id: Telegram's ids may start over, and an unreadable update has none.
_ADD_AGAIN = (
    update(table)
    .where(
        table.c.bot_id == bindparam("bot"),
        table.c.update_id == bindparam("known_id"),
        table.c.raw == bindparam("same", type_=table.c.raw.type),
    )
    .values(error=bindparam("error"), tries=table.c.tries + bindparam("more"), retry_at=None)
)
_IS_CHOSEN = table.c.id.in_(bindparam("chosen", expanding=True))
_RETRY = update(table).where(_IS_CHOSEN).values(retry_at=bindparam("now"))
_RETRY_ALL = update(table).values(retry_at=bindparam("now"))
_LEASE_DUE = (
    update(table)
    .where(table.c.bot_id == bindparam("bot"), table.c.retry_at <= bindparam("now"))
    .values(retry_at=bindparam("until"))
    .returning(*_COLUMNS)
)
_REFUSE = (
    update(table)
    .where(table.c.id == bindparam("row_id"))
    .values(error=bindparam("why"), tries=table.c.tries + 1, retry_at=None)
)
_DROP = delete(table).where(_IS_CHOSEN)


def add(tx: Transaction, bot_id: int, update_id: int, raw: Any, error: str, tries: int = 1) -> bool:
    """Quarantine an update, and return True; if it is there already, its error is replaced and `tries` added."""
    error = error.replace("\0", "")
    again = {"bot": bot_id, "known_id": update_id, "same": raw, "error": error, "more": tries}
    if tx.connection.execute(_ADD_AGAIN, again).rowcount:
        return False
    first = {"bot_id": bot_id, "update_id": update_id, "raw": raw, "error": error, "tries": tries}
    tx.connection.execute(_ADD, first)
    return True


def kept(tx: Transaction) -> list[Quarantined]:
    """Return all quarantined updates, the oldest first."""
    return [Quarantined(**row) for row in tx.connection.execute(_LIST).mappings()]


def count(tx: Transaction, bot_id: int) -> int:
    """Return the number of quarantined updates of a bot."""
    return int(tx.connection.execute(_COUNT, {"bot": bot_id}).scalar_one())


def find(tx: Transaction, row_id: int) -> Quarantined | None:
    """Return a quarantined update by its row's id, None where there is none."""
    row = tx.connection.execute(_ONE, {"row_id": row_id}).mappings().one_or_none()
    return Quarantined(**row) if row else None


def retry(tx: Transaction, chosen: Collection[int] | None) -> int:
    """Mark these updates, or all, to be retried by a running bot; return how many."""
    if chosen is None:
        return tx.connection.execute(_RETRY_ALL, {"now": tx.now}).rowcount
    return tx.connection.execute(_RETRY, {"chosen": list(chosen), "now": tx.now}).rowcount


def lease(tx: Transaction, bot_id: int) -> list[Quarantined]:
    """Lease the updates that are to be retried; no other process can lease them for `LEASE_SECONDS`."""
    until = tx.now + timedelta(seconds=LEASE_SECONDS)
    rows = tx.connection.execute(_LEASE_DUE, {"bot": bot_id, "now": tx.now, "until": until}).mappings()
    return sorted((Quarantined(**row) for row in rows), key=lambda row: row.id)


def refuse(tx: Transaction, row_id: int, error: str) -> None:
    """Record that an update could not be retried: it stays, with this error."""
    tx.connection.execute(_REFUSE, {"row_id": row_id, "why": error})


def drop(tx: Transaction, chosen: Collection[int]) -> int:
    """Delete these updates; return how many there were."""
    return tx.connection.execute(_DROP, {"chosen": list(chosen)}).rowcount
