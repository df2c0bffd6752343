"""Leases: which process sends a message or a screen, and the rescue of what a dead process has left.

A lease has the worker number of its process and an end. Sending takes as long as Telegram does, so no transaction, and
no lock of a row, can be kept open for it: the lease stands in its place. A lease that ends by itself is not enough to
recover from a death: it has to be long, so that a slow send is not taken over and made twice, and a chat would be
silent for that long. So a process also holds an advisory lock while it runs (`storage.database.listen_notify`). Where
that lock is gone, the process' leases are orphans, and are released at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, literal_column, select, update

from storage.database.listen_notify import is_alive
from storage.models.constants import OutboxState
from storage.models.tables import conversations, outbox

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.database.transaction import Transaction

LEASE = timedelta(seconds=60)
"""How long a lease lasts; a process that is still sending renews it in time."""
GRACE = timedelta(seconds=10)
"""The age from which a lease may be an orphan: until then a process may reconnect and get its lock back."""

# A literal, so that the partial indexes are used: see `storage.outbox.messages`.
_WAITS = outbox.c.state == literal_column(f"'{OutboxState.PENDING}'")
_UNSENT = conversations.c.screen_rev > conversations.c.sent_rev
_OLD: BindParameter[datetime] = bindparam("made_before")
_OWNERS = (
    select(outbox.c.leased_by.label("owner"))
    .where(_WAITS, outbox.c.leased_by.is_not(None), outbox.c.leased_until <= _OLD)
    .union(
        select(conversations.c.screen_leased_by).where(
            _UNSENT, conversations.c.screen_leased_by.is_not(None), conversations.c.screen_leased_until <= _OLD
        )
    )
)
_FREE_MESSAGES = (
    update(outbox).where(_WAITS, outbox.c.leased_by == bindparam("owner")).values(leased_by=None, leased_until=None)
)
_FREE_SCREENS = (
    update(conversations)
    .where(_UNSENT, conversations.c.screen_leased_by == bindparam("owner"))
    .values(screen_leased_by=None, screen_leased_until=None)
)
# SKIP LOCKED: a row that a unit of work has locked is renewed the next time. Waiting for it would hold up the renewal
# of all others, and would be a deadlock where that unit of work waits for another of these rows.
_KEPT_MESSAGES = (
    select(outbox.c.id)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), outbox.c.leased_by == bindparam("owner"))
    .with_for_update(skip_locked=True)
    .cte("kept")
)
_KEEP_MESSAGES = update(outbox).where(outbox.c.id == _KEPT_MESSAGES.c.id).values(leased_until=bindparam("until"))
_KEPT_SCREENS = (
    select(conversations.c.id)
    .where(
        conversations.c.id.in_(bindparam("ids", expanding=True)),
        conversations.c.screen_leased_by == bindparam("owner"),
    )
    .with_for_update(skip_locked=True, key_share=True)
    .cte("kept")
)
_KEEP_SCREENS = (
    update(conversations).where(conversations.c.id == _KEPT_SCREENS.c.id).values(screen_leased_until=bindparam("until"))
)


def release(tx: Transaction, worker: int) -> None:
    """Release all leases of a process, at its end."""
    # Conversations first: units of work lock in that order, and the other order could be a deadlock.
    for statement in (_FREE_SCREENS, _FREE_MESSAGES):
        tx.connection.execute(statement, {"owner": worker})


def rescue_orphans(tx: Transaction, worker: int, settling: timedelta = GRACE) -> None:
    """Release the leases of processes that are dead, except those made within the last `settling`.

    On SQLite, where one process works at a time, every other worker number is that of a dead one.
    """
    # A lease does not say when it was made, but when it ends.
    made_before = tx.now + LEASE - settling
    owners = set(tx.connection.execute(_OWNERS, {"made_before": made_before}).scalars()) - {worker}
    for owner in owners:
        if not is_alive(tx.connection, owner):
            release(tx, owner)


def renew(tx: Transaction, worker: int, messages: Collection[int], screens: Collection[int]) -> None:
    """Renew the leases of what this process is still sending: messages by row id, screens by conversation id."""
    for statement, ids in ((_KEEP_MESSAGES, messages), (_KEEP_SCREENS, screens)):
        if ids:
            tx.connection.execute(statement, {"ids": list(ids), "owner": worker, "until": tx.now + LEASE})
