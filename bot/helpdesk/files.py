"""Files on their way into the database and back."""

from collections.abc import Sequence

from bot.handlers.work import Work
from engine.events import File, KeptFile
from storage.records import files
from storage.records.files import FileRow, NewFile


def keep_files(
    work: Work,
    subject_id: int,
    person_id: int,
    sent: Sequence[KeptFile],
    purpose: str,
    comment_id: int | None = None,
) -> None:
    """Store files of a subject as a conversation kept them; those of a comment name it."""
    files.add(
        work.tx,
        *(
            NewFile(
                subject_id=subject_id,
                user_id=person_id,
                bot_id=work.bot_id,
                file_id=file.ref,
                file_unique_id=file.unique,
                kind=file.kind,
                purpose=purpose,
                comment_id=comment_id,
                file_name=file.name,
                mime_type=file.mime,
                size=file.size,
            )
            for file in sent
        ),
    )


def as_sent(row: FileRow) -> File:
    """Return a stored file as the engine knows it."""
    return File(row.kind, row.file_id, row.file_unique_id, row.size or 0, row.file_name, row.mime_type)
