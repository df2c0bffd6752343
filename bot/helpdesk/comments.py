"""Comments on a subject: what people write of it, and what they write under its files."""

from collections.abc import Sequence

from bot.handlers.work import Work
from bot.helpdesk.files import keep_files
from bot.helpdesk.limits import Rate
from engine.events import KeptFile
from engine.templates.filters import shorten
from storage.database.transaction import Transaction
from storage.models.constants import FilePurpose
from storage.models.limits import BOUNDS
from storage.records import comments

COMMENT_LIMIT = BOUNDS["text"][1]
"""Characters of a comment."""


def too_many_comments(tx: Transaction, person_id: int, rate: Rate) -> bool:
    """Return whether a person has to wait before they write more."""
    return comments.written_since(tx, person_id, tx.now - rate.within) >= rate.most


def add_comment(work: Work, subject_id: int, person_id: int, text: str, sent: Sequence[KeptFile] = ()) -> int:
    """Add a comment with the files that belong to it, and return its id.

    Raises ValueError where the text is longer than `COMMENT_LIMIT`; one with files may be empty.
    """
    comment_id = comments.add(work.tx, subject_id, person_id, text)
    keep_files(work, subject_id, person_id, sent, FilePurpose.COMMENT, comment_id)
    return comment_id


def add_captions(tx: Transaction, subject_id: int, person_id: int, captions: Sequence[str]) -> int | None:
    """Store what stood under files, where it was no answer to anything, as one comment; longer words are cut.

    Returns its id, None where nothing stood there.
    """
    words = "\n".join(filter(None, (caption.strip() for caption in captions)))
    if not words:
        return None
    return comments.add(tx, subject_id, person_id, shorten(words, COMMENT_LIMIT))
