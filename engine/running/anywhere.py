"""Branches that are open in every step: commands, deep links, files without being asked, replies to cards."""

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


def handle_command(context: Context, event: Command) -> None:
    """Handle a command; `/start` with a payload that flows know is a deep link."""
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


def open_with_file(context: Context, event: FileMessage) -> bool:
    """Handle a file that the step does not expect; return whether a branch for it is open.

    Not within a sub-dialog: its caller waits for a value, and leaving it would lose what it was called for.
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
    """Store input by `keep` and take the branch; undo the storing where the branch is not open.

    The guards and the action of the branch may need the input, so it has to be stored before it is known whether the
    branch is open, and in which frame the dialog then goes on. It is stored in a scratch frame, which stands for the
    current one while the branch is taken. Afterwards what has changed in it is copied to the frame that the branch led
    to, if that belongs to the branch's flow; where the branch is not open, the frame is thrown away.
    """
    conversation, current = context.conversation, context.frame
    draft, album = dict(conversation.draft), conversation.album
    # Variables belong to a flow: the input of a branch of another flow must not see, or overwrite, those of this one.
    before = dict(current.data) if current.flow == open_branch.flow else {}
    scratch = context.frame = Frame(current.step, dict(before), current.subject_id)
    keep()
    selected = take(context, trigger)
    if selected is None:
        context.frame, context.reply.hint = current, None
        conversation.draft, conversation.album = draft, album
    elif context.frame.flow == open_branch.flow:
        context.frame.data |= {name: value for name, value in scratch.data.items() if before.get(name) != value}
    return selected


def handle_reply(context: Context, event: TextMessage | FileMessage) -> bool:
    """Handle a reply to a card or a notice; return whether a branch takes such replies.

    The conversation stays in its step; the response is a note.
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
    current = context.frame
    # The branch runs in a frame of the card, which is not part of the conversation.
    context.frame = Frame(context.flows.lifecycles[ref.kind].card, subject_id=ref.id)
    if not visible(context):
        context.reply.note = refusal(context, "gone")
    else:
        wrong = keep()
        if wrong is None and take(context, f"*:reply:{ref.kind}") is None:
            wrong = refusal(context, "refused")
        context.reply.note = wrong or context.reply.toast
        context.reply.toast = None
    context.frame = current


def _expected(open_branch: OpenBranch) -> Expect:
    return open_branch.branch.expect or Expect()
