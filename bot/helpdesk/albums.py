"""Pieces of an album that come after it became part of a request."""

from typing import Any

from pydantic import BaseModel

from bot.handlers.work import Work
from bot.helpdesk.comments import add_captions
from bot.helpdesk.files import keep_files
from engine.events import KeptFile
from storage.models.constants import FilePurpose
from storage.records import requests


class AlbumPart(BaseModel):
    """What an album became part of, as a conversation stores it; `comment` is the id of that comment."""

    purpose: FilePurpose
    comment: int | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return self.model_dump(mode="json", exclude_none=True)


def join_album(
    work: Work,
    request_id: int,
    person_id: int,
    file: KeptFile,
    caption: str,
    part: AlbumPart,
) -> None:
    """Add a late piece to a request, its report or its comment, as `part` says of those before it.

    A caption that comes so late is a comment of its own.
    """
    # As any change: cards drawn by two who do not wait for each other would show the older state.
    requests.load(work.tx, request_id, lock=True)
    keep_files(work, request_id, person_id, [file], part.purpose, part.comment)
    add_captions(work.tx, request_id, person_id, [caption])
