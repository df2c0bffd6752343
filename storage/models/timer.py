"""Deadlines of subjects: what happens when a status has lasted for some time."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created
from storage.models.types import Big


class Timer(Created, Base):
    """One deadline of one subject; the row is deleted when it has fired for the last time or the status has changed."""

    __tablename__ = "timers"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "name"),
        Index("ix_timers_due_at", "due_at"),
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[Big]
    name: Mapped[str] = mapped_column(String(100))
    """Which of the deadlines of its status it is, as the flows name it."""
    state: Mapped[str] = mapped_column(String(40))
    """The status it belongs to."""
    since: Mapped[datetime]
    """When the subject entered that status."""
    due_at: Mapped[datetime]
    fired: Mapped[int] = mapped_column(default=0)
    """How often it has fired; more than once only where it repeats."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often firing it has failed."""
    last_error: Mapped[str | None] = mapped_column(Text)
