"""Answers to a step: text, files, pieces of an album, a chosen row."""

from typing import Any

from engine.compiled import CompiledChoice
from engine.conversation import DRAFT, listed
from engine.domain_events import FILES_ADDED
from engine.events import FileMessage, KeptFile, TextMessage
from engine.hooks.paging import PageQuery
from engine.language.dialog import MEGABYTE, Expect, FileInput, TextInput
from engine.language.stored import stored_expect
from engine.markup import length
from engine.running.context import Context
from engine.running.navigation import close_edit
from engine.running.phrases import plain, refusal
from engine.running.taking import take


def answer_with_text(context: Context, event: TextMessage) -> str | None:
    """Take text as the answer to the step; return what is wrong with it, or None."""
    step = context.flows.steps[context.frame.step]
    if step.expect.text is None:
        return unexpected(context)
    return keep_text(context, step.expect.text, event.text) or advance(context)


def keep_text(context: Context, wanted: TextInput, text: str) -> str | None:
    """Store text where it is within its bounds; return what is wrong otherwise, or None."""
    value = text.strip()
    if len(value) < wanted.min:
        return refusal(context, "too_short", length=len(value), min=wanted.min, max=wanted.max)
    if length(value) > wanted.max:
        # In UTF-16 units, as Telegram counts, so that the text fits a message wherever it is shown.
        return refusal(context, "too_long", length=length(value), min=wanted.min, max=wanted.max)
    choice = context.flows.steps[context.frame.step].choice if context.frame.step in context.flows.steps else None
    typed_choice = choice is not None and choice.into == wanted.into
    context.set(wanted.into, {"value": None, "label": value} if typed_choice else value)
    return None


def answer_with_file(context: Context, event: FileMessage) -> str | None:
    """Take a file as the answer to the step; return what is wrong with it, or None."""
    wanted = context.flows.steps[context.frame.step].expect.file(event.file.kind)
    if wanted is None:
        return unexpected(context)
    hint = keep_file(context, context.flows.steps[context.frame.step].expect, event)
    return hint or advance(context)


def keep_file(context: Context, expect: Expect, event: FileMessage, *, joins: bool = False) -> str | None:
    """Store a file and its caption, or the one of them that fits; return what is wrong, or None.

    The caption replaces the text of an earlier answer; where the file `joins` an answer, it is added to that. A caption
    that the step has no variable for is stored with its file.
    """
    wanted = expect.file(event.file.kind)
    if wanted is None:
        return unexpected(context)
    if event.file.size > wanted.max_mb * MEGABYTE:
        _keep_caption(context, expect, wanted, event.caption, joins=joins)
        return refusal(context, "too_big", max_mb=wanted.max_mb)
    files = listed(context.get(wanted.into))
    if len(files) >= wanted.max:
        _keep_caption(context, expect, wanted, event.caption, joins=joins)
        return refusal(context, "too_many", max=wanted.max)
    unread = {} if wanted.caption or not event.caption.strip() else {"caption": event.caption.strip()}
    context.set(wanted.into, [*files, {**event.file.as_data(), **unread}])
    if event.album and not (context.conversation.album and context.conversation.album["id"] == event.album):
        step = context.frame.step
        context.conversation.album = {"id": event.album, "step": step, "expect": expect.model_dump(mode="json")}
    return _keep_caption(context, expect, wanted, event.caption, joins=joins)


def _keep_caption(context: Context, expect: Expect, wanted: FileInput, caption: str, *, joins: bool) -> str | None:
    if not wanted.caption or not caption.strip():
        return None
    before = context.get(wanted.caption.into) if joins else None
    value = f"{before}\n{caption.strip()}" if isinstance(before, str) and before else caption
    return keep_text(context, expect.caption_bounds(wanted.caption), value)


def join_album(context: Context, event: FileMessage) -> bool:
    """Add a later piece of an album to what its first piece has filled, even where that has become a subject.

    Returns whether the screen has to be redrawn.
    """
    # Telegram sends an album as separate messages, and does not say how many. The first one is the answer, and may have
    # moved the dialog on; waiting for the others would delay every album and need a timer. So the conversation
    # remembers what the step expected, and where the variables have gone since.
    album = context.conversation.album or {}
    if "closed" in album:
        return False
    if "owner" in album:
        _join_subject(context, event, album)
        return False
    waiting = _open_question(context) is not None and context.frame.step == album["step"]
    expect = stored_expect(album["expect"]) or Expect()
    wanted = expect.file(event.file.kind)
    frames = reversed(context.conversation.frames)
    home = next((frame for frame in frames if wanted and wanted.into in frame.data), None)
    if wanted is None:
        context.reply.hint = unexpected(context)
    elif home or wanted.into.startswith(DRAFT):
        current, context.frame = context.frame, home or context.frame
        hint = keep_file(context, expect, event, joins=True)
        context.frame = current
        context.reply.hint = hint or (advance(context) if waiting else None)
    else:
        # The dialog that the first piece answered has ended: its reply is the one for the whole album.
        return False
    return True


def _join_subject(context: Context, event: FileMessage, album: dict[str, Any]) -> None:
    expect = stored_expect(album["expect"])
    wanted = expect.file(event.file.kind) if expect else None
    if wanted is None or event.file.size > wanted.max_mb * MEGABYTE:
        what = refusal(context, "too_big", max_mb=wanted.max_mb) if wanted else unexpected(context)
        context.reply.note = what
        return
    kind, subject_id = album["owner"]
    port = context.flows.hooks.subjects.get(kind)
    file = KeptFile(**event.file.as_data())
    if not port or not port.join(context.transaction, subject_id, context.person, file, event.caption, album["part"]):
        context.reply.note = unexpected(context)
        return
    context.focus_on(kind, subject_id)
    context.emit(FILES_ADDED, count=1)
    context.focus = None


def unexpected(context: Context) -> str:
    """Return the hint of the step for input that it does not expect."""
    template = context.flows.steps[context.frame.step].unexpected
    if template:
        context.refused("unexpected")
        return plain(context, template)
    return refusal(context, "unexpected")


def advance(context: Context) -> str | None:
    """Go on from an answered step; return the question that is still open, or why it does not go on, or None."""
    question_left = _open_question(context)
    if question_left is not None:
        return question_left
    frame = context.frame
    if frame.mode == "edit" and not frame.trail:
        close_edit(context)
    elif (
        take(context, trigger := context.flows.steps[frame.step].next) is None
        and trigger in context.flows.machine.events
    ):
        return refusal(context, "refused")
    return None


def _open_question(context: Context) -> str | None:
    for name, question in context.flows.steps[context.frame.step].needs.items():
        if not context.get(name):
            return plain(context, question)
    return None


def choose(context: Context, choice: CompiledChoice, value: str) -> str | None:
    """Take the row with `value` as the answer, or tick it; return what is wrong, or None."""
    found = choice.rows(context, PageQuery(only=value, limit=1)).rows
    if not found:
        return refusal(context, "gone")
    item: dict[str, Any] = {"value": getattr(found[0], "value"), "label": getattr(found[0], "label")}  # noqa: B009
    if not choice.many:
        context.set(choice.into, item)
        return advance(context)
    ticked = listed(context.get(choice.into))
    left = [each for each in ticked if each["value"] != item["value"]]
    context.set(choice.into, left if len(left) < len(ticked) else [*ticked, item])
    return None
