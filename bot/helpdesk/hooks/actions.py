"""Actions: what flows do besides status transitions."""

from typing import Any

from bot.helpdesk import comments, completion_reports, filing
from bot.helpdesk.filing import Filing
from engine.domain_events import FILES_ADDED
from engine.hooks import Hooks
from engine.running.context import Context
from storage.models.constants import FilePurpose
from storage.records.requests import KIND


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
    if filing.too_many_requests(work.tx, context.person.id):
        return "too_many"
    sent = draft.get("files") or []
    new = _filing(context, draft)
    request_id = filing.file_request(work, context.person.id, new, sent)
    context.created(KIND, request_id, priority=new.priority)
    _emit_files(context, sent, FilePurpose.REQUEST)
    context.own_album({"purpose": FilePurpose.REQUEST.value}, drafted=True)
    return None


def _filing(context: Context, draft: dict[str, Any]) -> Filing:
    lifecycle = context.flows.lifecycles[KIND]
    place = draft["place"]
    return Filing(
        description=draft["description"],
        location=str(place["label"]),
        priority=draft["priority"]["value"],
        category_id=draft["category"]["value"],
        place_id=place["value"],
        status=lifecycle.initial,
        stage=lifecycle.stages[lifecycle.initial],
    )


def add_comment(context: Context) -> str | None:
    """Add what was typed and sent as a comment to the request at hand."""
    work, person_id = context.transaction, context.person.id
    if comments.too_many_comments(work.tx, person_id):
        return "too_many"
    sent = context.get("files") or []
    comment_id = comments.add_comment(work, context.subject.id, person_id, context.get("comment") or "", sent)
    context.emit("commented", comment_id=comment_id)
    _emit_files(context, sent, FilePurpose.COMMENT)
    context.changed()
    context.own_album({"purpose": FilePurpose.COMMENT.value, "comment": comment_id})
    return None


def keep_report(context: Context) -> None:
    """Keep the answer `report` of a transition as the photos that show the work done, their captions as a comment."""
    sent = context.answers.get("report") or []
    comment_id = completion_reports.keep_report(context.transaction, context.subject.id, context.person.id, sent)
    _emit_files(context, sent, FilePurpose.REPORT)
    if comment_id is not None:
        context.emit("commented", comment_id=comment_id)
    context.own_album({"purpose": FilePurpose.REPORT.value})


def _emit_files(context: Context, sent: list[dict[str, Any]], purpose: FilePurpose) -> None:
    if sent:
        context.emit(FILES_ADDED, count=len(sent), purpose=purpose.value)
