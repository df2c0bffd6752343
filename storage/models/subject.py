"""Subjects: what comments and files hang on, of whatever kind; each kind has a table of its own besides.

The three refer to each other, and are in one module for that reason.
"""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from storage.models.base import Base, Created
from storage.models.constants import FilePurpose
from storage.models.limits import within_bounds
from storage.models.types import Big
from storage.models.user import User


class Subject(Base):
    """One subject; the row of its kind's own table has the same id, and no subject of another kind has it."""

    __tablename__ = "subjects"
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 - as SQLAlchemy declares it

    id: Mapped[Big] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """As flows name it, and history, deadlines and links."""

    # "all": SQLAlchemy leaves children alone when a subject is deleted, so that their foreign keys refuse it.
    comments: Mapped[list["Comment"]] = relationship(
        back_populates="subject", order_by="Comment.id", passive_deletes="all"
    )
    files: Mapped[list["File"]] = relationship(back_populates="subject", order_by="File.id", passive_deletes="all")


class Comment(Created, Base):
    """A comment on a subject; its text may be empty where it has files.

    Assigning a text over 1000 characters is a ValueError.
    """

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_subject_id", "subject_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    subject_id: Mapped[Big] = mapped_column(ForeignKey("subjects.id"))
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(String(1000))
    is_internal: Mapped[bool] = mapped_column(default=False)
    """Shown to crew and managers only, not to the author."""

    subject: Mapped[Subject] = relationship(back_populates="comments")
    author: Mapped[User] = relationship()
    files: Mapped[list["File"]] = relationship(back_populates="comment", order_by="File.id", passive_deletes="all")

    @validates("text")
    def _check_text(self, field: str, value: str) -> str:
        return within_bounds(field, value)

    def __repr__(self) -> str:
        return f"<Comment {self.id} subject_id={self.subject_id}>"


class File(Created, Base):
    """A photo or document of a subject, of its report, or of a comment on it; Telegram keeps the file itself.

    `file_id` is valid for the bot `bot_id` only; `file_unique_id` is the same for every bot.
    """

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_subject_id", "subject_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    subject_id: Mapped[Big] = mapped_column(ForeignKey("subjects.id"))
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

    subject: Mapped[Subject] = relationship(back_populates="files")
    comment: Mapped["Comment | None"] = relationship(back_populates="files")
    uploader: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"<File {self.id} {self.kind} of subject_id={self.subject_id}>"
