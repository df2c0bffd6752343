"""Send one message of the outbox, and record what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError

from bot.delivery.api_caller import Caller
from bot.delivery.recording import Recorder
from bot.flow_versions.current import FlowVersions
from bot.handlers import outgoing
from bot.handlers.cards import catch_up, lock_subject, replace_others
from bot.handlers.screens import is_card
from bot.handlers.work import Work
from bot.telegram.calls import is_hopeless, is_lost, pause_after
from bot.telegram.failure_logging import reason_of
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.models.constants import LinkShape
from storage.outbox import links, messages, screens
from storage.outbox.queue import OutboxRow
from storage.records import users

log = structlog.get_logger(__name__)


class MessageSender:
    """Makes the calls. A refusal ends a message, a failure that passes never does, any other after some attempts."""

    def __init__(
        self,
        caller: Caller,
        runner: Runner,
        flow_versions: FlowVersions,
        lease_next: Callable[[Transaction, int], OutboxRow | None],
    ) -> None:
        self._caller = caller
        self._flow_versions = flow_versions
        self._recorder = Recorder(runner)
        self._lease_next = lease_next

    async def send(self, row: OutboxRow) -> OutboxRow | None:
        """Send one message; return the next one of its chat, which is leased by the transaction that records this one.

        None where no other waits there, and where the chat is paused.
        """
        if self._caller.limits.paused_until(row.chat_id):
            return await self._recorder.run(lambda tx: self._pause_chat(tx, row))
        if row.unreadable or not isinstance(row.payload.get("call"), dict):
            log.error("message_unreadable", chat_id=row.chat_id, outbox_id=row.id)
            return await self._dead(row, "it cannot be read", "unreadable")
        try:
            method, call = _call_of(row)
            message_id = await self._caller.call(method, row.chat_id, row.thread_id, call)
        except TelegramForbiddenError as error:
            reason = error.message
            return await self._recorder.run(lambda tx: _unreachable(tx, row, reason))
        except TelegramBadRequest as error:
            return await self._refused(row, call, error)
        except Exception as error:
            return await self._failed(row, error)
        return await self._recorder.run_with_fallback(
            self._ending(row, lambda tx: self._sent(tx, row, message_id)),
            lambda tx: _only_sent(tx, row, message_id),
        )

    def _ending(
        self, row: OutboxRow, record: Callable[[Transaction], object]
    ) -> Callable[[Transaction], OutboxRow | None]:
        """Return the unit of work that records the end of a message and leases the next one of its chat.

        In one transaction: the queue is never asked for the chat in between, and no other process takes the next one
        while this one is still unrecorded.
        """

        def end(tx: Transaction) -> OutboxRow | None:
            record(tx)
            return self._lease_next(tx, row.chat_id)

        return end

    def _sent(self, tx: Transaction, row: OutboxRow, message_id: int | None) -> None:
        work, engine = Work(tx, row.bot_id), self._flow_versions.engine
        # The subject before the message, as a step locks them: it changes the subject, then replaces the messages that
        # show it. The other way round each could hold what the other waits for.
        subject = lock_subject(engine, work, row.link)
        is_newest = messages.mark_sent(tx, row.id, row.rev, message_id)
        if row.link and is_card(row.link) and message_id:
            # As recorded by now: while it was being edited, a newer card may have replaced it.
            found = links.find(tx, row.bot_id, row.chat_id, message_id)
            if found:
                replace_others(engine, work, row.chat_id, message_id, found.link)
            if is_newest:
                version = row.payload.get("mark", "")
                catch_up(engine, work, row.chat_id, message_id, row.link, subject, version)

    async def _refused(self, row: OutboxRow, call: dict[str, Any], error: TelegramBadRequest) -> OutboxRow | None:
        message_id = call.get("message_id")
        if message_id is not None and is_lost(error):
            return await self._recorder.run(self._ending(row, lambda tx: _replace(tx, row, int(message_id))))
        log.error("message_refused", chat_id=row.chat_id, method=row.method, reason=reason_of(error))
        return await self._dead(row, reason_of(error), "refused")

    async def _failed(self, row: OutboxRow, error: Exception) -> OutboxRow | None:
        name = type(error).__name__
        if is_hopeless(error, row.tries):
            log.error("message_given_up", chat_id=row.chat_id, method=row.method, reason=name)
            return await self._dead(row, name, "given_up")
        pause = pause_after(error, row.tries)
        log.warning("send_failed", chat_id=row.chat_id, method=row.method, reason=name, pause=pause)
        backoff = timedelta(seconds=pause)

        def postpone(tx: Transaction) -> None:
            # Conversations before messages, as a step locks them, or both could wait for each other.
            if self._caller.limits.paused_until(row.chat_id):
                self._pause_chat(tx, row)
            messages.mark_failed(tx, row.id, name, tx.now + backoff)

        return await self._recorder.run(postpone)

    async def _dead(self, row: OutboxRow, words: str, reason: str) -> OutboxRow | None:
        end = self._ending(row, lambda tx: messages.mark_dead(tx, row.id, row.rev, words))
        following = await self._recorder.run(end)
        self._caller.metrics.undelivered(reason)
        return following

    def _pause_chat(self, tx: Transaction, row: OutboxRow) -> None:
        until = self._caller.limits.paused_until(row.chat_id) or tx.now
        screens.pause_chat(tx, row.bot_id, row.chat_id, until)
        messages.pause_chat(tx, row.bot_id, row.chat_id, until)
        messages.release(tx, tx.worker, [row.id])


def _only_sent(tx: Transaction, row: OutboxRow, message_id: int | None) -> None:
    messages.mark_sent(tx, row.id, row.rev, message_id)
    # The next message of the chat is not leased here: a poll has to find it.
    tx.signal(messages.SIGNAL)


def _unreachable(tx: Transaction, row: OutboxRow, reason: str) -> None:
    # The person before the messages, as a step locks them, or both could wait for each other.
    users.mark_unreachable(tx, row.chat_id)
    messages.give_up_chat(tx, row.bot_id, row.chat_id, reason)


def _replace(tx: Transaction, row: OutboxRow, message_id: int) -> None:
    """Drop the edit of a message that was deleted; a live card is sent anew."""
    messages.drop(tx, row.id)
    links.drop(tx, row.bot_id, row.chat_id, message_id)
    if row.link and row.link.shape == LinkShape.CARD and "text" in row.payload["call"]:
        outgoing.send_card(Work(tx, row.bot_id), row)


def _call_of(row: OutboxRow) -> tuple[str, dict[str, Any]]:
    """Return the method and what it says; a newer text of a message that was sent is an edit of it."""
    call = row.payload["call"]
    if row.sent_message_id and row.method == "sendMessage":
        return "editMessageText", {**call, "message_id": row.sent_message_id}
    return row.method, call
