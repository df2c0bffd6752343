"""Quarantined updates, which operators inspect and retry."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created
from storage.models.types import Big, RawJSON


class QuarantinedUpdate(Created, Base):
    """An update whose handling failed every time, quarantined so that it does not block the others."""

    __tablename__ = "quarantined_updates"
    __table_args__ = (Index("ix_quarantined_updates_bot_id_update_id", "bot_id", "update_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    bot_id: Mapped[Big]
    update_id: Mapped[Big]
    raw: Mapped[object] = mapped_column(RawJSON)
    error: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=1)
    retry_at: Mapped[datetime | None]
    """When it is to be retried, on an operator's request; in the future while a process is retrying it."""
