"""Delivery of screens: which conversations have one to send, leasing it, and recording receipts.

A screen is state, not a message: it has one column, and each step overwrites it and counts `screen_rev` up. Only the
newest is ever sent: those that were drawn while one was on its way are coalesced into the last of them. `sent_rev` is
the last one that was delivered, so a screen is to be sent while `screen_rev` is ahead of it. That needs no queue, so an
ordinary step writes nothing but its conversation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from storage.dialogs.conversations import ConversationKey
from storage.models.tables import conversations
from storage.outbox.leases import LEASE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from storage.database.transaction import Transaction
    from storage.dialogs.conversations import StoredConversation
    from storage.outbox.links import Link


@dataclass(frozen=True, slots=True)
class PendingScreen:
    """A screen to send; `message_id` is the message that shows the one before it, if any does.

    `tries` counts the failures to send a screen of this conversation since the last success. A `new` screen was
    committed by the transaction that returned it, so it cannot have been sent before; `sent_rev` is the last one
    delivered by then.
    """

    conversation_id: int
    key: ConversationKey
    screen: dict[str, Any]
    rev: int
    message_id: int | None
    outdated: list[int]
    tries: int = 0
    new: bool = False
    sent_rev: int = 0
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a delivery: screen `rev` is shown by `message_id`, the buttons of `outdated` are removed.

    `message_id` is None for a screen that can never be delivered: the message then stays as it was. For a screen with a
    subject, `link` is to be stored for its message, and `version` is the version of the subject that it shows.
    """

    conversation_id: int
    rev: int
    message_id: int | None
    outdated: Collection[int] = ()
    link: Link | None = None
    version: str = ""

    def after(self, before: Receipt) -> Receipt:
        """Return both receipts as one, this being the later one."""
        message_id = before.message_id if self.message_id is None else self.message_id
        return replace(self, message_id=message_id, outdated=[*before.outdated, *self.outdated])


