"""Actions: what flows do besides status transitions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.helpdesk.files import keep, keep_caption
from bot.helpdesk.hooks.request_port import KIND
from bot.helpdesk.titles import title_of
from engine.domain_events import FILES_ADDED
from engine.hooks import Hooks
from engine.running.context import Context
from storage.models.constants import FilePurpose
from storage.records import comments, history, places, requests
from storage.records.history import NewEvent
from storage.records.requests import NewRequest

WINDOW = timedelta(minutes=5)
REQUESTS_A_WINDOW = 5
COMMENTS_A_WINDOW = 10


def register(hooks: Hooks) -> None:
    """Register the actions and their outcomes."""
    hooks.action("create_request", "too_many", "incomplete", gives=KIND)(create_request)
    hooks.action("add_comment", "too_many")(add_comment)
    hooks.action("keep_report")(keep_report)


def create_request(context: Context) -> str | None:
    """File the draft as a request of the person; the draft itself is emptied by the flow."""
    work, draft = context.transaction, context.conversation.draft
    if not all(draft.get(name) for name in ("description", "place", "category", "priority")):
        return "incomplete"
    if requests.filed_since(work.tx, context.person.id, context.now - WINDOW) >= REQUESTS_A_WINDOW:
        return "too_many"
    lifecycle = context.flows.lifecycles[KIND]
    place = draft["place"]["value"]
    request_id = requests.create(
        work.tx,
        NewRequest(
            user_id=context.person.id,
            title=title_of(draft["description"]),
            description=draft["description"],
            location=_location(context, draft["place"]),
            priority=draft["priority"]["value"],
            category_id=draft["category"]["value"],
            place_id=place,
            status=lifecycle.initial,
            stage=lifecycle.stages[lifecycle.initial],
        ),
    )
    history.append(work.tx, NewEvent(KIND, request_id, "create", context.person.id, None, lifecycle.initial))
    context.created(KIND, request_id, priority=draft["priority"]["value"])
    _keep(context, request_id, draft.get("files") or [], FilePurpose.REQUEST)
    context.own_album({"purpose": FilePurpose.REQUEST.value}, drafted=True)
    return None


def _location(context: Context, place: dict[str, int | str | None]) -> str:
    if place["value"] is None:
        return str(place["label"])
    path = ", ".join(places.path(context.transaction.tx, int(place["value"])))
    return path[:100] or str(place["label"])


def add_comment(context: Context) -> str | None:
    """Add what was typed and sent as a comment to the request at hand."""
    work = context.transaction
    if comments.written_since(work.tx, context.person.id, context.now - WINDOW) >= COMMENTS_A_WINDOW:
        return "too_many"
    request_id = context.subject.id
    comment = comments.add(work.tx, request_id, context.person.id, context.get("comment") or "")
    context.emit("commented", comment_id=comment)
    _keep(context, request_id, context.get("files") or [], FilePurpose.COMMENT, comment)
    context.changed()
    context.own_album({"purpose": FilePurpose.COMMENT.value, "comment": comment})
    return None


def keep_report(context: Context) -> None:
    """Keep the answer `report` of a transition as the photos that show the work done, their captions as a comment."""
    report = context.answers.get("report") or []
    request_id = context.subject.id
    _keep(context, request_id, report, FilePurpose.REPORT)
    captions = (each.get("caption", "") for each in report)
    comment = keep_caption(context.transaction, request_id, context.person, *captions)
    if comment is not None:
        context.emit("commented", comment_id=comment)
    context.own_album({"purpose": FilePurpose.REPORT.value})


def _keep(
    context: Context,
    request_id: int,
    sent: Sequence[dict[str, Any]],
    purpose: FilePurpose,
    comment: int | None = None,
) -> None:
    keep(context.transaction, request_id, context.person, sent, purpose, comment)
    if sent:
        context.emit(FILES_ADDED, count=len(sent), purpose=purpose.value)
