"""The outbox: messages to Telegram other than screens, and what sent messages are about."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, moment
from storage.models.constants import OutboxState
from storage.models.types import Big, Object

# Literals, as in the statements that use these indexes: see `storage.outbox.messages`.
_PENDING = text("state = 'pending'")
_PENDING_WITH_KEY = text("state = 'pending' AND dedupe_key IS NOT NULL")
_PENDING_LATER = text("state = 'pending' AND not_before IS NOT NULL")
_DEAD = text("state = 'dead'")
_PENDING_CANCELLABLE = text("state = 'pending' AND cancel_key IS NOT NULL")


class OutboxMessage(Created, Base):
    """One call of a Bot API method, stored in the transaction that it reports and made after the commit."""

    __tablename__ = "outbox"
    __table_args__ = (
        # A newer text with the same key replaces the one that is still queued.
        Index(
            "uq_outbox_pending_dedupe_key",
            "bot_id",
            "chat_id",
            "dedupe_key",
            unique=True,
            sqlite_where=_PENDING_WITH_KEY,
            postgresql_where=_PENDING_WITH_KEY,
        ),
        Index(
            "ix_outbox_pending_due",
            "bot_id",
            "next_try_at",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_outbox_pending_chat",
            "bot_id",
            "chat_id",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_outbox_pending_not_before",
            "bot_id",
            "not_before",
            sqlite_where=_PENDING_LATER,
            postgresql_where=_PENDING_LATER,
        ),
        Index(
            "ix_outbox_pending_cancel_key",
            "cancel_key",
            sqlite_where=_PENDING_CANCELLABLE,
            postgresql_where=_PENDING_CANCELLABLE,
        ),
        Index("ix_outbox_dead", "bot_id", sqlite_where=_DEAD, postgresql_where=_DEAD),
        # Ids must not be reused after a row was cancelled: a sender may still have the old one in hand.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    chat_id: Mapped[Big]
    thread_id: Mapped[Big] = mapped_column(default=0)
    method: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Object]
    link: Mapped[Object | None]
    """What the message is about once it is sent: becomes a row of `message_links`."""
    not_before: Mapped[datetime | None]
    cancel_key: Mapped[str | None] = mapped_column(String(100))
    dedupe_key: Mapped[str | None] = mapped_column(String(150))
    rev: Mapped[int] = mapped_column(default=1)
    """Grows when a newer text replaces the queued one."""
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=moment)
    last_error: Mapped[str | None] = mapped_column(Text)
    leased_by: Mapped[int | None]
    """The worker number of the process that sends it."""
    leased_until: Mapped[datetime | None]
    """Until then no other process sends it; a sender that has not renewed the lease by then counts as dead."""
    sent_message_id: Mapped[Big | None]
    sent_at: Mapped[datetime | None]


class MessageLink(Created, Base):
    """What a message in a chat is about, so that a reply to it is a comment and a change finds its cards."""

    __tablename__ = "message_links"
    __table_args__ = (
        UniqueConstraint("bot_id", "chat_id", "message_id"),
        Index("ix_message_links_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    chat_id: Mapped[Big]
    message_id: Mapped[Big]
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[Big | None]
    shape: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    """flow.step or flow.notice"""
    user_id: Mapped[Big | None] = mapped_column(ForeignKey("users.id"))
    """The person it was drawn for; None in a group."""
