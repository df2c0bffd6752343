"""The request as the engine's subject: loaded, shown, changed, joined by the late pieces of an album."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zlib import crc32

from pydantic import BaseModel, Field, ValidationError

from bot.handlers.work import Work
from bot.helpdesk.albums import AlbumPart, join_album
from bot.helpdesk.hooks.views import CommentView, EventView, PersonId, RequestView
from bot.helpdesk.statuses import StatusChange, change_status
from bot.telemetry.log_context import current_log_context
from engine.callback import base36
from engine.events import KeptFile
from engine.subjects import Change, Person
from storage.records import comments, history, requests, users
from storage.records.history import EventRow
from storage.records.requests import KIND, RequestRow

COMMENTS_SHOWN = 3
EVENTS_SHOWN = 5


@dataclass(frozen=True)
class RequestSubject:
    """A loaded request."""

    row: RequestRow

    @property
    def id(self) -> int:
        """Our id of the request, not its number."""
        return self.row.id

    @property
    def state(self) -> str:
        """Its status."""
        return self.row.status

    @property
    def files_count(self) -> int:
        """All its files: its own, its report's, its comments'."""
        return self.row.files_count + self.row.reports_count + self.row.comment_files_count

    @cached_property
    def version(self) -> str:
        """Differs after every change, comment and file, also after two at the same moment."""
        return base36(crc32(repr(self.row).encode()))


class RequestFields(BaseModel):
    """What a status transition may set; the reason is kept in the history."""

    assignee: PersonId | None
    taken_at: datetime | None
    completed_at: datetime | None
    reason: str = Field(max_length=1000)


class RequestPort:
    """How the engine reaches requests."""

    kind = KIND
    view = RequestView
    fields = RequestFields

    def load(self, transaction: Work, subject_id: int, *, lock: bool) -> RequestSubject | None:
        """Return the request, or None where there is none."""
        here = current_log_context()
        here.request_id = here.request_id or subject_id
        row = requests.load(transaction.tx, subject_id, lock=lock)
        return RequestSubject(row) if row else None

    def count_by_status(self, transaction: Work) -> Mapping[str, int]:
        """Count the requests of each status."""
        return requests.by_status(transaction.tx)

    def clearance(self, viewer: Person, subject: RequestSubject) -> str:
        """Return the same for everybody: who may see a request may see all of it that words can print."""
        del viewer, subject
        return "all"

    def show(self, transaction: Work, subject: RequestSubject, status: str, clearance: str) -> RequestView:
        """Return what words can print of the request, with its last comments and events."""
        del clearance
        row = subject.row
        spoken = []
        if row.comments_count:
            spoken = comments.of_subject(transaction.tx, row.id, with_internal=False, limit=COMMENTS_SHOWN)
        happened = history.of_subject(transaction.tx, KIND, row.id, limit=EVENTS_SHOWN)
        given = {person for event in happened if (person := _given_to(event)) is not None}
        names = users.names(transaction.tx, given)
        lasted = transaction.tx.now - _entered(row, happened)
        return RequestView(
            number=row.number,
            title=row.title,
            details=None if " ".join(row.description.split()) == row.title else row.description,
            description=row.description,
            location=row.location,
            category=f"{row.category_icon} {row.category_name}" if row.category_name else None,
            priority=row.priority,
            status=status,
            status_hours=lasted // timedelta(hours=1),
            status_days=lasted.days,
            author=row.author_name,
            assignee=row.assignee_name,
            created_at=row.created_at,
            taken_at=row.taken_at,
            completed_at=row.completed_at,
            files_count=subject.files_count,
            comments=[CommentView(author=c.author_name, text=_spoken(c), at=c.created_at) for c in spoken],
            history=[_event(event, names) for event in happened],
        )

    def apply(self, transaction: Work, subject: RequestSubject, change: Change) -> None:
        """Write a status transition and its event."""
        columns = {_COLUMNS.get(name, name): value for name, value in change.fields.items() if name != "reason"}
        written = StatusChange(
            transition=change.transition,
            source=change.source,
            target=change.target,
            stage=change.stage,
            actor_id=change.actor.id if change.actor else None,
            reason=change.fields.get("reason"),
            changes=columns,
        )
        change_status(transaction.tx, subject.id, written)

    def join(
        self,
        transaction: Work,
        subject_id: int,
        person: Person,
        file: KeptFile,
        caption: str,
        part: Any,
    ) -> bool:
        """Add a later piece of an album to the request, its report or its comment, as `part` says."""
        try:
            known = AlbumPart.model_validate(part)
        except ValidationError:
            return False
        join_album(transaction, subject_id, person.id, file, caption, known)
        return True


_COLUMNS = {"assignee": "assignee_id"}


def _entered(row: RequestRow, happened: Sequence[EventRow]) -> datetime:
    """Return when the request came into its status, as far as its last events tell."""
    entered = (event.created_at for event in reversed(happened) if row.status == event.to_state != event.from_state)
    return next(entered, row.created_at)


def _spoken(comment: comments.CommentRow) -> str:
    return comment.text or f"📎 {comment.files_count}"


def _given_to(event: EventRow) -> int | None:
    """Return to whom an event gave the request, None where it was to nobody or to whoever caused it."""
    person = event.changes.get("assignee_id")
    return int(person) if person is not None and person != event.actor_id else None


def _event(event: EventRow, names: Mapping[int, str]) -> EventView:
    given = _given_to(event)
    return EventView(
        actor=event.actor_name or "по времени",
        to_state=event.to_state or "",
        assignee=names.get(given) if given is not None else None,
        reason=event.reason,
        at=event.created_at,
    )
