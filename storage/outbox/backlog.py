"""The state of the database and of the delivery from it, for health checks and metrics."""

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
    """What is to be done for a bot, at `now`."""

    now: datetime
    revision: str | None
    """The revision of the schema; None where there is no schema."""
    waiting: int
    """The number of messages in the outbox that may be sent now."""
    oldest_at: datetime | None
    """Since when the oldest of them may be sent."""
    due_at: datetime | None
    """When the next message is due to be leased; long past where no process leases it."""
    timer_at: datetime | None
    """When the next timer of any kind is due, which may be past; None where there is none."""
    dead: int
    """The number of messages that Telegram will never accept, without those for chats that are closed to the bot."""
    quarantined: int
    """The number of quarantined updates."""
    unfinished: Mapping[tuple[str, str], int]
    """The number of unfinished requests by status and priority."""


_since = func.coalesce(outbox.c.not_before, outbox.c.created_at)
_WAITING = select(func.count(), func.min(_since, type_=outbox.c.created_at.type)).where(
    outbox.c.state == literal_column(f"'{OutboxState.PENDING}'"),
    outbox.c.bot_id == bindparam("bot"),
    or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")),
)
# A literal, so that the partial index is used: see `storage.outbox.messages`.
_DEAD = select(func.count()).where(
    outbox.c.state == literal_column(f"'{OutboxState.DEAD}'"), outbox.c.bot_id == bindparam("bot")
)


def inspect(tx: Transaction, bot_id: int) -> Backlog:
    """Read the state of the database and what it holds for a bot to do."""
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
