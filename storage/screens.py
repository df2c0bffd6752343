"""Delivery of screens: which conversations wait for theirs, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from storage.conversations import ConversationKey
from storage.models.tables import conversations

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import RowMapping

    from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PendingScreen:
    """A screen to send; `message_id` is the message that shows the one before, if any does."""

    conversation_id: int
    key: ConversationKey
    screen: dict[str, Any]
    rev: int
    message_id: int | None
    retired: list[int]


_UNSENT = select(
    conversations.c.id,
    conversations.c.bot_id,
    conversations.c.chat_id,
    conversations.c.thread_id,
    conversations.c.telegram_user_id,
    conversations.c.screen,
    conversations.c.screen_rev,
    conversations.c.message_id,
    conversations.c.retired,
).where(conversations.c.screen_rev > conversations.c.sent_rev, conversations.c.screen.is_not(None))
_UNSENT_OF_BOT = (
    _UNSENT.where(conversations.c.bot_id == bindparam("bot")).order_by(conversations.c.id).limit(bindparam("at_most"))
)
_UNSENT_OF_ONE = _UNSENT.where(conversations.c.id == bindparam("conversation_id"))
_LOCK = (
    select(conversations.c.screen_rev, conversations.c.sent_rev, conversations.c.message_id, conversations.c.retired)
    .where(conversations.c.id == bindparam("conversation_id"))
    .with_for_update(key_share=True)
)
_MARK = update(conversations).where(conversations.c.id == bindparam("conversation_id"))


def pending_screens(tx: Transaction, bot_id: int, limit: int) -> list[PendingScreen]:
    """Find screens that were committed but not delivered, after a restart for instance."""
    rows = tx.connection.execute(_UNSENT_OF_BOT, {"bot": bot_id, "at_most": limit}).mappings()
    return [_pending(row) for row in rows]


def screen_to_send(tx: Transaction, conversation_id: int) -> PendingScreen | None:
    """Read the newest screen of a conversation, unless it has been delivered already."""
    found = tx.connection.execute(_UNSENT_OF_ONE, {"conversation_id": conversation_id}).mappings()
    row = found.one_or_none()
    return _pending(row) if row else None


def mark_screen_sent(
    tx: Transaction,
    conversation_id: int,
    rev: int,
    message_id: int | None,
    retired_done: Collection[int] = (),
) -> bool:
    """Record that screen `rev` is shown by `message_id`, and whose buttons are gone.

    A screen that can never be delivered is marked with None, which leaves the message as it was. News of an
    older screen than the last delivered one changes nothing but the retired messages.
    False when the conversation has a newer screen by now, which then decides what the message is about, or is gone.
    """
    row = tx.connection.execute(_LOCK, {"conversation_id": conversation_id}).one_or_none()
    if row is None:
        return False
    is_later = rev >= row.sent_rev
    tx.connection.execute(
        _MARK,
        {
            "conversation_id": conversation_id,
            "sent_rev": max(rev, row.sent_rev),
            "message_id": message_id if is_later and message_id is not None else row.message_id,
            "retired": [message for message in row.retired if message not in retired_done],
        },
    )
    return bool(rev == row.screen_rev)


def _pending(row: RowMapping) -> PendingScreen:
    return PendingScreen(
        conversation_id=row["id"],
        key=ConversationKey(row["bot_id"], row["chat_id"], row["thread_id"], row["telegram_user_id"]),
        screen=row["screen"],
        rev=row["screen_rev"],
        message_id=row["message_id"],
        retired=row["retired"],
    )
