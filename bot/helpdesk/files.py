"""Files on their way into the database and back."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.work import Work
from engine.events import File
from engine.subjects import Person
from engine.templates.filters import shorten
from storage.models.limits import BOUNDS
from storage.records import comments, files
from storage.records.files import FileRow, NewFile

COMMENT_LIMIT = BOUNDS["text"][1]
"""Characters of a comment."""


def keep(
    work: Work,
    request_id: int,
    person: Person,
    sent: Sequence[dict[str, Any]],
    purpose: str,
    comment_id: int | None = None,
) -> None:
    """Store files as a conversation kept them (`File.as_data`)."""
    files.add(
        work.tx,
        *(
            NewFile(
                request_id=request_id,
                user_id=person.id,
                bot_id=work.bot_id,
                file_id=file["ref"],
                file_unique_id=file["unique"],
                kind=file["kind"],
                purpose=purpose,
                comment_id=comment_id,
                file_name=file["name"],
                mime_type=file["mime"],
                size=file["size"],
            )
            for file in sent
        ),
    )


def keep_caption(work: Work, request_id: int, person: Person, *captions: str) -> int | None:
    """Store what stood under files as a comment, where it was no answer to anything; return its id, if there is one."""
    words = "\n".join(filter(None, (caption.strip() for caption in captions)))
    if not words:
        return None
    return comments.add(work.tx, request_id, person.id, shorten(words, COMMENT_LIMIT))


def as_sent(row: FileRow) -> File:
    """Return a stored file as the engine knows it."""
    return File(row.kind, row.file_id, row.file_unique_id, row.size or 0, row.file_name, row.mime_type)
