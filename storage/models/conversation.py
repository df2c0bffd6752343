"""Conversations: the state of each person's dialogs, in one row."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Changed
from storage.models.types import Big, Numbers, Object


class Conversation(Changed, Base):
    """One person in one chat (and topic) with one bot; `state` and `screen` are opaque to the storage."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("bot_id", "chat_id", "thread_id", "telegram_user_id"),
        Index("ix_conversations_user_id", "user_id"),
        Index(
            "ix_conversations_unsent",
            "bot_id",
            "id",
            sqlite_where=column("screen_rev") > column("sent_rev"),
            postgresql_where=column("screen_rev") > column("sent_rev"),
        ),
        Index(
            "ix_conversations_timer_at",
            "bot_id",
            "timer_at",
            sqlite_where=column("timer_at").is_not(None),
            postgresql_where=column("timer_at").is_not(None),
        ),
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    chat_id: Mapped[Big]
    thread_id: Mapped[Big] = mapped_column(default=0)
    """The topic of a forum group; 0 elsewhere, because NULL would defeat the key."""
    telegram_user_id: Mapped[Big]
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    state: Mapped[Object] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    recent_updates: Mapped[Numbers] = mapped_column(default=list)
    """Ids of the last updates, the newest last, so that an update that Telegram repeats is recognized."""
    screen: Mapped[Object | None]
    screen_rev: Mapped[int] = mapped_column(default=0)
    """Grows with every new screen; the screen waits for delivery while it is ahead of `sent_rev`."""
    sent_rev: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[Big | None]
    """The message that shows the screen."""
    outdated: Mapped[Numbers] = mapped_column(default=list)
    """Ids of messages whose buttons are to be removed."""
    screen_leased_by: Mapped[int | None]
    """The worker number of the process that sends the screen; None while sending backs off after a failure."""
    screen_leased_until: Mapped[datetime | None]
    """Until then no other process sends the screen; a sender that has not renewed the lease by then counts as dead."""
    screen_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often sending the screen has failed."""
    timer_at: Mapped[datetime | None]
    """When the next idle timer fires."""
