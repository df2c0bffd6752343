"""The composition root: everything is built and put together here, for the command line and for the tests alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiohttp import web

from bot.delivery.api_caller import Caller
from bot.delivery.delivery import Delivery
from bot.delivery.rate_limits import Limits
from bot.flow_versions.current import FlowVersions
from bot.flow_versions.folder import FlowFolder
from bot.flow_versions.owner_messages import OwnerMessages
from bot.flow_versions.reloading import Reloader, Trial, prepare
from bot.helpdesk.owners import Owners
from bot.ingress.dispatcher import ALLOWED_UPDATES, Handlers, build_dispatcher
from bot.ingress.polling import Poller
from bot.ingress.retrying import Retrier
from bot.ingress.timekeeper import Timekeeper
from bot.ingress.update_processor import UpdateProcessor
from bot.ingress.webhook import Address, Webhook
from bot.service.command_menu import keep_commands_published
from bot.service.gauges import Gauges
from bot.service.health import Health
from bot.service.routes import service_routes
from bot.telegram.connectivity import Connectivity
from bot.telegram.parsing import OTHER
from bot.telemetry.domain_events import DomainEvents
from bot.telemetry.metrics import Metrics
from engine.compiled import CompiledFlows
from engine.i18n import Language
from engine.running.context import Trace
from storage.database.errors import StorageUnavailable
from storage.database.runner import Runner, open_runner, utc_now
from storage.database.transaction import Transaction
from storage.outbox import leases

FINISHING = 3.0
"""Seconds at the end for what is under way; the rest is done by the next process."""
ANSWERING = 1.0
"""Seconds after that for Telegram's answers to calls under way: the next process would repeat them otherwise."""
CLOSING = 1.0
"""Seconds for closing after that. With a database that hangs, its driver takes some more: ten in all at most."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running bot."""

    bot: Bot
    dispatcher: Dispatcher
    handlers: Handlers
    runner: Runner
    delivery: Delivery
    timekeeper: Timekeeper
    poller: Poller
    webhook: Webhook | None
    retrier: Retrier
    health: Health
    connectivity: Connectivity
    metrics: Metrics
    gauges: Gauges
    flow_versions: FlowVersions
    reloader: Reloader | None
    owner_messages: OwnerMessages | None
    publish_commands_to: Collection[int]

    @property
    def ingress(self) -> Poller | Webhook:
        """Where updates come from."""
        return self.webhook or self.poller

    @property
    def routes(self) -> list[web.RouteDef]:
        """What is to be served over HTTP."""
        own = service_routes(self.health, self.metrics, self.gauges)
        return [*own, self.webhook.route] if self.webhook else own

    async def serve(self) -> None:
        """Receive and deliver until cancelled; raises what ends any part of that for good."""
        ready = asyncio.Event()
        listening = asyncio.create_task(self.runner.listen(ready))
        # Not before this process holds the lock that shows it is alive: others would take its leases for orphans.
        await ready.wait()
        await self.runner.run(self._prepare)
        self.connectivity.begun.set()
        parts = [
            self.ingress.run(),
            keep_commands_published(self.bot, self.flow_versions, self.publish_commands_to),
            self.delivery.run(),
            self.timekeeper.run(),
            self.retrier.run(),
        ]
        if self.reloader:
            parts.append(self.reloader.run())
        tasks = {asyncio.create_task(each) for each in parts}
        try:
            # None of them ends by itself: where one does, the bot ends too, instead of serving without it.
            for task in (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            listening.cancel()
            await asyncio.wait({listening})

    def _prepare(self, tx: Transaction) -> None:
        """Do what the flows of this start ask for; release what a killed process was sending."""
        # Whether all is well with flows that failed their scenarios is not known by a start.
        owners = None if self.reloader and self.reloader.tries else self.owner_messages
        prepare(tx, self.flow_versions.flows, owners)
        leases.rescue_orphans(tx, self.runner.worker, settling=timedelta())

    async def finish(self) -> None:
        """Handle what was received and deliver what is due."""
        await self.ingress.drain()
        await self.handlers.drain()
        await self.timekeeper.drain()
        await self.delivery.drain()
        await self.delivery.flush()

    async def close(self) -> None:
        """Wait for what is under way, release the leases, close the connections."""
        await self.handlers.drain()
        await self.delivery.drain()
        await self.delivery.release()
        await self.bot.session.close()
        await self.runner.close()


def build_app(  # noqa: PLR0913 - all that differs between the command line and tests
    flows: CompiledFlows,
    *,
    token: str,
    database_url: str,
    owners: frozenset[int] = frozenset(),
    publish_commands_to: Collection[int] | None = None,
    address: Address | None = None,
    session: BaseSession | None = None,
    clock: Callable[[], datetime] = utc_now,
    trace: Trace = None,
    folder: FlowFolder | None = None,
    say: Callable[[str], None] = lambda _: None,
    language: Language = "en",
    tell_owners: bool = True,
    trial: Trial | None = None,
    paced: bool = False,
    durable: bool = True,
) -> App:
    """Put a bot together; nothing is connected before the first update.

    `owners` are managers; `publish_commands_to` are those of them who are shown the managers' commands, all without it.
    With an `address` Telegram posts updates there, without one they are polled.
    Changes in the `folder` of flows are activated, if one is given; `say` prints the outcome for the operator, in
    `language`, and `tell_owners` sends it to them; with a `trial` their scenarios are played.
    `paced` keeps calls within Telegram's limits. `durable` is for `open_runner`.
    """
    bot = Bot(token, session=session)
    flow_versions = FlowVersions(flows, bot.id, Owners(owners).role_of, trace)
    metrics = Metrics((*ALLOWED_UPDATES, OTHER))
    metrics.expect(flows)
    runner = open_runner(database_url, clock, metrics.committed, durable=durable)
    domain_events = DomainEvents(metrics)
    owner_messages = OwnerMessages(bot.id, owners) if tell_owners else None
    delivery = Delivery(bot.id, runner, flow_versions, Caller(bot, Limits(clock, paced=paced), metrics))
    reloader = (
        Reloader(folder, flow_versions, runner, metrics, say, language, owner_messages, trial) if folder else None
    )
    timekeeper = Timekeeper(bot.id, runner, flow_versions, delivery, domain_events, metrics)
    handlers = Handlers(bot, runner, flow_versions, delivery, domain_events, metrics)
    dispatcher = build_dispatcher(handlers)
    processor, connectivity = UpdateProcessor(bot, dispatcher, runner, metrics, flow_versions), Connectivity()
    return App(
        bot=bot,
        dispatcher=dispatcher,
        handlers=handlers,
        runner=runner,
        delivery=delivery,
        timekeeper=timekeeper,
        poller=Poller(bot, processor, connectivity),
        webhook=Webhook(bot, processor, address, connectivity) if address else None,
        retrier=Retrier(runner, processor, bot.id),
        health=Health(runner, bot.id, flow_versions, connectivity),
        connectivity=connectivity,
        metrics=metrics,
        gauges=Gauges(metrics.registry),
        flow_versions=flow_versions,
        reloader=reloader,
        owner_messages=owner_messages,
        publish_commands_to=owners if publish_commands_to is None else publish_commands_to,
    )


@asynccontextmanager
async def running(app: App) -> AsyncIterator[asyncio.Task[None]]:
    """Serve in the background while the block runs, then finish what is under way, in ten seconds at most."""
    task = asyncio.create_task(app.serve())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})
        await _in_time(app.finish(), FINISHING)
        app.delivery.stop()
        await _in_time(app.delivery.drain(), ANSWERING)
        app.delivery.abandon()
        await _in_time(app.close(), CLOSING)


async def _in_time(ending: Awaitable[None], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ending
    except (TimeoutError, StorageUnavailable) as error:
        log.warning("left_unfinished", reason=type(error).__name__)
