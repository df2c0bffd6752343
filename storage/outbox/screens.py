"""Delivery of screens: which conversations wait for theirs, who sends it, and what became of it."""

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
    """A screen to send; `message_id` is the message that shows the one before, if any does.

    `tries` counts the times that sending a screen of this conversation failed since one succeeded. One that is `new`
    was committed just now, so that nobody can have sent it; it was drawn when `sent_rev` was known to be shown.
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
    """News of one conversation: screen `rev` is shown by `message_id`, the buttons of `outdated` are gone.

    A screen that can never be delivered is told of with None, which leaves the message as it was. Where it is about
    something, `link` is what its message is to be remembered as, and `version` the state in which it shows that.
    """

    conversation_id: int
    rev: int
    message_id: int | None
    outdated: Collection[int] = ()
    link: Link | None = None
    version: str = ""

    def after(self, before: Receipt) -> Receipt:
        """Return what both tell together, these being the later ones."""
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
_MARK = update(conversations).where(_ID)
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
    """Claim the newest screen of a held conversation for this process, which sends it after the commit.

    None where all is sent, where another process is sending the one before and goes on with this, where the chat rests.
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
    """Take screens that were committed and that nobody sends: after a restart, a pause, a death."""
    wanted = {"bot": bot_id, "worker": worker, "now": tx.now, "until": tx.now + LEASE, "at_most": limit}
    rows = tx.connection.execute(_LEASE_DUE, wanted).mappings()
    return sorted((_pending(row) for row in rows), key=lambda screen: screen.conversation_id)


def since(screen: PendingScreen, receipts: Receipt) -> PendingScreen:
    """Return a screen just committed as its row stands now that `receipts` of the one before are recorded.

    The unit that drew it knew the news, or had written the row before they were: either held the row meanwhile.
    """
    if screen.sent_rev >= receipts.rev:
        return screen
    left = [message for message in screen.outdated if message not in receipts.outdated]
    return replace(screen, message_id=receipts.message_id, outdated=left, sent_rev=receipts.rev)


def current(tx: Transaction, conversation_id: int, worker: int) -> PendingScreen | None:
    """Read the newest screen of a conversation, unless it has been delivered, or is not this process' to send."""
    wanted = {"conversation_id": conversation_id, "worker": worker}
    row = tx.connection.execute(_CURRENT, wanted).mappings().one_or_none()
    return _pending(row) if row else None


def mark_shown(tx: Transaction, receipts: Sequence[Receipt]) -> list[bool]:
    """Record what became of screens, at most one of a conversation; tell of each whether it is still the newest.

    Where a newer one came meanwhile, the claim stays: whoever showed this one goes on with that. News of an older
    screen than the last delivered one changes nothing but the retired messages.
    """
    rows = {row.id: row for row in tx.connection.execute(_LOCK, {"ids": [each.conversation_id for each in receipts]})}
    known = [each for each in receipts if each.conversation_id in rows]
    if known:
        marks = [_marked(tx.now, each, rows[each.conversation_id]) for each in known]
        ids = [{"conversation_id": each.conversation_id} for each in known]
        tx.connection.execute(_MARK, [version | wanted for version, wanted in zip(marks, ids, strict=True)])
    return [each in known and each.rev == rows[each.conversation_id].screen_rev for each in receipts]


def apply_receipt(stored: StoredConversation, receipts: Receipt, now: datetime) -> bool:
    """Put news into a held conversation that is to be saved; tell whether they are of its newest screen."""
    for name, value in _marked(now, receipts, stored).items():
        setattr(stored, name, value)
    return receipts.rev == stored.screen_rev


def postpone(tx: Transaction, conversation_id: int, until: datetime) -> None:
    """Let a screen that could not be sent rest until then; whoever finds it after that sends the newest."""
    tx.connection.execute(_POSTPONE, {"conversation_id": conversation_id, "until": until})


def pause_chat(tx: Transaction, bot_id: int, chat_id: int, until: datetime) -> None:
    """Let every screen of a chat rest until then, as Telegram asked."""
    tx.connection.execute(_PAUSE_CHAT, {"bot": bot_id, "chat": chat_id, "until": until})


def next_due_at(tx: Transaction, bot_id: int, in_hand: Collection[int] = ()) -> datetime | None:
    """Tell when a screen that is not `in_hand` can be claimed at the earliest, if nothing else happens."""
    due: datetime | None = tx.connection.execute(
        _NEXT_DUE, {"bot": bot_id, "now": tx.now, "in_hand": list(in_hand)}
    ).scalar_one()
    return due


def _marked(now: datetime, receipts: Receipt, row: Any) -> dict[str, Any]:
    # Told again of one that was known already, whoever drew a newer one since has decided where that belongs.
    is_later = receipts.rev > row.sent_rev or receipts.rev == row.screen_rev
    rests = row.screen_leased_by is None
    ends = receipts.rev >= row.screen_rev and not rests
    return {
        "sent_rev": max(receipts.rev, row.sent_rev),
        "message_id": receipts.message_id if is_later and receipts.message_id is not None else row.message_id,
        "outdated": [message for message in row.outdated if message not in receipts.outdated],
        "screen_leased_by": None if ends else row.screen_leased_by,
        "screen_leased_until": None if ends else row.screen_leased_until if rests else now + LEASE,
        "screen_tries": 0,
    }


def _pending(row: RowMapping) -> PendingScreen:
    return PendingScreen(
        conversation_id=row["id"],
        key=ConversationKey(row["bot_id"], row["chat_id"], row["thread_id"], row["telegram_user_id"]),
        screen=row["screen"],
        rev=row["screen_rev"],
        message_id=row["message_id"],
        outdated=row["outdated"],
        tries=row["screen_tries"],
        sent_rev=row["sent_rev"],
        user_id=row["user_id"],
    )
