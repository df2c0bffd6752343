"""Requests: what is broken, where, who reports it and who mends it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, SmallInteger, String, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship, validates

from storage.models.base import Changed
from storage.models.catalogue import Category, Place
from storage.models.constants import URGENCY, Priority, Stage, Status
from storage.models.counter import REQUEST_NUMBERS, next_value
from storage.models.limits import valid_rating, within_bounds
from storage.models.subject import Subject
from storage.models.types import Big
from storage.models.user import User

REQUEST = "request"
"""The kind of subject that a request is."""


class Request(Changed, Subject):
    """One request; its number, and who filed it, are filled in when it is first written.

    Assigning a text or a rating out of bounds, or an unknown priority, is a ValueError.
    """

    __tablename__ = "requests"
    __mapper_args__ = {"polymorphic_identity": REQUEST}  # noqa: RUF012 - as SQLAlchemy declares it
    __table_args__ = (
        Index("ix_requests_stage_urgency_id", "stage", "urgency", "id"),
        Index("ix_requests_user_id_id", "user_id", "id"),
        Index("ix_requests_assignee_id_stage", "assignee_id", "stage"),
    )

    id: Mapped[Big] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    number: Mapped[Big] = mapped_column(unique=True)
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    """The author: whom the request is for."""
    created_by_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    """Who filed it: the author, or the manager whom the author phoned."""
    assignee_id: Mapped[Big | None] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(1000))
    location: Mapped[str] = mapped_column(String(100))
    """The place as text; it stays when the catalogue changes."""
    place_id: Mapped[Big | None] = mapped_column(ForeignKey("places.id"))
    category_id: Mapped[Big | None] = mapped_column(ForeignKey("categories.id"))
    priority: Mapped[str] = mapped_column(String(20), default=Priority.MEDIUM)
    urgency: Mapped[int] = mapped_column(SmallInteger, default=URGENCY[Priority.MEDIUM])
    """The priority as a number to sort by; it follows the priority."""
    status: Mapped[str] = mapped_column(String(40), default=Status.OPEN)
    stage: Mapped[str] = mapped_column(String(10), default=Stage.WAITING)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    confirmed_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    resume_on: Mapped[datetime | None]

    author: Mapped[User] = relationship(foreign_keys=user_id)
    created_by: Mapped[User] = relationship(foreign_keys=created_by_id)
    assignee: Mapped[User | None] = relationship(foreign_keys=assignee_id)
    place: Mapped[Place | None] = relationship()
    category: Mapped[Category | None] = relationship()

    @validates("title", "description", "location")
    def _check_text(self, field: str, value: str) -> str:
        return within_bounds(field, value)

    @validates("rating")
    def _check_rating(self, _field: str, value: int | None) -> int | None:
        return valid_rating(value)

    @validates("priority")
    def _follow_priority(self, _field: str, value: str) -> str:
        self.urgency = urgency_of(value)
        return value

    def __repr__(self) -> str:
        return f"<Request {self.id} number={self.number} status={self.status}>"


def urgency_of(priority: str) -> int:
    """Return the number that a priority sorts by; ValueError when there is no such priority."""
    if priority not in URGENCY:
        raise ValueError(f"priority must be one of {', '.join(URGENCY)}, not {priority!r}")
    return URGENCY[priority]


@event.listens_for(Request, "before_insert")
def _number(_mapper: Mapper[Any], connection: Connection, request: Request) -> None:
    if request.number is None:
        request.number = next_value(connection, REQUEST_NUMBERS)
    if request.created_by_id is None:
        request.created_by_id = request.user_id
