"""Send a conversation its newest screen, and record the result."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError

from bot.delivery.api_caller import Caller
from bot.delivery.recording import ReceiptRecorder, Recorder
from bot.flow_versions.current import FlowVersions
from bot.handlers.screens import link_of, message_of, readable
from bot.telegram.calls import is_hopeless, is_lost, pause_after
from bot.telegram.failure_logging import reason_of
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.outbox import messages, screens
from storage.outbox.messages import Outgoing
from storage.outbox.screens import PendingScreen, Receipt
from storage.records import users

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of sending a screen; `receipt` is what is to be recorded, if it is shown.

    It has not `ended` where a newer screen came meanwhile, which is to be shown next.
    """

    ended: bool
    receipt: Receipt | None = None


class ScreenSender:
    """Edits the message that shows the conversation, or sends a new one where that is gone or is to stay."""

    def __init__(
        self, caller: Caller, runner: Runner, flow_versions: FlowVersions, go_on: Callable[[PendingScreen], None]
    ) -> None:
        self._caller = caller
        self._runner = runner
        self._flow_versions = flow_versions
        self._recorder = Recorder(runner)
        self.receipts = ReceiptRecorder(self._recorder, flow_versions, go_on)

    async def current(self, conversation_id: int) -> PendingScreen | None:
        """Read the newest screen of a conversation that is this process' to send."""
        return await self._recorder.run(lambda tx: screens.current(tx, conversation_id, self._runner.worker))

    def informed(self, pending: PendingScreen) -> PendingScreen | None:
        """Return a screen as its row will stand when all that is known of it is recorded; None where it is shown."""
        receipt = self.receipts.unrecorded.last(pending.key)
        if receipt and receipt.rev >= pending.rev > pending.sent_rev:
            self.receipts.add(pending.key, receipt)
            return None
        return screens.since(pending, receipt) if receipt else pending

    async def send(self, pending: PendingScreen) -> SendResult:
        """Show a screen and take the buttons of those before it. After a failure the conversation backs off."""
        if self._caller.limits.paused_until(pending.key.chat_id):
            await self._recorder.run(lambda tx: self._pause_chat(tx, pending))
            return SendResult(ended=True)
        if (screen := readable(pending.screen)) is None:
            log.error("screen_unreadable", chat_id=pending.key.chat_id, conversation_id=pending.conversation_id)
            return SendResult(await self._bury(pending, "it cannot be read", "unreadable"))
        try:
            message_id = await self._show(pending)
            outdated = await self._deactivate(pending, message_id)
        except TelegramForbiddenError as error:
            reason = error.message
            return SendResult(await self._recorder.run(lambda tx: self._give_up(tx, pending, reason)))
        except TelegramBadRequest as error:
            log.error(
                "screen_refused",
                chat_id=pending.key.chat_id,
                conversation_id=pending.conversation_id,
                reason=reason_of(error),
            )
            return SendResult(await self._bury(pending, reason_of(error), "refused"))
        except Exception as error:
            return SendResult(await self._failed(pending, error))
        link = link_of(screen, pending.user_id, opened=True) if pending.user_id is not None else None
        receipt = Receipt(pending.conversation_id, pending.rev, message_id, outdated, link, screen["mark"])
        self.receipts.add(pending.key, receipt)
        if self._caller.limits.paused_until(pending.key.chat_id):
            await self._recorder.run(lambda tx: self._pause_chat(tx, pending))
        return SendResult(ended=True, receipt=receipt)

    async def _show(self, pending: PendingScreen) -> int:
        key, call = pending.key, message_of(pending.screen)
        if pending.message_id is not None and not pending.screen.get("below"):
            try:
                await self._caller.call("editMessageText", key.chat_id, 0, {**call, "message_id": pending.message_id})
            except TelegramBadRequest as error:
                if not is_lost(error):
                    raise
            else:
                return pending.message_id
        return await self._caller.call("sendMessage", key.chat_id, key.thread_id, call) or 0

    async def _deactivate(self, pending: PendingScreen, shown_by: int) -> list[int]:
        """Take the buttons of outdated messages; return those that need no other attempt."""
        left = [*pending.outdated]
        if pending.screen.get("below") and pending.message_id not in (None, *left):
            left.append(pending.message_id or 0)
        finished = []
        for message_id in left:
            try:
                if message_id != shown_by:
                    call = {"message_id": message_id, "reply_markup": {"inline_keyboard": []}}
                    await self._caller.call("editMessageReplyMarkup", pending.key.chat_id, 0, call)
            except TelegramBadRequest:
                log.debug("message_is_gone", chat_id=pending.key.chat_id, message_id=message_id)
            except Exception as error:
                log.info("retire_failed", chat_id=pending.key.chat_id, reason=type(error).__name__)
                break
            finished.append(message_id)
        return finished

    async def _failed(self, pending: PendingScreen, error: Exception) -> bool:
        name, chat_id = type(error).__name__, pending.key.chat_id
        if is_hopeless(error, pending.tries):
            log.error("screen_given_up", chat_id=chat_id, conversation_id=pending.conversation_id, reason=name)
            return await self._bury(pending, name, "given_up")
        pause = pause_after(error, pending.tries)
        log.warning("screen_failed", chat_id=chat_id, conversation_id=pending.conversation_id, reason=name, pause=pause)
        if self._caller.limits.paused_until(pending.key.chat_id):
            await self._recorder.run(lambda tx: self._pause_chat(tx, pending))
        else:
            backoff = timedelta(seconds=pause)
            await self._recorder.run(lambda tx: screens.postpone(tx, pending.conversation_id, tx.now + backoff))
        return True

    def _pause_chat(self, tx: Transaction, pending: PendingScreen) -> None:
        until = self._caller.limits.paused_until(pending.key.chat_id) or tx.now
        screens.pause_chat(tx, pending.key.bot_id, pending.key.chat_id, until)
        messages.pause_chat(tx, pending.key.bot_id, pending.key.chat_id, until)

    def _give_up(self, tx: Transaction, pending: PendingScreen, reason: str) -> bool:
        (is_newest,) = screens.mark_shown(tx, [Receipt(pending.conversation_id, pending.rev, None)])
        users.mark_unreachable(tx, pending.key.telegram_user_id)
        messages.give_up_chat(tx, pending.key.bot_id, pending.key.chat_id, reason)
        return is_newest

    async def _bury(self, pending: PendingScreen, words: str, reason: str) -> bool:
        """Give up a screen that Telegram will never take; it is kept as a dead letter for an operator to see why."""

        def bury(tx: Transaction) -> bool:
            key = pending.key
            (is_newest,) = screens.mark_shown(tx, [Receipt(pending.conversation_id, pending.rev, None)])
            screen = readable(pending.screen)
            call = {"call": message_of(screen)} if screen else {}
            messages.bury(tx, Outgoing(key.bot_id, key.chat_id, "sendMessage", call, thread_id=key.thread_id), words)
            return is_newest

        ended = await self._recorder.run(bury)
        self._caller.metrics.undelivered(reason)
        return ended
