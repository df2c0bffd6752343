"""Sources: the rows, values and files that flows show."""

from typing import Literal

from bot.handlers.work import Work
from bot.helpdesk.files import as_sent
from bot.helpdesk.hooks.request_port import RequestSubject
from bot.helpdesk.hooks.roles import INCLUDED
from bot.helpdesk.hooks.views import CategoryRow, PersonRow, PlaceRow, QueueCounts, RequestLineView
from engine.events import File
from engine.hooks.context import HookContext
from engine.hooks.declarations import Parameters
from engine.hooks.paging import Page, PageQuery
from engine.hooks.registry import Hooks
from engine.short_lists import page_of_short
from storage.database import paging
from storage.models.constants import Stage
from storage.records import categories, files, lists, places, users
from storage.records.lists import RequestLine
from storage.records.requests import KIND

FILES_SENT = 30
"""How many files of one request are sent again at most: three albums."""


class Which(Parameters):
    """Which of a person's requests."""

    which: Literal["active", "finished"]


def register(hooks: Hooks) -> None:
    """Register the sources."""
    hooks.rows("categories", CategoryRow)(category_rows)
    hooks.rows("places", PlaceRow)(place_rows)
    hooks.rows("crew_members", PersonRow)(crew_rows)
    hooks.rows("my_requests", RequestLineView)(my_requests)
    hooks.rows("queue", RequestLineView)(queue)
    hooks.source("queue_counts", QueueCounts)(queue_counts)
    hooks.files("request_files", about=KIND)(request_files)


def category_rows(context: HookContext[Work], query: PageQuery) -> Page:
    """List the categories people choose from."""
    rows = categories.visible(context.transaction.tx)
    return page_of_short([CategoryRow(value=row.id, label=row.name, icon=row.icon) for row in rows], query)


def place_rows(context: HookContext[Work], query: PageQuery) -> Page:
    """List the topmost places of the catalogue."""
    rows = places.visible(context.transaction.tx)
    return page_of_short([PlaceRow(value=row.id, label=row.name, icon="📍") for row in rows], query)


def crew_rows(context: HookContext[Work], query: PageQuery) -> Page:
    """List whom a request can be assigned to."""
    people = users.by_roles(context.transaction.tx, list(INCLUDED["crew"]))
    rows = [
        PersonRow(value=person.id, label=person.full_name or str(person.telegram_id), icon="👤") for person in people
    ]
    return page_of_short(rows, query)


def my_requests(context: HookContext[Work], query: PageQuery, which: Which) -> Page:
    """List what is filed for the person, newest first."""
    finished = which.which == "finished"
    page = lists.of_author(context.transaction.tx, context.person.id, finished, _paging(query))
    return _lines(context, page)


def queue(context: HookContext[Work], query: PageQuery) -> Page:
    """List what is not finished: the urgent first, then the oldest."""
    return _lines(context, lists.queue(context.transaction.tx, _paging(query)))


def queue_counts(context: HookContext[Work]) -> QueueCounts:
    """Count what is not finished, by stage and by priority."""
    counts = lists.counts(context.transaction.tx)
    stages = {Stage.WAITING: 0, Stage.ACTIVE: 0, Stage.PAUSED: 0}
    priorities = {"high": 0, "medium": 0, "low": 0}
    for (stage, priority), number in counts.items():
        if stage in stages:
            stages[Stage(stage)] += number
            priorities[priority] = priorities.get(priority, 0) + number
    return QueueCounts(
        waiting=stages[Stage.WAITING],
        active=stages[Stage.ACTIVE],
        paused=stages[Stage.PAUSED],
        high=priorities["high"],
        medium=priorities["medium"],
        low=priorities["low"],
    )


def request_files(context: HookContext[Work], subject: RequestSubject) -> list[File]:
    """Return the files of the request at hand: its own, its report's, its comments', oldest first."""
    work = context.transaction
    rows = files.of_subject(work.tx, subject.id)
    return [as_sent(row) for row in rows if row.bot_id == work.bot_id][:FILES_SENT]


def _paging(query: PageQuery) -> paging.PageQuery:
    return paging.PageQuery(query.after, query.before, query.limit)


def _lines(context: HookContext[Work], page: paging.Page[RequestLine]) -> Page:
    statuses = context.statuses(KIND)
    rows = [
        RequestLineView(
            value=line.id,
            number=line.number,
            title=line.title,
            location=line.location,
            status=statuses.current_status(line.status),
            priority=line.priority,
        )
        for line in page.rows
    ]
    return Page(rows, page.prev, page.next)
