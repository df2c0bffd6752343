"""The engine at run time: one event of one conversation, or one timer, in one synchronous call."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, assert_never

from engine.calendar import Calendars
from engine.compiled import CompiledFlows
from engine.conversation import Conversation, Frame
from engine.events import Command, Edited, Event, FileMessage, Other, Press, SubjectRef, TextMessage
from engine.running.answers import answer_with_file, answer_with_text, join_album, unexpected
from engine.running.anywhere import handle_command, handle_reply, open_with_message
from engine.running.context import Context, Trace
from engine.running.deadlines import expire
from engine.running.idle_timers import fire, next_moment, start_idle_timers
from engine.running.migration import migrate
from engine.running.navigation import leave
from engine.running.notices import card
from engine.running.outside import make_from_outside
from engine.running.permissions import visible
from engine.running.phrases import phrase, refusal
from engine.running.presses import handle_press, token
from engine.running.render import draw
from engine.screen import Reply, Screen
from engine.subjects import Nobody, Person


class Engine:
    """Runs compiled flows; has no state of any conversation.

    `trace` is called with the name of every step drawn, and of every branch, transition, notice and deadline taken.
    `calendars` say when durations end.
    """

    def __init__(self, flows: CompiledFlows, trace: Trace = None, calendars: Calendars | None = None) -> None:
        self.flows = flows
        self.trace = trace
        self.calendars = calendars or Calendars()

    def handle(
        self,
        event: Event,
        conversation: Conversation,
        person: Person,
        transaction: Any,
        now: datetime,
        *,
        own: bool = True,
    ) -> Reply:
        """Handle one event and return what it led to; `conversation` and `person.prefs` are changed in place.

        `own` says of a press that its message is the one that shows the conversation. Raises what an action raises.
        """
        fresh = not conversation.frames
        frame = conversation.frames[-1] if conversation.frames else Frame(self.flows.start)
        context = self._context(conversation, frame, person, transaction, now)
        if person.is_blocked:
            self._refuse_blocked(context, event)
            return context.reply
        draft = dict(conversation.draft)
        moved = phrase(context, "moved") if migrate(context) else None
        if self._dispatch(context, event, own=own, fresh=fresh):
            self._show(context, moved, edit=isinstance(event, Press))
        start_idle_timers(context, draft)
        context.reply.wake_at = next_moment(context)
        return context.reply

    def elapse(self, conversation: Conversation, person: Person, transaction: Any, now: datetime) -> Reply:
        """Fire the first idle timer that is due in a conversation; its screen is a new message.

        Nothing happens where none is due or the person is blocked; `wake_at` is when the next one is due.
        """
        if person.is_blocked or not conversation.frames:
            return Reply()
        context = self._context(conversation, conversation.top, person, transaction, now)
        if fire(context):
            self._show(context, None, edit=False)
        context.reply.wake_at = next_moment(context)
        return context.reply

    def expire(self, ref: SubjectRef, state: str, name: str, transaction: Any, now: datetime) -> Reply:
        """Fire a deadline of a subject's status.

        Nothing happens where the subject or the deadline is gone or the status has changed; `wake_at` is when the
        deadline is due again.
        """
        lifecycle = self.flows.lifecycles.get(ref.kind)
        deadline = lifecycle.deadlines.get(lifecycle.current_status(state), {}).get(name) if lifecycle else None
        if lifecycle is None or deadline is None:
            return Reply()
        frame = Frame(lifecycle.card, subject_id=ref.id)
        context = self._context(Conversation([frame]), frame, Nobody(), transaction, now)
        expire(context, lifecycle, state, deadline)
        return context.reply

    def make_transition(
        self, ref: SubjectRef, name: str, actor: Person, answers: Mapping[str, Any], transaction: Any, now: datetime
    ) -> Reply:
        """Make a status transition on behalf of a person, outside of their chat, and return what it led to.

        `answers` are all those that its sub-dialogs would give. Raises TransitionError where it is refused, after which
        no hooks have run but guards, or an action that ended with an outcome; and what an action raises.
        """
        lifecycle = self.flows.lifecycles.get(ref.kind)
        frame = Frame(lifecycle.card if lifecycle else "", subject_id=ref.id)
        context = self._context(Conversation([frame]), frame, actor, transaction, now)
        make_from_outside(context, name, answers)
        return context.reply

    def cards(
        self, ref: SubjectRef, viewers: Iterable[tuple[Person, bool]], transaction: Any, now: datetime
    ) -> Iterator[Screen | None]:
        """Draw a subject's card for each viewer, loading the subject once; None for a viewer who may not see it.

        The flag of a viewer says that the card is the screen of their dialog, not a live card beside it.
        """
        base: Context | None = None
        for viewer, opened in viewers:
            if base is None:
                frame = Frame(self.flows.lifecycles[ref.kind].card, subject_id=ref.id)
                base = Context(self.flows, transaction, viewer, now, Conversation(), frame, trace=self.trace)
            yield card(base, ref, viewer, opened=opened)

    def _context(
        self, conversation: Conversation, frame: Frame, person: Person, transaction: Any, now: datetime
    ) -> Context:
        return Context(
            self.flows,
            transaction,
            person,
            now,
            conversation,
            frame,
            locking=True,
            trace=self.trace,
            calendars=self.calendars,
        )

    def _dispatch(self, context: Context, event: Event, *, own: bool, fresh: bool) -> bool:
        """Handle the event; return whether the screen has to be redrawn."""
        match event:
            case Command():
                handle_command(context, event)
            case Press():
                return handle_press(context, event, own=own and not fresh)
            case TextMessage():
                return self._text_message(context, event)
            case FileMessage():
                return self._file_message(context, event)
            case Other():
                context.reply.hint = unexpected(context)
            case Edited():
                context.reply.note = phrase(context, "edited")
                return False
            case _:
                assert_never(event)
        return True

    def _refuse_blocked(self, context: Context, event: Event) -> None:
        if isinstance(event, Press):
            context.reply.toast = refusal(context, "blocked")
        else:
            context.reply.note = refusal(context, "blocked")

    def _text_message(self, context: Context, event: TextMessage) -> bool:
        if handle_reply(context, event):
            return False
        if visible(context) and not open_with_message(context, event):
            context.reply.hint = unexpected(context) if context.unseen else answer_with_text(context, event)
        return True

    def _file_message(self, context: Context, event: FileMessage) -> bool:
        context.album = event.album
        album = context.conversation.album
        if event.album and album and album["id"] == event.album:
            context.reply.edit = True
            return join_album(context, event)
        if handle_reply(context, event):
            return False
        if visible(context) and not open_with_message(context, event):
            context.reply.hint = unexpected(context) if context.unseen else answer_with_file(context, event)
        if event.album and context.conversation.album:
            context.conversation.album["step"] = context.conversation.top.step
        return True

    def _show(self, context: Context, moved: str | None, *, edit: bool) -> None:
        """Draw the current step; dialogs whose subject the person can no longer see are closed."""
        hint = None
        while not visible(context):
            hint = phrase(context, "gone")
            leave(context)
        reply = context.reply
        reply.edit = edit or reply.edit
        if not edit and reply.toast:
            hint, reply.toast = reply.toast, None
        context.conversation.revision += 1
        hints = dict.fromkeys(filter(None, (moved, reply.hint or hint)))
        reply.screen = draw(context, token(context.conversation.revision), "\n".join(hints))
