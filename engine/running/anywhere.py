"""What is open in every step: commands, deep links, files out of the blue, replies to cards."""

from collections.abc import Callable

from engine.compiled import CompiledBranch, OpenBranch
from engine.conversation import Frame
from engine.events import Command, FileMessage, SubjectRef, TextMessage
from engine.language.dialog import Expect
from engine.running.answers import keep_file, keep_text, unexpected
from engine.running.branches import take
from engine.running.context import Context
from engine.running.permissions import visible
from engine.running.phrases import refusal

PAYLOAD_LIMIT = 64
"""Characters of a deep link's payload, by the Bot API."""


def command(context: Context, event: Command) -> None:
    """Take a command; `/start` with a payload that flows know is a deep link."""
    prefix, _, value = event.payload.partition("-")
    link = next(
        (each for each in context.flows.anywhere if each.branch.payload and each.branch.payload == prefix), None
    )

    def keep() -> None:
        if link and link.branch.value:
            context.set(link.branch.value, value[:PAYLOAD_LIMIT])

    if event.name == "start" and link and _take_with(context, link, f"*:payload:{prefix}", keep):
        return
    if take(context, f"*:command:{event.name}") is None:
        context.reply.hint = unexpected(context)


def unasked(context: Context, event: FileMessage) -> bool:
    """Take a file that the step does not expect; return whether a way is open to it.

    A sub-dialog that waits for an answer takes nothing else: what it was called for would be lost.
    """
    if context.frame.mode == "call" or context.flows.steps[context.frame.step].expect.file(event.file.kind):
        return False
    branches = (each for each in context.flows.anywhere if not each.branch.reply_to)
    open_branch = next((each for each in branches if _expected(each).file(event.file.kind)), None)
    if open_branch is None:
        return False

    def keep() -> None:
        context.reply.hint = keep_file(context, _expected(open_branch), event, joins=True)

    return _take_with(context, open_branch, "*:sent", keep) is not None


def _take_with(
    context: Context, open_branch: OpenBranch, trigger: str, keep: Callable[[], None]
) -> CompiledBranch | None:
    """Take a way with what `keep` keeps for it: in its own flow's dialog, and only if the way is open."""
    conversation, standing = context.conversation, context.frame
    draft, album = dict(conversation.draft), conversation.album
    known = dict(standing.data) if standing.flow == open_branch.flow else {}
    suspended = context.frame = Frame(standing.step, dict(known), standing.subject_id)
    keep()
    selected = take(context, trigger)
    if selected is None:
        context.frame, context.reply.hint = standing, None
        conversation.draft, conversation.album = draft, album
    elif context.frame.flow == open_branch.flow:
        context.frame.data |= {name: value for name, value in suspended.data.items() if known.get(name) != value}
    return selected


def replied(context: Context, event: TextMessage | FileMessage) -> bool:
    """Take a reply to a card or a notice; return whether a way is open to it.

    The conversation stays in its step, the answer is a note.
    """
    ref = event.reply_to
    open_branch = next((each for each in context.flows.anywhere if ref and each.branch.reply_to == ref.kind), None)
    if ref is None or open_branch is None:
        return False
    expect = _expected(open_branch)
    if isinstance(event, FileMessage):
        if expect.file(event.file.kind) is None:
            return False
        _comment(context, ref, lambda: keep_file(context, expect, event))
    elif expect.text is None:
        return False
    else:
        wanted = expect.text
        _comment(context, ref, lambda: keep_text(context, wanted, event.text))
    return True


def _comment(context: Context, ref: SubjectRef, keep: Callable[[], str | None]) -> None:
    standing = context.frame
    context.frame = Frame(context.flows.lifecycles[ref.kind].card, subject_id=ref.id)
    if not visible(context):
        context.reply.note = refusal(context, "gone")
    else:
        wrong = keep()
        if wrong is None and take(context, f"*:reply:{ref.kind}") is None:
            wrong = refusal(context, "refused")
        context.reply.note = wrong or context.reply.toast
        context.reply.toast = None
    context.frame = standing


def _expected(open_branch: OpenBranch) -> Expect:
    return open_branch.branch.expect or Expect()
