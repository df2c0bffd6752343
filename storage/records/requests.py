"""Requests: creating one, reading it with everything its card shows, changing it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ScalarSelect, Select, bindparam, case, func, literal_column, select
from sqlalchemy import update as sql_update

from storage.database.prepared import Prepared
from storage.models.constants import UNFINISHED, FilePurpose, Priority, Stage, Status
from storage.models.counter import REQUEST_NUMBERS, counting
from storage.models.limits import valid_rating, within_bounds
from storage.models.request import REQUEST, urgency_of
from storage.models.tables import categories, comments, files, requests, users
from storage.records.subjects import Creation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Table

    from storage.database.transaction import Transaction

KIND = REQUEST
"""The kind of subject that a request is in history, deadlines, links and flows."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a request is created from; without `created_by_id` the author has created it."""

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
    counting = select(func.count()).select_from(table).where(table.c.subject_id == requests.c.id, *conditions)
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
_CREATION = Creation(KIND, requests)
_BY_ID = Prepared(_joined().where(requests.c.id == bindparam("request_id")))
_BY_NUMBER = _joined().where(requests.c.number == bindparam("request_number"))
_LOCK = Prepared(select(requests.c.id).where(requests.c.id == bindparam("request_id")).with_for_update(key_share=True))
_UPDATE = sql_update(requests).where(requests.c.id == bindparam("request_id"))
_FILED_SINCE = Prepared(
    select(func.count()).where(
        requests.c.created_by_id == bindparam("filed_by"), requests.c.created_at >= bindparam("since")
    )
)

# Literals, so that PostgreSQL knows from its statistics how few requests are unfinished, and uses the index on stages:
# a cached plan for parameters assumes an average stage, and reads the whole table.
_UNFINISHED = (
    select(requests.c.status, requests.c.priority, func.count())
    .where(requests.c.stage.in_([literal_column(f"'{stage}'") for stage in UNFINISHED]))
    .group_by(requests.c.status, requests.c.priority)
)
_BY_STATUS = select(requests.c.status, func.count()).group_by(requests.c.status)


def create(tx: Transaction, new: NewRequest) -> int:
    """Create a request with the next number and return its id; ValueError when a text is out of bounds."""
    values = {name: getattr(new, name) for name in _FILED}
    for field in _TEXTS:
        within_bounds(field, values[field])
    values["urgency"] = urgency_of(new.priority)
    values["created_by_id"] = new.user_id if new.created_by_id is None else new.created_by_id
    # As late as possible: from here until the commit, other transactions that create a request wait for the counter.
    values["number"] = _NEXT_NUMBER.scalar(tx, {"name": REQUEST_NUMBERS})
    request_id = _CREATION.run(tx, values)
    tx.locked.add((KIND, request_id))
    return request_id


def load(tx: Transaction, request_id: int, *, lock: bool = False) -> RequestRow | None:
    """Return a request, None where there is none; with `lock`, no other transaction can lock it until the commit."""
    if lock and tx.connection.dialect.name != "sqlite" and (KIND, request_id) not in tx.locked:
        # The lock is a statement of its own. A statement that locks and joins, having waited for the lock, returns the
        # newest version of the locked row, but the joined rows (the assignee) as they were before the wait.
        # On SQLite the transaction has locked the whole file already.
        _LOCK.all(tx, {"request_id": request_id})
        tx.locked.add((KIND, request_id))
    row = _BY_ID.one(tx, {"request_id": request_id})
    return RequestRow(**row) if row else None


def by_number(tx: Transaction, number: int) -> RequestRow | None:
    """Return a request by the number that people know it by, None where there is none."""
    row = tx.connection.execute(_BY_NUMBER, {"request_number": number}).mappings().one_or_none()
    return RequestRow(**row) if row else None


def update(tx: Transaction, request_id: int, changes: Mapping[str, Any]) -> None:
    """Update some fields of a request, the urgency with the priority.

    ValueError when a value is out of bounds, when a field cannot be changed, or when there is no such request.
    """
    values = {field: _checked(field, value) for field, value in changes.items()}
    if "priority" in values:
        values["urgency"] = urgency_of(values["priority"])
    done = tx.connection.execute(_UPDATE, {"request_id": request_id, **values})
    if not done.rowcount:
        raise ValueError(f"there is no request with id {request_id}")


def filed_since(tx: Transaction, person_id: int, since: datetime) -> int:
    """Return how many requests a person has created since a time, for their rate limit."""
    return int(_FILED_SINCE.scalar(tx, {"filed_by": person_id, "since": since}))


def by_status(tx: Transaction) -> dict[str, int]:
    """Return the number of requests by status."""
    return dict(map(tuple, tx.connection.execute(_BY_STATUS)))


def unfinished(tx: Transaction) -> dict[tuple[str, str], int]:
    """Return the number of unfinished requests by status and priority."""
    return {(status, priority): count for status, priority, count in tx.connection.execute(_UNFINISHED)}


def recompute_stages(tx: Transaction, stages: Mapping[str, str]) -> int:
    """Set the stage of every request to that of its status, by `stages`; return how many changed."""
    if not stages:
        return 0
    stage = case(dict(stages), value=requests.c.status)
    moved = sql_update(requests).where(requests.c.status.in_(list(stages)), requests.c.stage != stage)
    # `updated_at` stays: the flows have changed, not the requests.
    return tx.connection.execute(moved.values(stage=stage, updated_at=requests.c.updated_at)).rowcount


def _checked(field: str, value: Any) -> Any:
    if field not in _CHANGEABLE:
        raise ValueError(f"a request's {field} cannot be changed")
    if field in _TEXTS:
        return within_bounds(field, value)
    return valid_rating(value) if field == "rating" else value
