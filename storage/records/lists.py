"""Lists of requests: the queue, the requests of a person, and the counts shown above them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, func, select

from storage.database.paging import Page, PageQuery, fetch_page
from storage.models.constants import FINISHED, UNFINISHED
from storage.models.tables import categories, requests, users

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request as a list shows it."""

    id: int
    number: int
    title: str
    location: str
    status: str
    stage: str
    priority: str
    urgency: int
    author_name: str
    assignee_name: str | None
    category_name: str | None
    category_icon: str | None
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None


_author, _assignee = users.alias("author"), users.alias("assignee")
_LINES = select(
    requests.c.id,
    requests.c.number,
    requests.c.title,
    requests.c.location,
    requests.c.status,
    requests.c.stage,
    requests.c.priority,
    requests.c.urgency,
    _author.c.full_name.label("author_name"),
    _assignee.c.full_name.label("assignee_name"),
    categories.c.name.label("category_name"),
    categories.c.icon.label("category_icon"),
    requests.c.created_at,
    requests.c.updated_at,
    requests.c.due_at,
).select_from(
    requests.join(_author, _author.c.id == requests.c.user_id)
    .outerjoin(_assignee, _assignee.c.id == requests.c.assignee_id)
    .outerjoin(categories, categories.c.id == requests.c.category_id)
)
_QUEUE = _LINES.where(requests.c.stage.in_(UNFINISHED))
_COUNTS = select(requests.c.stage, requests.c.priority, func.count()).group_by(requests.c.stage, requests.c.priority)


def queue(tx: Transaction, page: PageQuery) -> Page[RequestLine]:
    """Return a page of the unfinished requests: the urgent first, then the oldest."""
    return fetch_page(tx, _QUEUE, [requests.c.urgency, requests.c.id], page, _line)


def of_author(tx: Transaction, user_id: int, finished: bool | None, page: PageQuery) -> Page[RequestLine]:
    """Return a page of a person's requests, newest first: the unfinished, the `finished`, or (None) both."""
    lines = _LINES.where(requests.c.user_id == user_id)
    if finished is not None:
        lines = lines.where(requests.c.stage.in_(FINISHED if finished else UNFINISHED))
    return fetch_page(tx, lines, [requests.c.id], page, _line, descending=True)


def counts(tx: Transaction) -> dict[tuple[str, str], int]:
    """Return the number of requests by stage and priority; a pair without requests is left out."""
    rows = tx.connection.execute(_COUNTS)
    return {(stage, priority): number for stage, priority, number in rows}


def _line(row: RowMapping) -> RequestLine:
    return RequestLine(**row)
