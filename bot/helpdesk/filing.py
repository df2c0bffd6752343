"""File a request: the request itself, the first event of its history, its files."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.work import Work
from bot.helpdesk.files import keep_files
from bot.helpdesk.limits import Rate
from bot.helpdesk.titles import title_of
from engine.events import KeptFile
from storage.database.transaction import Transaction
from storage.models.constants import FilePurpose
from storage.records import history, places, requests
from storage.records.history import NewEvent
from storage.records.requests import KIND, NewRequest

LOCATION_LIMIT = 100
"""Characters of a location."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What a request is filed with: its author's words, the catalogue's entries, the status it begins in.

    `location` is how the author names the place; a `place_id` of the catalogue stands for its path there.
    """

    description: str
    location: str
    priority: str
    category_id: int | None
    place_id: int | None
    status: str
    stage: str


def too_many_requests(tx: Transaction, person_id: int, rate: Rate) -> bool:
    """Return whether a person has to wait before they file more."""
    return requests.filed_since(tx, person_id, tx.now - rate.within) >= rate.most


def file_request(work: Work, author_id: int, new: Filing, sent: Sequence[KeptFile] = ()) -> int:
    """File a request with its files and return its id; its title is made of the description.

    Raises ValueError where a text is out of its bounds. Nobody is told: notices and deadlines are the flow's.
    """
    request_id = requests.create(
        work.tx,
        NewRequest(
            user_id=author_id,
            title=title_of(new.description),
            description=new.description,
            location=_location(work.tx, new),
            priority=new.priority,
            category_id=new.category_id,
            place_id=new.place_id,
            status=new.status,
            stage=new.stage,
        ),
    )
    history.append(work.tx, NewEvent(KIND, request_id, "create", author_id, None, new.status))
    keep_files(work, request_id, author_id, sent, FilePurpose.REQUEST)
    return request_id


def _location(tx: Transaction, new: Filing) -> str:
    if new.place_id is None:
        return new.location
    return ", ".join(places.path(tx, new.place_id))[:LOCATION_LIMIT] or new.location
