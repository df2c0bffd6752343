"""Branches that are open in every step: commands, deep links, messages without being asked, replies to cards.

Entries are tried one by one in the order of the files: each with its own guards, its own input and its own branches.
What was sent is stored by the entry that is taken, and by no other.
"""

from collections.abc import Callable

from engine.compiled import CompiledBranch, OpenBranch
from engine.conversation import Frame
from engine.events import Command, FileMessage, SubjectRef, TextMessage
from engine.language.dialog import Expect
from engine.running.answers import keep_file, keep_text, unexpected
from engine.running.branches import choose
from engine.running.context import Context
from engine.running.navigation import restart
from engine.running.permissions import visible
from engine.running.phrases import refusal
from engine.running.taking import take

PAYLOAD_LIMIT = 64
"""Characters of a deep link's payload, by the Bot API."""


def handle_command(context: Context, event: Command) -> None:
    """Take a command; `/start` with a payload that flows know is a deep link, and always leads somewhere."""
    prefix, _, value = event.payload.partition("-")
    links = [each for each in context.flows.anywhere if each.branch.payload and each.branch.payload == prefix]
    for link in links if event.name == "start" else []:

        def keep(link: OpenBranch = link) -> None:
            if link.branch.value:
                context.set(link.branch.value, value[:PAYLOAD_LIMIT])

        if _take_with(context, link, keep):
            return
    if take(context, f"*:command:{event.name}") is not None:
        return
    if event.name == "start":
        # Telegram's own button sends it: whoever is lost presses that, whatever the flows say of it.
        restart(context)
    else:
        context.reply.hint = unexpected(context)


def open_with_message(context: Context, event: TextMessage | FileMessage) -> bool:
    """Take what the step does not expect; return whether a branch is open to it.

    A sub-dialog that waits for an answer takes nothing else: what it was called for would be lost.
    """
    if context.frame.mode == "call" or _takes(context.flows.steps[context.frame.step].expect, event):
        return False
    entries = [each for each in context.flows.anywhere if each.branch.expect and not each.branch.reply_to]
    for entry in entries:
        expect = _expected(entry)
        if not _takes(expect, event):
            continue

        def keep(expect: Expect = expect) -> None:
            context.reply.hint = _keep(context, expect, event, joins=True)

        if _take_with(context, entry, keep) is not None:
            return True
    return False


def _takes(expect: Expect, event: TextMessage | FileMessage) -> bool:
    return (expect.text if isinstance(event, TextMessage) else expect.file(event.file.kind)) is not None


def _keep(context: Context, expect: Expect, event: TextMessage | FileMessage, *, joins: bool = False) -> str | None:
    if isinstance(event, FileMessage):
        return keep_file(context, expect, event, joins=joins)
    return keep_text(context, expect.text, event.text) if expect.text else None


def _take_with(context: Context, entry: OpenBranch, keep: Callable[[], None]) -> CompiledBranch | None:
    """Store input by `keep` and take the first open branch of an entry; undo the storing where none is open.

    The guards and the action of the branch may need the input, so it has to be stored before it is known whether the
    branch is open, and in which frame the dialog then goes on. It is stored in a scratch frame, which stands for the
    current one while the branch is taken. Afterwards what has changed in it is copied to the frame that the branch led
    to, if that belongs to the branch's flow; where the branch is not open, the frame is thrown away.
    """
    current, undo = context.frame, _undo_of(context)
    # Variables belong to a flow: the input of a branch of another flow must not see, or overwrite, those of this one.
    before = dict(current.data) if current.flow == entry.flow else {}
    scratch = context.frame = Frame(current.step, dict(before), current.subject_id)
    keep()
    selected = take(context, entry.trigger)
    if selected is None:
        context.frame, context.reply.hint = current, None
        undo()
    elif context.frame.flow == entry.flow:
        context.frame.data |= {name: value for name, value in scratch.data.items() if before.get(name) != value}
        for name in before.keys() - scratch.data.keys():
            context.frame.data.pop(name, None)
    return selected


def _undo_of(context: Context) -> Callable[[], None]:
    """Return a function that undoes all that input stores from now on, except in a frame."""
    conversation, kept = context.conversation, context.person.prefs
    draft, album, prefs = dict(conversation.draft), conversation.album, dict(kept)

    def undo() -> None:
        conversation.draft, conversation.album = dict(draft), album
        kept.clear()
        kept.update(prefs)

    return undo


def handle_reply(context: Context, event: TextMessage | FileMessage) -> bool:
    """Take a reply to a card or a notice; return whether an entry takes it.

    The conversation stays in its step, the answer is a note.
    """
    ref = event.reply_to
    entries = [each for each in context.flows.anywhere if ref and each.branch.reply_to == ref.kind]
    entries = [each for each in entries if _takes(_expected(each), event)]
    if ref is None or not entries:
        return False
    current = context.frame
    # The branch runs in a frame of the card, which is not part of the conversation.
    context.frame = Frame(context.flows.lifecycles[ref.kind].card, subject_id=ref.id)
    context.reply.note = _answer(context, ref, entries, event)
    context.reply.toast = None
    context.frame = current
    return True


def _answer(
    context: Context, ref: SubjectRef, entries: list[OpenBranch], event: TextMessage | FileMessage
) -> str | None:
    """Let the first open entry take the reply; return what is said to it.

    Where none is open to it, that is what was wrong with it, if anything was.
    """
    if not visible(context):
        return refusal(context, "gone")
    card, undo, first_wrong = context.frame, _undo_of(context), None
    for entry in entries:
        undo()
        context.frame = Frame(card.step, subject_id=ref.id)
        wrong = _keep(context, _expected(entry), event)
        if wrong and choose(context, entry.trigger):
            undo()
            return wrong
        if wrong is None and take(context, entry.trigger) is not None:
            return context.reply.toast
        first_wrong = first_wrong or wrong
    undo()
    return first_wrong or refusal(context, "refused")


def _expected(entry: OpenBranch) -> Expect:
    return entry.branch.expect or Expect()
