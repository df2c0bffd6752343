"""Send one screen or one message of the outbox, and record what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter

from bot.calls import is_lost, make_call
from bot.cards import catch_up, hold
from bot.screens import link_of, message_of
from bot.work import Work
from engine.running.engine import Engine
from storage import links, outbox, screens, users
from storage.outbox import OutboxRow
from storage.runner import Runner
from storage.screens import PendingScreen
from storage.transaction import Transaction

LONGEST_PAUSE = 300.0
"""Seconds between two tries at most."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rest:
    """The pause of a screen whose sending failed so many times."""

    until: datetime
    tries: int


class Sender:
    """Makes the calls; refusals that are final end a message, everything else is tried again later."""

    def __init__(self, bot: Bot, runner: Runner, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._runner = runner
        self._engine = engine
        self._clock = clock
        self._resting: dict[int, Rest] = {}

    @property
    def resting(self) -> int:
        """How many conversations have a screen whose sending failed last time."""
        return len(self._resting)

    def rests_until(self, screen: PendingScreen) -> datetime | None:
        """Return when the pause after a failed try of this conversation's screen ends; None where there is none."""
        rest = self._resting.get(screen.conversation_id)
        return rest.until if rest and rest.until > self._clock() else None

    async def screen(self, pending: PendingScreen) -> None:
        """Show a conversation's newest screen and take the buttons of the ones it left behind."""
        try:
            message_id = await self._show(pending)
        except TelegramForbiddenError:
            await self._runner.run(lambda tx: self._give_up(tx, pending))
        except TelegramBadRequest as error:
            log.error("screen_refused", conversation_id=pending.conversation_id, reason=error.message)
            await self._runner.run(lambda tx: _mark(tx, pending, None, []))
        except Exception as error:
            self._rest(pending.conversation_id, error)
            return
        else:
            retired = await self._retire(pending, message_id)
            await self._runner.run(lambda tx: self._shown(tx, pending, message_id, retired))
        self._resting.pop(pending.conversation_id, None)

    async def message(self, row: OutboxRow) -> None:
        """Send one message of the outbox."""
        method, call = row.method, row.payload["call"]
        if row.sent_message_id and method == "sendMessage":
            method, call = "editMessageText", {**call, "message_id": row.sent_message_id}
        try:
            message_id = await make_call(self._bot, method, row.chat_id, row.thread_id, call)
        except TelegramForbiddenError as error:
            reason = error.message
            await self._runner.run(lambda tx: _unreachable(tx, row, reason))
        except TelegramBadRequest as error:
            await self._refused(row, call, error)
        except Exception as error:
            pause, name = _pause_after(error, row.tries), type(error).__name__
            log.warning("send_failed", chat_id=row.chat_id, method=row.method, reason=name, pause=pause)
            await self._runner.run(lambda tx: outbox.mark_failed(tx, row.id, name, tx.now + timedelta(seconds=pause)))
        else:
            await self._runner.run(lambda tx: self._sent(tx, row, message_id))

    async def _show(self, pending: PendingScreen) -> int:
        key, call = pending.key, message_of(pending.screen)
        if pending.message_id is not None and not pending.screen.get("below"):
            try:
                edit = {**call, "message_id": pending.message_id}
                await make_call(self._bot, "editMessageText", key.chat_id, 0, edit)
            except TelegramBadRequest as error:
                if not is_lost(error):
                    raise
            else:
                return pending.message_id
        return await make_call(self._bot, "sendMessage", key.chat_id, key.thread_id, call) or 0

    async def _retire(self, pending: PendingScreen, shown_by: int) -> list[int]:
        """Take the buttons of messages left behind; return those that need no other try."""
        left = [*pending.retired]
        if pending.screen.get("below") and pending.message_id not in (None, *left):
            left.append(pending.message_id or 0)
        done = []
        for message_id in left:
            call: dict[str, Any] = {"message_id": message_id, "reply_markup": {"inline_keyboard": []}}
            try:
                if message_id != shown_by:
                    await make_call(self._bot, "editMessageReplyMarkup", pending.key.chat_id, 0, call)
            except TelegramBadRequest:
                log.debug("message_is_gone", chat_id=pending.key.chat_id, message_id=message_id)
            except Exception as error:
                log.info("retire_failed", chat_id=pending.key.chat_id, reason=type(error).__name__)
                continue
            done.append(message_id)
        return done

    def _shown(self, tx: Transaction, pending: PendingScreen, message_id: int, retired: list[int]) -> None:
        key = pending.key
        _mark(tx, pending, message_id, retired)
        if pending.screen["about"] is None:
            return
        person = users.by_telegram_id(tx, key.telegram_user_id)
        link = link_of(pending.screen, person.id, opened=True) if person else None
        if link:
            work = Work(tx, key.bot_id)
            subject = hold(self._engine, work, link)
            links.put(tx, key.bot_id, key.chat_id, message_id, link)
            catch_up(self._engine, work, key.chat_id, message_id, link, subject, pending.screen["mark"])

    def _sent(self, tx: Transaction, row: OutboxRow, message_id: int | None) -> None:
        work = Work(tx, row.bot_id)
        subject = hold(self._engine, work, row.link)
        is_newest = outbox.mark_sent(tx, row.id, row.rev, message_id)
        if is_newest and row.link and message_id:
            catch_up(self._engine, work, row.chat_id, message_id, row.link, subject, row.payload.get("mark", ""))

    async def _refused(self, row: OutboxRow, call: dict[str, Any], error: TelegramBadRequest) -> None:
        message_id = call.get("message_id")

        def end(tx: Transaction) -> None:
            outbox.mark_dead(tx, row.id, error.message)
            if message_id is not None and is_lost(error):
                links.drop(tx, row.bot_id, row.chat_id, int(message_id))

        if not is_lost(error):
            log.error("message_refused", chat_id=row.chat_id, method=row.method, reason=error.message)
        await self._runner.run(end)

    def _give_up(self, tx: Transaction, pending: PendingScreen) -> None:
        _mark(tx, pending, None, [])
        users.mark_unreachable(tx, pending.key.telegram_user_id)

    def _rest(self, conversation_id: int, error: Exception) -> None:
        rest = self._resting.get(conversation_id)
        tries = rest.tries if rest else 0
        pause = _pause_after(error, tries)
        log.warning("screen_failed", conversation_id=conversation_id, reason=type(error).__name__, pause=pause)
        self._resting[conversation_id] = Rest(self._clock() + timedelta(seconds=pause), tries + 1)


def _mark(tx: Transaction, pending: PendingScreen, message_id: int | None, retired: list[int]) -> None:
    screens.mark_screen_sent(tx, pending.conversation_id, pending.rev, message_id, retired)


def _unreachable(tx: Transaction, row: OutboxRow, reason: str) -> None:
    outbox.mark_dead(tx, row.id, reason)
    users.mark_unreachable(tx, row.chat_id)


def _pause_after(error: Exception, tries: int) -> float:
    """Return the seconds to wait: what Telegram asks for, else twice as long after every try."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return float(min(LONGEST_PAUSE, 2**tries))
