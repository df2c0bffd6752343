"""Photos and documents, kept by Telegram and known here by their file ids."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created
from storage.models.constants import FilePurpose
from storage.models.request import Request
from storage.models.types import Big
from storage.models.user import User

if TYPE_CHECKING:
    from storage.models.comment import Comment


class File(Created, Base):
    """One file of a request, of its report, or of a comment on it.

    `file_id` means something to the bot `bot_id` only; `file_unique_id` is the same for every bot.
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
    """Bytes, where Telegram tells."""

    request: Mapped[Request] = relationship(back_populates="files")
    comment: Mapped["Comment | None"] = relationship(back_populates="files")
    uploader: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"<File {self.id} {self.kind} of request_id={self.request_id}>"
