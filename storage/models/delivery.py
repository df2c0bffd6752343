"""What goes to Telegram besides screens, and which message became what."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, moment
from storage.models.constants import OutboxState
from storage.models.types import Big, Object, RawJSON

_PENDING = text("state = 'pending'")
_PENDING_WITH_KEY = text("state = 'pending' AND dedupe_key IS NOT NULL")
_PENDING_LATER = text("state = 'pending' AND not_before IS NOT NULL")
_DEAD = text("state = 'dead'")
_PENDING_CANCELLABLE = text("state = 'pending' AND cancel_key IS NOT NULL")


class OutboxMessage(Created, Base):
    """One call of a Bot API method, stored with the change it tells of and made after the commit."""

    __tablename__ = "outbox"
    __table_args__ = (
        # A newer text for the same place replaces the one that still waits.
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
        # An id must not come back after its row was cancelled: a sender may still hold it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    chat_id: Mapped[Big]
    thread_id: Mapped[Big] = mapped_column(default=0)
    method: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Object]
    link: Mapped[Object | None]
    """What the sent message will be: becomes a row of `message_links`."""
    not_before: Mapped[datetime | None]
    cancel_key: Mapped[str | None] = mapped_column(String(100))
    dedupe_key: Mapped[str | None] = mapped_column(String(150))
    rev: Mapped[int] = mapped_column(default=1)
    """Grows when a newer text replaces the waiting one."""
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=moment)
    last_error: Mapped[str | None] = mapped_column(Text)
    leased_by: Mapped[int | None]
    """The process that sends it."""
    leased_until: Mapped[datetime | None]
    """Until then one sender has it; afterwards it counts as dropped by a sender that died."""
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
    """For whose eyes it was drawn; nobody's in particular in a group."""


class QuarantinedUpdate(Created, Base):
    """An update that failed every time and was set aside, so that the others go on."""

    __tablename__ = "quarantined_updates"
    __table_args__ = (Index("ix_quarantined_updates_bot_id_update_id", "bot_id", "update_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    update_id: Mapped[Big]
    raw: Mapped[object] = mapped_column(RawJSON)
    error: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=1)
    retry_at: Mapped[datetime | None]
    """When it is to be fed again, because an operator said so; ahead of now while a process is at it."""
