"""Pieces of an album that come after it became part of a request."""

from bot.handlers.work import Work
from bot.helpdesk.comments import add_captions
from bot.helpdesk.files import keep_files
from engine.events import KeptFile
from storage.records import requests


def join_album(
    work: Work,
    request_id: int,
    person_id: int,
    file: KeptFile,
    caption: str,
    purpose: str,
    comment_id: int | None = None,
) -> None:
    """Add a late piece to a request, its report or its comment, by the `purpose` of those before it.

    A caption that comes so late is a comment of its own.
    """
    # As any change: cards drawn by two who do not wait for each other would show the older state.
    requests.load(work.tx, request_id, lock=True)
    keep_files(work, request_id, person_id, [file], purpose, comment_id)
    add_captions(work.tx, request_id, person_id, [caption])
