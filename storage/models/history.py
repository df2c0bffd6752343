"""History: what happened to a subject, append-only."""

from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from storage.database.errors import AppendOnlyError
from storage.models.base import Base, Created
from storage.models.types import Big, Object


class Event(Created, Base):
    """One change of one subject; updating or deleting a stored one is an AppendOnlyError."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[Big]
    actor_id: Mapped[Big | None] = mapped_column(ForeignKey("users.id"))
    """Who did it; None when a timer did."""
    name: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str | None] = mapped_column(String(40))
    to_state: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[Object] = mapped_column(default=dict)


@event.listens_for(Event, "before_update")
@event.listens_for(Event, "before_delete")
def _refuse(_mapper: Mapper[Any], _connection: Connection, target: Event) -> None:
    raise AppendOnlyError(f"event {target.id} is history: it is neither changed nor deleted")
