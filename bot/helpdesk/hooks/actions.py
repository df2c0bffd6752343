"""Actions: what flows do besides status transitions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from bot.handlers.work import Work
from bot.helpdesk import comments, completion_reports, filing
from bot.helpdesk.albums import AlbumPart
from bot.helpdesk.filing import Filing
from bot.helpdesk.hooks.request_port import RequestSubject
from bot.helpdesk.hooks.views import CategoryId, PlaceId
from bot.helpdesk.limits import Rate
from engine.domain_events import FILES_ADDED
from engine.durations import Duration
from engine.events import KeptFile
from engine.hooks.context import HookContext
from engine.hooks.declarations import Parameters
from engine.hooks.inputs import Choice, Inputs
from engine.hooks.registry import Hooks
from storage.models.constants import FilePurpose, Priority
from storage.models.limits import BOUNDS
from storage.records.requests import KIND

Description = Annotated[str, Field(min_length=BOUNDS["description"][0], max_length=BOUNDS["description"][1])]
CommentText = Annotated[str, Field(max_length=BOUNDS["text"][1])]

WINDOW = timedelta(minutes=5)


class Place(Choice[PlaceId | None]):
    """A row of the catalogue of places, or words in its place."""

    typed: ClassVar = BOUNDS["location"]


class Draft(Inputs):
    """What a request is made of."""

    description: Description
    place: Place
    category: CategoryId | None = None
    priority: Priority = Priority.MEDIUM
    files: list[KeptFile] = Field(default=[])


class Remark(Inputs):
    """What a comment is made of: words, files, or both."""

    one_of: ClassVar = ("text", "files")

    text: CommentText = ""
    files: list[KeptFile] = Field(default=[])


class Report(Inputs):
    """What shows that the work is done."""

    report: list[KeptFile] = Field(default=[])


class RequestRate(Parameters):
    """How many requests one person may file, in which time."""

    most: int = Field(default=5, ge=1)
    within: Duration = WINDOW


class CommentRate(Parameters):
    """How many comments one person may write, in which time."""

    most: int = Field(default=10, ge=1)
    within: Duration = WINDOW


def register(hooks: Hooks) -> None:
    """Register the actions and their outcomes."""
    hooks.action("create_request", "too_many", gives=KIND)(create_request)
    hooks.action("add_comment", "too_many", about=KIND)(add_comment)
    hooks.action("keep_report", about=KIND)(keep_report)


def create_request(context: HookContext[Work], draft: Draft, rate: RequestRate) -> str | None:
    """File the draft as a request of the person; the draft itself is emptied by the flow."""
    work, person_id = context.transaction, context.person.id
    if filing.too_many_requests(work.tx, person_id, Rate(rate.most, rate.within)):
        return "too_many"
    statuses = context.statuses(KIND)
    new = Filing(
        description=draft.description,
        location=draft.place.label,
        priority=draft.priority,
        category_id=draft.category,
        place_id=draft.place.value,
        status=statuses.initial,
        stage=statuses.stages[statuses.initial],
    )
    request_id = filing.file_request(work, person_id, new, draft.files)
    context.created(KIND, request_id, priority=draft.priority.value)
    _emit_files(context, draft.files, FilePurpose.REQUEST)
    context.own_album(AlbumPart(purpose=FilePurpose.REQUEST).as_data(), drafted=True)
    return None


def add_comment(context: HookContext[Work], subject: RequestSubject, remark: Remark, rate: CommentRate) -> str | None:
    """Add what was typed and sent as a comment to the request at hand."""
    work, person_id = context.transaction, context.person.id
    if comments.too_many_comments(work.tx, person_id, Rate(rate.most, rate.within)):
        return "too_many"
    comment_id = comments.add_comment(work, subject.id, person_id, remark.text, remark.files)
    context.emit("commented", comment_id=comment_id)
    _emit_files(context, remark.files, FilePurpose.COMMENT)
    context.changed()
    context.own_album(AlbumPart(purpose=FilePurpose.COMMENT, comment=comment_id).as_data())
    return None


def keep_report(context: HookContext[Work], subject: RequestSubject, given: Report) -> None:
    """Keep photos that show the work done, their captions as a comment."""
    comment_id = completion_reports.keep_report(context.transaction, subject.id, context.person.id, given.report)
    _emit_files(context, given.report, FilePurpose.REPORT)
    if comment_id is not None:
        context.emit("commented", comment_id=comment_id)
    context.own_album(AlbumPart(purpose=FilePurpose.REPORT).as_data())


def _emit_files(context: HookContext[Work], sent: Sequence[KeptFile], purpose: FilePurpose) -> None:
    if sent:
        context.emit(FILES_ADDED, count=len(sent), purpose=purpose.value)
