"""What shows that the work is done."""

from collections.abc import Sequence

from bot.handlers.work import Work
from bot.helpdesk.comments import add_captions
from bot.helpdesk.files import keep_files
from engine.events import KeptFile
from storage.models.constants import FilePurpose


def keep_report(work: Work, request_id: int, person_id: int, sent: Sequence[KeptFile]) -> int | None:
    """Keep photos of the work done, their captions as a comment; return the comment's id, if there is one."""
    keep_files(work, request_id, person_id, sent, FilePurpose.REPORT)
    return add_captions(work.tx, request_id, person_id, [file.caption for file in sent])
