"""Run the bot: against Telegram with a token, on the local chat page without one."""

import asyncio
import os
import signal
from collections.abc import Callable

import structlog
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot.app import App, build_app, running
from bot.local.demo import DEMO_DATABASE, Demo
from bot.settings import Settings
from engine.compiled import CompiledFlows
from storage.migrate import upgrade
from storage.process_lock import hold_single_process_lock

log = structlog.get_logger(__name__)

Say = Callable[[str], None]


class CannotServeError(Exception):
    """The bot cannot run with these settings; the message is one line for the operator."""


def serve(settings: Settings, flows: CompiledFlows, say: Say) -> None:
    """Bring the database up to date and serve until SIGINT or SIGTERM; `say` tells the operator where.

    Raises AlreadyRunning when another process works on the same SQLite file, StorageError when the database cannot
    be used, CannotServeError when the chat page's address is taken or the Bot API does not know the token.
    """
    url = settings.database_url if settings.bot_token else DEMO_DATABASE
    with hold_single_process_lock(url):
        upgrade(url)
        asyncio.run(_telegram(settings, flows, say) if settings.bot_token else _local(settings, flows, say))


async def _telegram(settings: Settings, flows: CompiledFlows, say: Say) -> None:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    session = None
    if settings.bot_api_url:
        session = AiohttpSession(api=TelegramAPIServer.from_base(settings.bot_api_url))
    app = build_app(flows, token=token, database_url=settings.database_url, owners=settings.admin_ids, session=session)
    try:
        await _until_stopped(app, say, "The bot is running.")
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        # Not found is what Telegram says of a token of the wrong length.
        raise CannotServeError("Telegram does not know this BOT_TOKEN; @BotFather shows the right one") from error


async def _local(settings: Settings, flows: CompiledFlows, say: Say) -> None:
    demo = Demo()
    owners = settings.admin_ids | demo.managers
    try:
        url = await demo.open(settings.http_host, settings.http_port)
    except OSError as error:
        await demo.close()
        where = f"{settings.http_host}:{settings.http_port}"
        raise CannotServeError(f"cannot listen on {where}: {_reason(error)}; try another HTTP_PORT") from error
    app = build_app(
        flows,
        token=demo.emulator.token,
        database_url=DEMO_DATABASE,
        owners=owners,
        announce_to=demo.people,
        session=demo.session,
    )
    try:
        await _until_stopped(app, say, f"No BOT_TOKEN is set: talk to the bot on its local chat page, {url}")
    finally:
        await demo.close()


async def _until_stopped(app: App, say: Say, words: str) -> None:
    """Serve until a signal asks to stop, then finish what is in hand."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    say(f"{words}\nPress Ctrl+C to stop it.")
    log.info("started", flows=dict(app.editions.flows.versions))
    async with running(app) as serving:
        asking = asyncio.create_task(stopped.wait())
        await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if serving.done():
            await serving
        log.info("stopping")


def _reason(error: OSError) -> str:
    """Return what the system says, without what asyncio adds around it; look-ups have numbers of their own."""
    known = error.errno is not None and error.errno > 0
    return os.strerror(error.errno or 0) if known else error.strerror or str(error)
