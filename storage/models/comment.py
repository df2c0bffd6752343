"""Comments: the dialogue between author and crew, and notes the author does not see."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from storage.models.base import Base, Created
from storage.models.limits import within_bounds
from storage.models.request import Request
from storage.models.types import Big
from storage.models.user import User

if TYPE_CHECKING:
    from storage.models.file import File


class Comment(Created, Base):
    """One comment; a text over 1000 characters is a ValueError, an empty one is for comments with files."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_request_id", "request_id"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    request_id: Mapped[Big] = mapped_column(ForeignKey("requests.id"))
    user_id: Mapped[Big] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(String(1000))
    is_internal: Mapped[bool] = mapped_column(default=False)
    """Shown to crew and managers only."""

    request: Mapped[Request] = relationship(back_populates="comments")
    author: Mapped[User] = relationship()
    files: Mapped[list["File"]] = relationship(back_populates="comment", order_by="File.id", passive_deletes="all")

    @validates("text")
    def _check_text(self, field: str, value: str) -> str:
        return within_bounds(field, value)

    def __repr__(self) -> str:
        return f"<Comment {self.id} request_id={self.request_id}>"
