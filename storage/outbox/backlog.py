"""How the database and the delivery from it are doing, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, literal_column, or_, select

from storage.database.migrate import revision_of
from storage.dialogs import quarantine, timers
from storage.models.constants import OutboxState
from storage.models.tables import outbox
from storage.outbox import queue
from storage.records import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one look saw at `now`."""

    now: datetime
    revision: str | None
    """The revision of the schema; None where there is no schema."""
    waiting: int
    """Messages of the outbox that may go."""
    oldest_at: datetime | None
    """Since when the oldest of them may."""
    due_at: datetime | None
    """When the next one is to be taken for sending; long ago where nobody takes them."""
    timer_at: datetime | None
    """When the next timer of any kind is due, or has been; None where there is none."""
    dead: int
    """Messages that Telegram will never take; not those of chats that were closed to the bot."""
    quarantined: int
    """Updates that were set aside and lie there still."""
    unfinished: Mapping[tuple[str, str], int]
    """How many requests are not finished, by status and priority."""


_since = func.coalesce(outbox.c.not_before, outbox.c.created_at)
_WAITING = select(func.count(), func.min(_since, type_=outbox.c.created_at.type)).where(
    outbox.c.state == literal_column(f"'{OutboxState.PENDING}'"),
    outbox.c.bot_id == bindparam("bot"),
    or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")),
)
# A literal, as in the partial index.
_DEAD = select(func.count()).where(
    outbox.c.state == literal_column(f"'{OutboxState.DEAD}'"), outbox.c.bot_id == bindparam("bot")
)


def inspect(tx: Transaction, bot_id: int) -> Backlog:
    """Look at the database and at what it holds for a bot to do."""
    waiting, oldest_at = tx.connection.execute(_WAITING, {"bot": bot_id, "now": tx.now}).one()
    return Backlog(
        now=tx.now,
        revision=revision_of(tx.connection),
        waiting=waiting,
        oldest_at=oldest_at,
        due_at=queue.next_due_at(tx, bot_id),
        timer_at=timers.next_due_at(tx, bot_id),
        dead=tx.connection.execute(_DEAD, {"bot": bot_id}).scalar_one(),
        quarantined=quarantine.count(tx, bot_id),
        unfinished=requests.unfinished(tx),
    )
