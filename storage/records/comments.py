"""Comments on a subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select

from storage.database.prepared import Prepared
from storage.models.limits import within_bounds
from storage.models.tables import comments, files, users

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment with its author's name and the number of its files."""

    id: int
    user_id: int
    author_name: str
    text: str
    is_internal: bool
    created_at: datetime
    files_count: int


_ADD = insert(comments).returning(comments.c.id)
_FILES = select(func.count()).where(files.c.comment_id == comments.c.id).scalar_subquery()
_NEWEST = (
    select(
        comments.c.id,
        comments.c.user_id,
        users.c.full_name.label("author_name"),
        comments.c.text,
        comments.c.is_internal,
        comments.c.created_at,
        _FILES.label("files_count"),
    )
    .join(users, users.c.id == comments.c.user_id)
    .where(comments.c.subject_id == bindparam("subject"))
    .order_by(comments.c.id.desc())
    .limit(bindparam("at_most"))
)
_NEWEST_OF_ALL = Prepared(_NEWEST)
_NEWEST_PUBLIC = Prepared(_NEWEST.where(comments.c.is_internal.is_(False)))
_WRITTEN_SINCE = select(func.count()).where(
    comments.c.user_id == bindparam("writer"), comments.c.created_at >= bindparam("since")
)


def add(tx: Transaction, subject_id: int, user_id: int, text: str, *, internal: bool = False) -> int:
    """Add a comment and return its id; ValueError when the text is over 1000 characters."""
    values = {
        "subject_id": subject_id,
        "user_id": user_id,
        "text": within_bounds("text", text),
        "is_internal": internal,
    }
    return int(tx.connection.execute(_ADD, values).scalar_one())


def of_subject(tx: Transaction, subject_id: int, *, with_internal: bool, limit: int = 5) -> list[CommentRow]:
    """Return the newest comments of a subject, the oldest of them first."""
    newest = _NEWEST_OF_ALL if with_internal else _NEWEST_PUBLIC
    rows = newest.all(tx, {"subject": subject_id, "at_most": limit})
    return [CommentRow(**row) for row in reversed(rows)]


def written_since(tx: Transaction, person_id: int, since: datetime) -> int:
    """Return how many comments a person has written since a time, for their rate limit."""
    return tx.connection.execute(_WRITTEN_SINCE, {"writer": person_id, "since": since}).scalar_one()
