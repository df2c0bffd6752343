"""Claims: what a process has taken in hand to send, and what becomes of it when the process dies.

A claim bears the number of its process and ends by itself; a process whose lock is gone loses its claims at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, literal_column, select, update

from storage.database.notifications import is_alive
from storage.models.constants import OutboxState
from storage.models.tables import conversations, outbox

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.database.transaction import Transaction

LEASE = timedelta(seconds=60)
"""For how long something is claimed; whoever still has it in hand claims it anew in time."""
GRACE = timedelta(seconds=10)
"""How old a claim is before it is asked whether its process lives: one that has just lost its database comes back."""

# As in the statements of the outbox: a literal, for the partial indexes.
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
# A row that a unit of work has locked is left to the next time: waiting for it would hold all deliveries up, and would
# be a deadlock where that unit waits for another of these rows.
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
    """Give back what a process has claimed, at its end."""
    # Conversations first, as units of work lock them.
    for statement in (_FREE_SCREENS, _FREE_MESSAGES):
        tx.connection.execute(statement, {"owner": worker})


def rescue_orphans(tx: Transaction, worker: int, settling: timedelta = GRACE) -> None:
    """Give back what processes have claimed that are gone, unless within the last `settling`.

    On SQLite, where one process works, every other number is that of one that is gone.
    """
    made_before = tx.now + LEASE - settling
    owners = set(tx.connection.execute(_OWNERS, {"made_before": made_before}).scalars()) - {worker}
    for owner in owners:
        if not is_alive(tx.connection, owner):
            release(tx, owner)


def renew(tx: Transaction, worker: int, messages: Collection[int], screens: Collection[int]) -> None:
    """Claim anew what this process still has in hand: messages by their rows' ids, screens by their conversations'."""
    for statement, ids in ((_KEEP_MESSAGES, messages), (_KEEP_SCREENS, screens)):
        if ids:
            tx.connection.execute(statement, {"ids": list(ids), "owner": worker, "until": tx.now + LEASE})
