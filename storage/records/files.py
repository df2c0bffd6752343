"""Files of subjects, reports and comments: Telegram keeps them, their ids are kept here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from storage.models.constants import FilePurpose
from storage.models.tables import files

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as Telegram describes it; `size` in bytes."""

    subject_id: int
    user_id: int
    bot_id: int
    file_id: str
    file_unique_id: str
    kind: str
    purpose: str = FilePurpose.REQUEST
    comment_id: int | None = None
    file_name: str | None = None
    mime_type: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file."""

    id: int
    subject_id: int
    comment_id: int | None
    user_id: int
    bot_id: int
    file_id: str
    file_unique_id: str
    kind: str
    purpose: str
    file_name: str | None
    mime_type: str | None
    size: int | None
    created_at: datetime


_ADD = insert(files)
_OF_SUBJECT = select(files).where(files.c.subject_id == bindparam("subject")).order_by(files.c.id)
_OF_PURPOSE = _OF_SUBJECT.where(files.c.purpose == bindparam("shown"))


def add(tx: Transaction, *new: NewFile) -> None:
    """Store files in their order, an album in one statement."""
    if new:
        tx.connection.execute(_ADD, [asdict(file) for file in new])


def of_subject(tx: Transaction, subject_id: int, purpose: str | None = None) -> list[FileRow]:
    """Return a subject's files in the order they came, all of them or those of one purpose."""
    if purpose is None:
        found = tx.connection.execute(_OF_SUBJECT, {"subject": subject_id})
    else:
        found = tx.connection.execute(_OF_PURPOSE, {"subject": subject_id, "shown": purpose})
    return [FileRow(**row) for row in found.mappings()]
