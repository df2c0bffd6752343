"""Requests: filing, reading one with everything its card shows, changing it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ScalarSelect, Select, bindparam, case, func, insert, literal_column, select
from sqlalchemy import update as sql_update

from storage.database.prepared import Prepared
from storage.models.constants import UNFINISHED, FilePurpose, Priority, Stage, Status
from storage.models.counter import REQUEST_NUMBERS, counting
from storage.models.limits import valid_rating, within_bounds
from storage.models.request import urgency_of
from storage.models.tables import categories, comments, files, requests, users

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Table

    from storage.database.transaction import Transaction

KIND = "request"
"""What history, deadlines, links and flows call a request."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What it takes to file a request; `created_by_id` is the author where not given."""

    user_id: int
    title: str
    description: str
    location: str
    priority: str = Priority.MEDIUM
    category_id: int | None = None
    place_id: int | None = None
    created_by_id: int | None = None
    status: str = Status.OPEN
    stage: str = Stage.WAITING
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as its card shows it, with the people, the catalogue entries and the counts it names."""

    id: int
    number: int
    title: str
    description: str
    location: str
    priority: str
    urgency: int
    status: str
    stage: str
    rating: int | None
    created_at: datetime
    updated_at: datetime
    taken_at: datetime | None
    completed_at: datetime | None
    confirmed_at: datetime | None
    due_at: datetime | None
    resume_on: datetime | None
    author_id: int
    author_name: str
    created_by_id: int
    assignee_id: int | None
    assignee_name: str | None
    category_id: int | None
    category_name: str | None
    category_icon: str | None
    place_id: int | None
    files_count: int
    """Files of the request itself."""
    reports_count: int
    """Files that show the work done."""
    comment_files_count: int
    comments_count: int
    """Comments that are not internal."""


_OWN = (
    requests.c.id,
    requests.c.number,
    requests.c.title,
    requests.c.description,
    requests.c.location,
    requests.c.priority,
    requests.c.urgency,
    requests.c.status,
    requests.c.stage,
    requests.c.rating,
    requests.c.created_at,
    requests.c.updated_at,
    requests.c.taken_at,
    requests.c.completed_at,
    requests.c.confirmed_at,
    requests.c.due_at,
    requests.c.resume_on,
    requests.c.created_by_id,
    requests.c.assignee_id,
    requests.c.category_id,
    requests.c.place_id,
)
_TEXTS = frozenset({"title", "description", "location"})
_CHANGEABLE = frozenset(
    {
        "user_id",
        "assignee_id",
        "title",
        "description",
        "location",
        "place_id",
        "category_id",
        "priority",
        "status",
        "stage",
        "rating",
        "confirmed_at",
        "taken_at",
        "completed_at",
        "due_at",
        "resume_on",
    }
)


def _count(table: Table, *conditions: Any) -> ScalarSelect[int]:
    counting = select(func.count()).select_from(table).where(table.c.request_id == requests.c.id, *conditions)
    return counting.scalar_subquery()


def _joined() -> Select[Any]:
    author, assignee = users.alias("author"), users.alias("assignee")
    joined = (
        requests.join(author, author.c.id == requests.c.user_id)
        .outerjoin(assignee, assignee.c.id == requests.c.assignee_id)
        .outerjoin(categories, categories.c.id == requests.c.category_id)
    )
    return select(
        *_OWN,
        author.c.id.label("author_id"),
        author.c.full_name.label("author_name"),
        assignee.c.full_name.label("assignee_name"),
        categories.c.name.label("category_name"),
        categories.c.icon.label("category_icon"),
        _count(files, files.c.purpose == FilePurpose.REQUEST).label("files_count"),
        _count(files, files.c.purpose == FilePurpose.REPORT).label("reports_count"),
        _count(files, files.c.purpose == FilePurpose.COMMENT).label("comment_files_count"),
        _count(comments, comments.c.is_internal.is_(False)).label("comments_count"),
    ).select_from(joined)


_FILED = tuple(field.name for field in fields(NewRequest))
_NEXT_NUMBER = Prepared(counting)
_CREATE = Prepared(insert(requests).returning(requests.c.id))
_BY_ID = Prepared(_joined().where(requests.c.id == bindparam("request_id")))
_BY_NUMBER = _joined().where(requests.c.number == bindparam("request_number"))
_LOCK = Prepared(select(requests.c.id).where(requests.c.id == bindparam("request_id")).with_for_update(key_share=True))
_UPDATE = sql_update(requests).where(requests.c.id == bindparam("request_id"))
_FILED_SINCE = Prepared(
    select(func.count()).where(
        requests.c.created_by_id == bindparam("filed_by"), requests.c.created_at >= bindparam("since")
    )
)

# Literals: the index on stages serves, however few of all requests are unfinished.
_UNFINISHED = (
    select(requests.c.status, requests.c.priority, func.count())
    .where(requests.c.stage.in_([literal_column(f"'{stage}'") for stage in UNFINISHED]))
    .group_by(requests.c.status, requests.c.priority)
)
_BY_STATUS = select(requests.c.status, func.count()).group_by(requests.c.status)


def create(tx: Transaction, new: NewRequest) -> int:
    """File a request, give it the next number, and return its id; ValueError when a text is out of bounds."""
    values = {name: getattr(new, name) for name in _FILED}
    for field in _TEXTS:
        within_bounds(field, values[field])
    values["urgency"] = urgency_of(new.priority)
    values["created_by_id"] = new.user_id if new.created_by_id is None else new.created_by_id
    # Last of all: whoever files at the same moment waits from here on.
    values["number"] = _NEXT_NUMBER.scalar(tx, {"name": REQUEST_NUMBERS})
    request_id = int(_CREATE.scalar(tx, values))
    tx.locked.add((KIND, request_id))
    return request_id


def load(tx: Transaction, request_id: int, *, lock: bool = False) -> RequestRow | None:
    """Read a request in one statement; with `lock`, others who want it locked wait until this commit."""
    if lock and tx.connection.dialect.name != "sqlite" and (KIND, request_id) not in tx.locked:
        # A statement of its own: having waited for the lock, one that joins would pair the newest request with
        # the assignee it read before. SQLite's transaction has the whole file already.
        _LOCK.all(tx, {"request_id": request_id})
        tx.locked.add((KIND, request_id))
    row = _BY_ID.one(tx, {"request_id": request_id})
    return RequestRow(**row) if row else None


def by_number(tx: Transaction, number: int) -> RequestRow | None:
    """Find a request by the number people know it by."""
    row = tx.connection.execute(_BY_NUMBER, {"request_number": number}).mappings().one_or_none()
    return RequestRow(**row) if row else None


def update(tx: Transaction, request_id: int, changes: Mapping[str, Any]) -> None:
    """Write some fields of a request, the urgency with the priority.

    ValueError when a value is out of bounds, when a field cannot be changed, or when there is no such request.
    """
    values = {field: _checked(field, value) for field, value in changes.items()}
    if "priority" in values:
        values["urgency"] = urgency_of(values["priority"])
    done = tx.connection.execute(_UPDATE, {"request_id": request_id, **values})
    if not done.rowcount:
        raise ValueError(f"there is no request with id {request_id}")


def filed_since(tx: Transaction, person_id: int, since: datetime) -> int:
    """Count what a person has filed since a moment, to keep them within their limit."""
    return int(_FILED_SINCE.scalar(tx, {"filed_by": person_id, "since": since}))


def by_status(tx: Transaction) -> dict[str, int]:
    """Count the requests of each status there is."""
    return dict(map(tuple, tx.connection.execute(_BY_STATUS)))


def unfinished(tx: Transaction) -> dict[tuple[str, str], int]:
    """Count the requests that still ask for attention, by status and priority."""
    return {(status, priority): count for status, priority, count in tx.connection.execute(_UNFINISHED)}


def recompute_stages(tx: Transaction, stages: Mapping[str, str]) -> int:
    """Set every request's stage by its status, as the flows just loaded say; tell how many changed."""
    if not stages:
        return 0
    stage = case(dict(stages), value=requests.c.status)
    moved = sql_update(requests).where(requests.c.status.in_(list(stages)), requests.c.stage != stage)
    # The flows changed, not the requests: their time of change stays.
    return tx.connection.execute(moved.values(stage=stage, updated_at=requests.c.updated_at)).rowcount


def _checked(field: str, value: Any) -> Any:
    if field not in _CHANGEABLE:
        raise ValueError(f"a request's {field} cannot be changed")
    if field in _TEXTS:
        return within_bounds(field, value)
    return valid_rating(value) if field == "rating" else value
