"""One update as one unit of work: load the conversation, run the engine, store everything that it led to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.handlers import outgoing
from bot.handlers.cards import lock_subject, remember, replace_others
from bot.handlers.effects import apply_effects
from bot.handlers.screens import as_data, is_card, link_of, readable, subject_of
from bot.handlers.work import Work
from bot.telegram.incoming import Incoming
from bot.telemetry.log_context import current_log_context
from engine.conversation import Conversation
from engine.domain_events import DomainEvent
from engine.events import Event, FileMessage, Press, SubjectRef, TextMessage
from engine.running.engine import Engine
from engine.screen import Reply, Screen
from storage.database.transaction import Transaction
from storage.dialogs import conversations, timers
from storage.dialogs.conversations import StoredConversation
from storage.dialogs.timers import TimerRow
from storage.outbox import links, messages, screens
from storage.outbox.screens import PendingScreen, Receipt
from storage.records.users import Person

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What is to be done after the commit: answer the press with `toast`, send the `screen`, publish `domain_events`.

    `late` is how late a timer fired.
    """

    toast: str | None = None
    screen: PendingScreen | None = None
    domain_events: Sequence[DomainEvent] = ()
    late: timedelta = timedelta()


class UpdateHandler:
    """Handles updates of one bot.

    `role_of` returns the role that a person who writes or presses has from now on.
    """

    def __init__(self, engine: Engine, bot_id: int, role_of: Callable[[Person], str]) -> None:
        self.engine = engine
        self.bot_id = bot_id
        self.role_of = role_of
        self.busy = engine.flows.phrases["busy"].render({})
        self.failed = engine.flows.phrases["failed"].render({})

    def handle(self, tx: Transaction, incoming: Incoming, receipt: Receipt | None = None) -> Handled:
        """Carry out one update, and record `receipt` of the conversation's screen; an update seen before has no effect.

        In a group only a reply to a card or notification, and a press, are for the bot: all else loads nothing.
        """
        if not incoming.key.is_private and not self._is_for_us(tx, incoming):
            return Handled()
        stored = conversations.load(tx, incoming.key, incoming.profile)
        role = self.role_of(stored.person)
        if role != stored.person.role:
            # At once, not with the conversation: cards drawn below read their viewers from the database.
            conversations.change_role(tx, stored, role)
        if receipt and screens.apply_receipt(stored, receipt, tx.now):
            remember(self.engine, Work(tx, self.bot_id), incoming.key, receipt)
        if incoming.update_id in stored.recent_updates:
            # The process that handled it may have died between the commit and the sending.
            screen = screens.take(stored, tx.worker, tx.now, new=False)
            if receipt:
                conversations.save(tx, stored)
            return Handled(screen=screen)
        work = Work(tx, self.bot_id)
        own = stored.message_id == incoming.message_id
        event = self._placed(tx, incoming, own=own)
        stored.recent_updates.append(incoming.update_id)
        conversation = self._conversation(stored)
        reply = self.engine.handle(event, conversation, stored.person, work, tx.now, own=own)
        screen = self._store(work, stored, conversation, reply, incoming.message_id, pressed=isinstance(event, Press))
        return Handled(reply.toast, screen, reply.domain_events)

    def elapse(self, tx: Transaction, conversation_id: int) -> Handled | None:
        """Fire the timer of a conversation; None where it is no longer due, or locked by another process.

        For a person who cannot be reached nothing is drawn: the idle timers start again when they write.
        """
        stored = conversations.load_due(tx, conversation_id)
        if stored is None:
            return None
        work = Work(tx, self.bot_id)
        conversation = self._conversation(stored)
        reply = Reply()
        if not stored.person.unreachable:
            reply = self.engine.elapse(conversation, stored.person, work, tx.now)
        late = tx.now - (stored.timer_at or tx.now)
        screen = self._store(work, stored, conversation, reply)
        return Handled(screen=screen, domain_events=reply.domain_events, late=late)

    def expire(self, tx: Transaction, due: TimerRow) -> Handled | None:
        """Fire a deadline; None where it is no longer due, or locked by another process."""
        work, ref = Work(tx, self.bot_id), SubjectRef(due.subject_kind, due.subject_id)
        port = self.engine.flows.hooks.subjects.get(ref.kind)
        if port:
            port.load(work, ref.id, lock=True)
        timer = timers.lock(tx, due.id)
        if timer is None:
            return None
        reply = self.engine.expire(ref, timer.state, timer.name, work, tx.now)
        # Before other deadlines begin: they may be those of another subject, or come to stand in this row's place.
        timers.again(tx, timer.id, reply.wake_at)
        apply_effects(self.engine, work, reply)
        return Handled(domain_events=reply.domain_events, late=tx.now - timer.due_at)

    def explain(self, tx: Transaction, incoming: Incoming, text: str) -> None:
        """Send as a message what can no longer be the answer to a press."""
        outgoing.note(Work(tx, self.bot_id), incoming.key, text, incoming.message_id)

    def _conversation(self, stored: StoredConversation) -> Conversation:
        """Return the conversation, and put into the log's context whose it is and where they stand."""
        conversation = Conversation.from_data(stored.state, stored.revision)
        context = current_log_context()
        context.chat_id, context.user_id = stored.key.chat_id, stored.person.id
        context.set_step(conversation.top.step if conversation.frames else self.engine.flows.start)
        if conversation.unreadable:
            log.error("state_unreadable", conversation_id=stored.id, parts=[*conversation.unreadable])
        return conversation

    def _is_for_us(self, tx: Transaction, incoming: Incoming) -> bool:
        if incoming.replied_id is None or not isinstance(incoming.event, TextMessage | FileMessage):
            return isinstance(incoming.event, Press)
        return links.find(tx, self.bot_id, incoming.key.chat_id, incoming.replied_id) is not None

    def _placed(self, tx: Transaction, incoming: Incoming, *, own: bool) -> Event:
        """Return the event with the subject of the message that was replied to, or of the card that was pressed."""
        event, chat_id = incoming.event, incoming.key.chat_id
        if incoming.replied_id is not None and isinstance(event, TextMessage | FileMessage):
            found = links.find(tx, self.bot_id, chat_id, incoming.replied_id)
            return replace(event, reply_to=subject_of(found.link) if found else None)
        if isinstance(event, Press) and not own:
            found = links.find(tx, self.bot_id, chat_id, incoming.message_id)
            return replace(event, card=subject_of(found.link) if found and is_card(found.link) else None)
        return event

    def _store(
        self,
        work: Work,
        stored: StoredConversation,
        conversation: Conversation,
        reply: Reply,
        message_id: int = 0,
        *,
        pressed: bool = False,
    ) -> PendingScreen | None:
        """Store the results of an event and return the screen, if this process is to send it.

        `message_id` is the message that was sent or `pressed`, 0 for a timer.
        """
        key = stored.key
        stored.state, stored.revision = conversation.as_data(), conversation.revision
        stored.timer_at = reply.wake_at if key.is_private else None
        if reply.screen and key.is_private:
            self._place_screen(work, stored, reply.screen, message_id if pressed else None, edit=reply.edit)
        if reply.card:
            link = link_of(as_data(reply.card), stored.person.id)
            outgoing.redraw(work, key.chat_id, message_id, reply.card, link)
        if reply.note:
            outgoing.note(work, key, reply.note, message_id)
        if reply.files:
            outgoing.send_files(work, key, reply.files, reply.caption)
        drawn = {message_id} if reply.card else set()
        if reply.screen and stored.message_id:
            drawn.add(stored.message_id)
        apply_effects(self.engine, work, reply, {(key.chat_id, message) for message in drawn})
        screen = screens.take(stored, work.tx.worker, work.tx.now, new=reply.screen is not None)
        conversations.save(work.tx, stored)
        return screen

    def _place_screen(
        self, work: Work, stored: StoredConversation, screen: Screen, pressed: int | None, *, edit: bool
    ) -> None:
        """Store the new screen: in place of the pressed message, or below what was typed.

        The message above typed input loses its buttons, unless it shows a card: that stays as a live one.
        """
        before, shown_by = readable(stored.screen) or {}, stored.message_id
        target = pressed if pressed is not None and edit else shown_by if edit else None
        if shown_by is not None and shown_by != target:
            if before.get("card"):
                self._leave_card(work, stored, before, shown_by)
            else:
                stored.outdated.append(shown_by)
        if target is not None and (target != shown_by or before.get("about")):
            _unlink(work, stored.key.chat_id, target)
        stored.message_id = target
        # Not below where the screen to edit is still on its way: the message that it becomes is edited.
        stored.screen = {**as_data(screen), "below": target is None and not edit}
        stored.screen_rev += 1

    def _leave_card(self, work: Work, stored: StoredConversation, before: dict[str, Any], message_id: int) -> None:
        """Turn a card that was the screen of the dialog into a live card of its own."""
        link = link_of(before, stored.person.id)
        ref = subject_of(link) if link else None
        if link and ref:
            lock_subject(self.engine, work, link)
            links.put(work.tx, work.bot_id, stored.key.chat_id, message_id, link)
            replace_others(self.engine, work, stored.key.chat_id, message_id, link)
            (card,) = self.engine.cards(ref, [(stored.person, False)], work, work.tx.now)
            outgoing.redraw(work, stored.key.chat_id, message_id, card, link)


def _unlink(work: Work, chat_id: int, message_id: int) -> None:
    """Unlink a message that showed a subject: a redraw of the card must not overwrite the new screen."""
    links.drop(work.tx, work.bot_id, chat_id, message_id)
    messages.cancel(work.tx, f"{chat_id}:{outgoing.card_key(message_id)}")