_PENDING = (
    conversations.c.id,
    conversations.c.bot_id,
    conversations.c.chat_id,
    conversations.c.thread_id,
    conversations.c.telegram_user_id,
    conversations.c.screen,
    conversations.c.screen_rev,
    conversations.c.message_id,
    conversations.c.outdated,
    conversations.c.screen_tries,
    conversations.c.user_id,
    conversations.c.sent_rev,
)
_UNSENT = conversations.c.screen_rev > conversations.c.sent_rev
_ID = conversations.c.id == bindparam("conversation_id")
_FREE = or_(conversations.c.screen_leased_until.is_(None), conversations.c.screen_leased_until <= bindparam("now"))
_DUE = (
    select(conversations.c.id)
    .where(_UNSENT, conversations.c.bot_id == bindparam("bot"), _FREE)
    .order_by(conversations.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("due")
)
_LEASE_DUE = (
    update(conversations)
    .where(conversations.c.id == _DUE.c.id)
    .values(screen_leased_by=bindparam("worker"), screen_leased_until=bindparam("until"))
    .returning(*_PENDING)
)
_CURRENT = select(*_PENDING).where(_UNSENT, _ID, conversations.c.screen_leased_by == bindparam("worker"))
_LOCK = (
    select(
        conversations.c.id,
        conversations.c.screen_rev,
        conversations.c.sent_rev,
        conversations.c.message_id,
        conversations.c.outdated,
        conversations.c.screen_leased_by,
        conversations.c.screen_leased_until,
    )
    .where(conversations.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(conversations.c.id)
    .with_for_update(key_share=True)
)
_RECORD = update(conversations).where(_ID)
_POSTPONE = (
    update(conversations)
    .where(_ID)
    .values(
        screen_leased_by=None,
        screen_leased_until=bindparam("until"),
        screen_tries=conversations.c.screen_tries + 1,
    )
)
_PAUSE_CHAT = (
    update(conversations)
    .where(conversations.c.bot_id == bindparam("bot"), conversations.c.chat_id == bindparam("chat"))
    .values(screen_leased_by=None, screen_leased_until=bindparam("until"))
)
_NOW = bindparam("now", type_=conversations.c.screen_leased_until.type)
_NEXT_DUE = select(func.min(func.coalesce(conversations.c.screen_leased_until, _NOW))).where(
    _UNSENT, conversations.c.bot_id == bindparam("bot"), conversations.c.id.not_in(bindparam("in_hand", expanding=True))
)


def take(stored: StoredConversation, worker: int, now: datetime, *, new: bool) -> PendingScreen | None:
    """Lease the newest screen of a loaded conversation to this process, which sends it after the commit.

    None where it has been sent, where another process is sending the one before it and goes on with this one, and where
    the chat is paused.
    """
    until = stored.screen_leased_until
    others = until is not None and until > now and stored.screen_leased_by != worker
    if others or stored.screen_rev <= stored.sent_rev:
        return None
    stored.screen_leased_by, stored.screen_leased_until = worker, now + LEASE
    return PendingScreen(
        stored.id,
        stored.key,
        stored.screen or {},
        stored.screen_rev,
        stored.message_id,
        stored.outdated,
        stored.screen_tries,
        new,
        stored.sent_rev,
        stored.person.id,
    )


def lease(tx: Transaction, bot_id: int, worker: int, limit: int) -> list[PendingScreen]:
    """Lease screens that no process is sending: after a restart, a pause, or the death of a process."""
    wanted = {"bot": bot_id, "worker": worker, "now": tx.now, "until": tx.now + LEASE, "at_most": limit}
    rows = tx.connection.execute(_LEASE_DUE, wanted).mappings()
    return sorted((_pending(row) for row in rows), key=lambda screen: screen.conversation_id)


def since(screen: PendingScreen, receipt: Receipt) -> PendingScreen:
    """Return a screen just committed with the receipt of the one before it applied.

    A screen whose `sent_rev` already includes the receipt is returned unchanged.
    """
    if screen.sent_rev >= receipt.rev:
        return screen
    left = [message for message in screen.outdated if message not in receipt.outdated]
    return replace(screen, message_id=receipt.message_id, outdated=left, sent_rev=receipt.rev)


def current(tx: Transaction, conversation_id: int, worker: int) -> PendingScreen | None:
    """Return the newest screen of a conversation; None where it is delivered, or leased to no or another process."""
    wanted = {"conversation_id": conversation_id, "worker": worker}
    row = tx.connection.execute(_CURRENT, wanted).mappings().one_or_none()
    return _pending(row) if row else None


def mark_shown(tx: Transaction, receipts: Sequence[Receipt]) -> list[bool]:
    """Record receipts, at most one of a conversation; return of each whether its screen is still the newest.

    Where a newer screen was drawn meanwhile, the lease is kept: the process that sent this one goes on with that. The
    receipt of an older screen than the last delivered one changes only `outdated`.
    """
    rows = {row.id: row for row in tx.connection.execute(_LOCK, {"ids": [each.conversation_id for each in receipts]})}
    found = [each for each in receipts if each.conversation_id in rows]
    if found:
        values = [_recorded(tx.now, each, rows[each.conversation_id]) for each in found]
        ids = [{"conversation_id": each.conversation_id} for each in found]
        tx.connection.execute(_RECORD, [changes | row_id for changes, row_id in zip(values, ids, strict=True)])
    return [each in found and each.rev == rows[each.conversation_id].screen_rev for each in receipts]


def apply_receipt(stored: StoredConversation, receipt: Receipt, now: datetime) -> bool:
    """Apply a receipt to a loaded conversation that is going to be saved; return whether it is of the newest screen.

    So the next step of a conversation records the receipt of the screen before it in its own write.
    """
    for name, value in _recorded(now, receipt, stored).items():
        setattr(stored, name, value)
    return receipt.rev == stored.screen_rev


def postpone(tx: Transaction, conversation_id: int, until: datetime) -> None:
    """Record that a screen could not be sent, not to be leased before the given time, and release its lease."""
    tx.connection.execute(_POSTPONE, {"conversation_id": conversation_id, "until": until})


def pause_chat(tx: Transaction, bot_id: int, chat_id: int, until: datetime) -> None:
    """Pause every screen of a chat until then, as Telegram asked, and release their leases."""
    tx.connection.execute(_PAUSE_CHAT, {"bot": bot_id, "chat": chat_id, "until": until})


def next_due_at(tx: Transaction, bot_id: int, in_hand: Collection[int] = ()) -> datetime | None:
    """Return when the next screen that is not `in_hand` can be leased; None where there is none to send."""
    due: datetime | None = tx.connection.execute(
        _NEXT_DUE, {"bot": bot_id, "now": tx.now, "in_hand": list(in_hand)}
    ).scalar_one()
    return due


def _recorded(now: datetime, receipt: Receipt, row: Any) -> dict[str, Any]:
    # The receipt of a screen may come a second time, after a newer one was drawn for another message: the message of
    # the row is then the right one.
    is_later = receipt.rev > row.sent_rev or receipt.rev == row.screen_rev
    # Postponed, or paused with its chat, while it was on its way: the pause stays, also for a newer screen.
    is_paused = row.screen_leased_by is None
    is_done = receipt.rev >= row.screen_rev and not is_paused
    return {
        "sent_rev": max(receipt.rev, row.sent_rev),
        "message_id": receipt.message_id if is_later and receipt.message_id is not None else row.message_id,
        "outdated": [each for each in row.outdated if each not in receipt.outdated]
        if isinstance(row.outdated, list)
        else [],
        "screen_leased_by": None if is_done else row.screen_leased_by,
        "screen_leased_until": None if is_done else row.screen_leased_until if is_paused else now + LEASE,
        "screen_tries": 0,
    }


def _pending(row: RowMapping) -> PendingScreen:
    return PendingScreen(
        conversation_id=row["id"],
        key=ConversationKey(row["bot_id"], row["chat_id"], row["thread_id"], row["telegram_user_id"]),
        screen=row["screen"],
        rev=row["screen_rev"],
        message_id=row["message_id"],
        outdated=row["outdated"] if isinstance(row["outdated"], list) else [],
        tries=row["screen_tries"],
        sent_rev=row["sent_rev"],
        user_id=row["user_id"],
    )
