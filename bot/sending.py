"""Send one screen or one message of the outbox, and record what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter

from bot.calls import is_lost, is_passing, make_call
from bot.cards import catch_up, hold
from bot.editions import Editions
from bot.screens import link_of, message_of
from bot.work import Work
from storage import links, outbox, screens, users
from storage.errors import StorageUnavailable
from storage.outbox import OutboxRow
from storage.runner import Runner
from storage.screens import PendingScreen
from storage.transaction import Transaction

LONGEST_PAUSE = 300.0
"""Seconds between two tries at most."""
MOST_TRIES = 5
"""Tries of what neither the network nor Telegram is to blame for."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rest:
    """The pause of a screen whose sending failed so many times."""

    until: datetime
    tries: int


class Sender:
    """Makes the calls; refusals that are final end a message, passing failures never do, others do in time."""

    def __init__(self, bot: Bot, runner: Runner, editions: Editions, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._runner = runner
        self._editions = editions
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

    async def screen(self, conversation_id: int) -> None:
        """Show a conversation's newest screen, unless it is shown or rests, and take the buttons of those before it."""
        pending = await self._runner.run(lambda tx: screens.screen_to_send(tx, conversation_id))
        if pending is not None and self.rests_until(pending) is None:
            await self._screen(pending)

    async def _screen(self, pending: PendingScreen) -> None:
        try:
            message_id = await self._show(pending)
            retired = await self._retire(pending, message_id)
            await self._runner.run(lambda tx: self._shown(tx, pending, message_id, retired))
        except TelegramForbiddenError:
            await self._runner.run(lambda tx: self._give_up(tx, pending))
        except TelegramBadRequest as error:
            log.error("screen_refused", conversation_id=pending.conversation_id, reason=error.message)
            await self._runner.run(lambda tx: _mark(tx, pending, None, []))
        except Exception as error:
            if not _is_hopeless(error, self._tries(pending)):
                self._rest(pending, error)
                return
            log.error("screen_given_up", conversation_id=pending.conversation_id, reason=type(error).__name__)
            await self._runner.run(lambda tx: _mark(tx, pending, None, []))
        self._resting.pop(pending.conversation_id, None)

    async def message(self, row: OutboxRow) -> None:
        """Send one message of the outbox."""
        try:
            method, call = _call_of(row)
            message_id = await make_call(self._bot, method, row.chat_id, row.thread_id, call)
            await self._runner.run(lambda tx: self._sent(tx, row, message_id))
        except TelegramForbiddenError as error:
            reason = error.message
            await self._runner.run(lambda tx: _unreachable(tx, row, reason))
        except TelegramBadRequest as error:
            await self._refused(row, call, error)
        except Exception as error:
            await self._failed(row, error)

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
        is_newest = _mark(tx, pending, message_id, retired)
        if not is_newest or pending.screen["about"] is None:
            return
        person = users.by_telegram_id(tx, key.telegram_user_id)
        link = link_of(pending.screen, person.id, opened=True) if person else None
        if link:
            work, engine = Work(tx, key.bot_id), self._editions.engine
            subject = hold(engine, work, link)
            links.put(tx, key.bot_id, key.chat_id, message_id, link)
            catch_up(engine, work, key.chat_id, message_id, link, subject, pending.screen["mark"])

    def _sent(self, tx: Transaction, row: OutboxRow, message_id: int | None) -> None:
        work, engine = Work(tx, row.bot_id), self._editions.engine
        subject = hold(engine, work, row.link)
        is_newest = outbox.mark_sent(tx, row.id, row.rev, message_id)
        if is_newest and row.link and message_id:
            catch_up(engine, work, row.chat_id, message_id, row.link, subject, row.payload.get("mark", ""))

    async def _refused(self, row: OutboxRow, call: dict[str, Any], error: TelegramBadRequest) -> None:
        message_id = call.get("message_id")

        def end(tx: Transaction) -> None:
            outbox.mark_dead(tx, row.id, row.rev, error.message)
            if message_id is not None and is_lost(error):
                links.drop(tx, row.bot_id, row.chat_id, int(message_id))

        if not is_lost(error):
            log.error("message_refused", chat_id=row.chat_id, method=row.method, reason=error.message)
        await self._runner.run(end)

    async def _failed(self, row: OutboxRow, error: Exception) -> None:
        name = type(error).__name__
        if _is_hopeless(error, row.tries):
            log.error("message_given_up", chat_id=row.chat_id, method=row.method, reason=name)
            await self._runner.run(lambda tx: outbox.mark_dead(tx, row.id, row.rev, name))
            return
        pause = _pause_after(error, row.tries)
        log.warning("send_failed", chat_id=row.chat_id, method=row.method, reason=name, pause=pause)
        await self._runner.run(lambda tx: outbox.mark_failed(tx, row.id, name, tx.now + timedelta(seconds=pause)))

    def _give_up(self, tx: Transaction, pending: PendingScreen) -> None:
        _mark(tx, pending, None, [])
        users.mark_unreachable(tx, pending.key.telegram_user_id)

    def _tries(self, pending: PendingScreen) -> int:
        rest = self._resting.get(pending.conversation_id)
        return rest.tries if rest else 0

    def _rest(self, pending: PendingScreen, error: Exception) -> None:
        conversation_id, tries = pending.conversation_id, self._tries(pending)
        pause = _pause_after(error, tries)
        log.warning("screen_failed", conversation_id=conversation_id, reason=type(error).__name__, pause=pause)
        self._resting[conversation_id] = Rest(self._clock() + timedelta(seconds=pause), tries + 1)


def _mark(tx: Transaction, pending: PendingScreen, message_id: int | None, retired: list[int]) -> bool:
    return screens.mark_screen_sent(tx, pending.conversation_id, pending.rev, message_id, retired)


def _unreachable(tx: Transaction, row: OutboxRow, reason: str) -> None:
    outbox.mark_dead(tx, row.id, row.rev, reason)
    users.mark_unreachable(tx, row.chat_id)


def _call_of(row: OutboxRow) -> tuple[str, dict[str, Any]]:
    """Return the method and what it says; a newer text of a message that was sent is an edit of it."""
    call = row.payload["call"]
    if row.sent_message_id and row.method == "sendMessage":
        return "editMessageText", {**call, "message_id": row.sent_message_id}
    return row.method, call


def _is_hopeless(error: Exception, tries: int) -> bool:
    """Tell whether a call that failed `tries` times before is not to be made again."""
    return tries + 1 >= MOST_TRIES and not is_passing(error) and not isinstance(error, StorageUnavailable)


def _pause_after(error: Exception, tries: int) -> float:
    """Return the seconds to wait: what Telegram asks for, else twice as long after every try."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return float(min(LONGEST_PAUSE, 2**tries))
