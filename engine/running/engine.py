"""One event of one conversation: the whole of what the engine does at run time, in one synchronous call."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, assert_never

from engine.calendar import CLOCK, Calendar
from engine.compiled import CompiledFlows
from engine.conversation import Conversation, Frame
from engine.events import Command, Edited, Event, FileMessage, Other, Press, SubjectRef, TextMessage
from engine.running.answers import join_album, sent, typed, unexpected
from engine.running.anywhere import command, replied, unasked
from engine.running.context import Context, Trace
from engine.running.deadlines import expire
from engine.running.idle_timers import fire, next_moment, start_idle_timers
from engine.running.migration import migrate
from engine.running.navigation import leave
from engine.running.notices import card
from engine.running.outside import make_from_outside
from engine.running.permissions import visible
from engine.running.phrases import phrase, refusal
from engine.running.presses import press, token
from engine.running.render import draw
from engine.screen import Reply, Screen
from engine.subjects import Nobody, Person


class Engine:
    """Runs compiled flows; holds nothing of any conversation.

    `trace`, where given, is told the name of every step drawn and of every way, transition, notice and deadline taken.
    `calendar` says when spans of time end.
    """

    def __init__(self, flows: CompiledFlows, trace: Trace = None, calendar: Calendar = CLOCK) -> None:
        self.flows = flows
        self.trace = trace
        self.calendar = calendar

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

        `own` says of a press that its message shows the conversation. Whatever an action raises passes through.
        """
        fresh = not conversation.frames
        frame = conversation.frames[-1] if conversation.frames else Frame(self.flows.start)
        context = self._context(conversation, frame, person, transaction, now)
        if person.is_blocked:
            self._turn_away(context, event)
            return context.reply
        draft = dict(conversation.draft)
        moved = phrase(context, "moved") if migrate(context) else None
        if self._dispatch(context, event, own=own, fresh=fresh):
            self._show(context, moved, edit=isinstance(event, Press))
        start_idle_timers(context, draft)
        context.reply.wake_at = next_moment(context)
        return context.reply

    def elapse(self, conversation: Conversation, person: Person, transaction: Any, now: datetime) -> Reply:
        """Let the first timer go off that is due in a conversation; what it leads to is shown in a new message.

        Where none is due, or the person was blocked, nothing happens; `wake_at` says when to ask again.
        """
        if person.is_blocked or not conversation.frames:
            return Reply()
        context = self._context(conversation, conversation.top, person, transaction, now)
        if fire(context):
            self._show(context, None, edit=False)
        context.reply.wake_at = next_moment(context)
        return context.reply

    def expire(self, ref: SubjectRef, state: str, name: str, transaction: Any, now: datetime) -> Reply:
        """Let a deadline of a subject go off that began when it came into a status.

        Nothing happens where the subject, its status or the deadline is gone; `wake_at` says when it goes off again.
        """
        lifecycle = self.flows.lifecycles.get(ref.kind)
        deadline = lifecycle.deadlines.get(lifecycle.now(state), {}).get(name) if lifecycle else None
        if lifecycle is None or deadline is None:
            return Reply()
        context = self._context(Conversation(), Frame(lifecycle.card, subject_id=ref.id), Nobody(), transaction, now)
        expire(context, lifecycle, state, deadline)
        return context.reply

    def make_transition(
        self, ref: SubjectRef, name: str, actor: Person, answers: Mapping[str, Any], transaction: Any, now: datetime
    ) -> Reply:
        """Make a status transition for somebody who asks for it outside their chat, and return what it led to.

        `answers` are those that its dialogs would give, all of them. Raises TransitionError where it is refused: then
        no hook but guards has run. Whatever an action raises passes through.
        """
        lifecycle = self.flows.lifecycles.get(ref.kind)
        frame = Frame(lifecycle.card if lifecycle else "", subject_id=ref.id)
        context = self._context(Conversation(), frame, actor, transaction, now)
        make_from_outside(context, name, answers)
        return context.reply

    def cards(
        self, ref: SubjectRef, viewers: Iterable[tuple[Person, bool]], transaction: Any, now: datetime
    ) -> Iterator[Screen | None]:
        """Draw a subject's card once for each viewer, reading the subject once; None where it is not for them.

        The flag beside a viewer says that the card is the screen of their dialog, and none that lives on its own.
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
            calendar=self.calendar,
        )

    def _dispatch(self, context: Context, event: Event, *, own: bool, fresh: bool) -> bool:
        """Carry out the event; return whether the screen is to be drawn."""
        match event:
            case Command():
                command(context, event)
            case Press():
                return press(context, event, own=own and not fresh)
            case TextMessage():
                return self._typed(context, event)
            case FileMessage():
                return self._sent(context, event)
            case Other():
                context.reply.hint = unexpected(context)
            case Edited():
                context.reply.note = phrase(context, "edited")
                return False
            case _:
                assert_never(event)
        return True

    def _turn_away(self, context: Context, event: Event) -> None:
        if isinstance(event, Press):
            context.reply.toast = refusal(context, "blocked")
        else:
            context.reply.note = refusal(context, "blocked")

    def _typed(self, context: Context, event: TextMessage) -> bool:
        if replied(context, event):
            return False
        if visible(context) and not unasked(context, event):
            context.reply.hint = unexpected(context) if context.unseen else typed(context, event)
        return True

    def _sent(self, context: Context, event: FileMessage) -> bool:
        context.album = event.album
        album = context.conversation.album
        if event.album and album and album["id"] == event.album:
            context.reply.edit = True
            return join_album(context, event)
        if replied(context, event):
            return False
        if visible(context) and not unasked(context, event):
            context.reply.hint = unexpected(context) if context.unseen else sent(context, event)
        if event.album and context.conversation.album:
            context.conversation.album["step"] = context.conversation.top.step
        return True

    def _show(self, context: Context, moved: str | None, *, edit: bool) -> None:
        """Draw the step in which the conversation stands; a subject that is gone closes its dialogs."""
        hint = None
        while not visible(context):
            hint = phrase(context, "gone")
            leave(context)
        reply = context.reply
        reply.edit = edit or reply.edit
        if not edit and reply.toast:
            hint, reply.toast = reply.toast, None
        context.conversation.revision += 1
        said = dict.fromkeys(filter(None, (moved, reply.hint or hint)))
        reply.screen = draw(context, token(context.conversation.revision), "\n".join(said))
