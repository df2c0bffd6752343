"""Requests: what is broken, where, who reports it and who mends it; with their comments and files.

The three refer to each other, and are in one module for that reason.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, SmallInteger, String, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship, validates

from storage.models.base import Base, Changed, Created
from storage.models.catalogue import Category, Place
from storage.models.constants import URGENCY, FilePurpose, Priority, Stage, Status
from storage.models.counter import REQUEST_NUMBERS, next_value
from storage.models.limits import valid_rating, within_bounds
from storage.models.types import Big
from storage.models.user import User


class Request(Changed, Base):
    """One request; its number, and who filed it, are filled in when it is first written.

    Assigning a text or a rating out of bounds, or an unknown priority, is a ValueError.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_stage_urgency_id", "stage", "urgency", "id"),
        Index("ix_requests_user_id_id", "user_id", "id"),
        Index("ix_requests_assignee_id_stage", "assignee_id", "stage"),
    )

    id: Mapped[Big] = mapped_column(primary_key=True)
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
    # "all": SQLAlchemy leaves children alone when a request is deleted, so that their foreign keys refuse it.
    comments: Mapped[list["Comment"]] = relationship(
        back_populates="request", order_by="Comment.id", passive_deletes="all"
    )
    files: Mapped[list["File"]] = relationship(back_populates="request", order_by="File.id", passive_deletes="all")

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


class Comment(Created, Base):
    """A comment on a request, by the author or the crew; its text may be empty where it has files.

    Assigning a text over 1000 characters is a ValueError.
    """

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_request_id", "request_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    request_id: Mapped[Big] = mapped_column(ForeignKey("requests.id"))
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(String(1000))
    is_internal: Mapped[bool] = mapped_column(default=False)
    """Shown to crew and managers only, not to the author."""

    request: Mapped[Request] = relationship(back_populates="comments")
    author: Mapped[User] = relationship()
    files: Mapped[list["File"]] = relationship(back_populates="comment", order_by="File.id", passive_deletes="all")

    @validates("text")
    def _check_text(self, field: str, value: str) -> str:
        return within_bounds(field, value)

    def __repr__(self) -> str:
        return f"<Comment {self.id} request_id={self.request_id}>"


class File(Created, Base):
    """A photo or document of a request, of its report, or of a comment on it; Telegram keeps the file itself.

    `file_id` is valid for the bot `bot_id` only; `file_unique_id` is the same for every bot.
    """

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_request_id", "request_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    request_id: Mapped[Big] = mapped_column(ForeignKey("requests.id"))
    comment_id: Mapped[Big | None] = mapped_column(ForeignKey("comments.id"))
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    bot_id: Mapped[Big]
    file_id: Mapped[str] = mapped_column(String(200))
    file_unique_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(10), default=FilePurpose.REQUEST)
    file_name: Mapped[str | None] = mapped_column(String(255))
    mime_type: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[Big | None]
    """In bytes; None where Telegram does not say."""

    request: Mapped[Request] = relationship(back_populates="files")
    comment: Mapped["Comment | None"] = relationship(back_populates="files")
    uploader: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"<File {self.id} {self.kind} of request_id={self.request_id}>"


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
