"""Run the bot: against Telegram with a token, on the local chat page without one."""

import asyncio
import signal
from collections.abc import Callable

import structlog
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.app import App, build_app, running
from bot.local.demo import DEMO_DATABASE, Demo
from bot.settings import Settings
from engine.compiled import CompiledFlows
from storage.migrate import upgrade
from storage.process_lock import hold_single_process_lock

log = structlog.get_logger(__name__)


def serve(settings: Settings, flows: CompiledFlows, say: Callable[[str], None]) -> None:
    """Bring the database up to date and serve until SIGINT or SIGTERM; `say` tells the operator where.

    Raises AlreadyRunning when another process works on the same SQLite file, StorageUnavailable when the database
    cannot be reached, OSError when the port of the chat page is taken, TelegramUnauthorizedError for a wrong token.
    """
    url = settings.database_url if settings.bot_token else DEMO_DATABASE
    with hold_single_process_lock(url):
        upgrade(url)
        asyncio.run(_telegram(settings, flows, say) if settings.bot_token else _local(settings, flows, say))


async def _telegram(settings: Settings, flows: CompiledFlows, say: Callable[[str], None]) -> None:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    session = None
    if settings.bot_api_url:
        session = AiohttpSession(api=TelegramAPIServer.from_base(settings.bot_api_url))
    app = build_app(flows, token=token, database_url=settings.database_url, owners=settings.admin_ids, session=session)
    say("The bot is running. Press Ctrl+C to stop it.")
    await _until_stopped(app)


async def _local(settings: Settings, flows: CompiledFlows, say: Callable[[str], None]) -> None:
    demo = Demo()
    owners = settings.admin_ids | demo.managers
    app = build_app(
        flows,
        token=demo.emulator.token,
        database_url=DEMO_DATABASE,
        owners=owners,
        announce_to=demo.people,
        session=demo.session,
    )
    url = await demo.open(settings.http_host, settings.http_port)
    say(f"No BOT_TOKEN is set: talk to the bot on its local chat page, {url}\nPress Ctrl+C to stop it.")
    try:
        await _until_stopped(app)
    finally:
        await demo.close()


async def _until_stopped(app: App) -> None:
    """Serve until a signal asks to stop, then finish what is in hand."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with running(app) as serving:
        asking = asyncio.create_task(stopped.wait())
        await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if serving.done():
            await serving
        log.info("stopping")
