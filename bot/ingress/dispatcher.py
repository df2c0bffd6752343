"""aiogram's part: one catch-all handler, which runs the unit of work of an update."""

import asyncio
from functools import partial

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Update

from bot.delivery.delivery import Delivery
from bot.flow_versions.current import FlowVersions
from bot.telegram.calls import call_of
from bot.telegram.incoming import Incoming, of_edited, of_message, of_press
from bot.telemetry.domain_events import DomainEvents
from bot.telemetry.log_context import current_log_context
from bot.telemetry.metrics import Metrics
from engine.markup import head
from storage.database.runner import Runner

ALLOWED_UPDATES = ["message", "edited_message", "callback_query"]
TOAST = 200
"""UTF-16 units of the answer to a press, by the Bot API."""

PATIENCE = 3.0
"""Seconds after which a press is answered although its unit of work still runs; a toast is sent as a message then."""

log = structlog.get_logger(__name__)


class Handlers:
    """Handles updates; returns only when their effects are committed."""

    def __init__(
        self,
        bot: Bot,
        runner: Runner,
        flow_versions: FlowVersions,
        delivery: Delivery,
        domain_events: DomainEvents,
        metrics: Metrics,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._bot = bot
        self._runner = runner
        self._flow_versions = flow_versions
        self._delivery = delivery
        self._domain_events = domain_events
        self._metrics = metrics
        self._answers: set[asyncio.Task[None]] = set()
        self._answered: set[int] = set()

    async def update(self, update: Update) -> None:
        """Handle an update of any kind; a press is answered even where it means nothing to the bot."""
        update_id = update.update_id
        if query := update.callback_query:
            incoming = of_press(update_id, self._bot.id, query)
            if incoming is None:
                await self._answer(query.id, None)
        elif update.message:
            incoming = of_message(update_id, self._bot.id, update.message)
        elif update.edited_message:
            incoming = of_edited(update_id, self._bot.id, update.edited_message)
        else:
            return
        await self._handle(incoming)

    async def drain(self) -> None:
        """Wait for the answers to presses that are under way."""
        while self._answers:
            await asyncio.wait(self._answers)

    async def _handle(self, incoming: Incoming | None) -> None:
        if incoming is None:
            return
        current_log_context().chat_id = incoming.key.chat_id
        handler = self._flow_versions.handler
        slow = self._answer_if_slow(incoming, handler.busy)
        try:
            with self._delivery.receipts.along(incoming.key) as receipt:
                handled = await self._runner.run(partial(handler.handle, incoming=incoming, receipt=receipt))
        finally:
            if slow:
                slow.cancel()
        if handled.screen:
            # Before any await: screens must reach the delivery in the order in which they were committed.
            self._delivery.show(handled.screen)
        if handled.domain_events:
            self._domain_events.publish(handled.domain_events)
        is_answered = incoming.update_id in self._answered
        self._answered.discard(incoming.update_id)
        if not is_answered:
            # Also where the update was seen before: the process that handled it may have died before it answered.
            self._answer_soon(incoming, handled.toast)
        elif handled.toast:
            await self._runner.run(partial(handler.explain, incoming=incoming, text=handled.toast))

    def _answer_if_slow(self, incoming: Incoming, text: str) -> asyncio.TimerHandle | None:
        """Schedule the answer to a press that takes too long; None where it was answered by an earlier attempt."""
        if incoming.callback_id is None or incoming.update_id in self._answered:
            return None

        def answer() -> None:
            self._answered.add(incoming.update_id)
            self._answer_soon(incoming, text)

        return asyncio.get_running_loop().call_later(self._patience, answer)

    def _answer_soon(self, incoming: Incoming, text: str | None) -> None:
        if incoming.callback_id:
            task = asyncio.create_task(self._answer(incoming.callback_id, text))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, callback_id: str, toast: str | None) -> None:
        """Answer a press, once; one that came too late for an answer does no harm."""
        try:
            text = head(toast, TOAST) if toast else None
            await self._bot(call_of("answerCallbackQuery", {"callback_query_id": callback_id, "text": text}))
            self._metrics.sent("answerCallbackQuery")
            log.debug("press_answered")
        except TelegramAPIError as error:
            self._metrics.not_sent("answerCallbackQuery", error)
            log.info("press_not_answered", reason=type(error).__name__)


def build_dispatcher(handlers: Handlers) -> Dispatcher:
    """Return a dispatcher without aiogram's own state machine: the engine keeps all state in the database."""
    dispatcher = Dispatcher(disable_fsm=True)
    updates = dispatcher.update
    # Its routing and middlewares check each update for filters, error handlers and contexts that are not used here.
    updates.handlers.clear()
    for middleware in [*updates.outer_middleware]:
        updates.outer_middleware.unregister(middleware)
    updates.register(handlers.update)
    return dispatcher
