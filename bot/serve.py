"""Run the bot: against Telegram with a token, on the local chat page without one."""

import asyncio
import errno
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

import structlog
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot.app import App, build_app, running
from bot.emulator.demo import DEMO_DATABASE, Demo
from bot.flow_versions.compatibility import inspect
from bot.flow_versions.folder import FlowFolder
from bot.flow_versions.reloading import Trial, warn_of
from bot.ingress.webhook import Address, WebhookRefusedError
from bot.scenarios.trial import failures
from bot.scenarios.workbench import Workbench
from bot.service.routes import application
from bot.service.systemd import notify_ready
from bot.settings import Settings
from bot.telemetry import uncaught
from bot.telemetry.sentry import reporting
from bot.web.listening import listen
from engine.compiled import CompiledFlows
from engine.i18n import Language
from engine.problems import FlowError
from storage.database.diagnosis import explain
from storage.database.errors import StorageError
from storage.database.migrate import upgrade
from storage.database.process_lock import acquire_process_lock
from storage.database.read_only import read_only

log = structlog.get_logger(__name__)

Say = Callable[[str], None]
T = TypeVar("T")
PATIENCE = 20.0
"""Seconds for Telegram's first answer: a bot that gets none is started all the same, and waits for it."""


class CannotServeError(Exception):
    """The bot cannot run with these settings; the message is one line for the operator."""


def serve(settings: Settings, folder: FlowFolder, say: Say, language: Language) -> None:
    """Read the flows, upgrade the database and serve until SIGINT or SIGTERM; `say` prints for the operator where.

    What became of changed flows is said in `language`.
    Raises FlowError when the flows are wrong or incompatible with the database, CannotServeError when the
    database cannot be used, another process works on the same SQLite file, the HTTP address is taken, or Telegram
    refuses the token or the webhook.
    """
    url, named = settings.database_url, "DATABASE_URL"
    serving = _telegram
    if not settings.bot_token:
        url, named, serving = DEMO_DATABASE, "the chat page's database", _local
    with reporting(settings.sentry_dsn, settings.sentry_environment), crashes_logged():
        flows = folder.read()
        with _explained(url, named), acquire_process_lock(url):
            upgrade(url)
            _check_compatibility(url, flows, folder)
            asyncio.run(serving(settings, flows, folder, say, language))


@contextmanager
def _explained(url: str, named: str) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise CannotServeError(f"{named}: {explain(error, url)}") from error


@contextmanager
def crashes_logged() -> Iterator[None]:
    """Log an unexpected error that ends the bot, and exit with code 1."""
    try:
        yield
    except (FlowError, CannotServeError):
        raise
    except Exception as error:
        log.critical("crashed", exc_info=True)
        # Not raised further: the interpreter would print its message, which may quote people or hold a token.
        raise SystemExit(1) from error


def _check_compatibility(url: str, flows: CompiledFlows, folder: FlowFolder) -> None:
    found = read_only(url, lambda tx: inspect(tx, flows))
    if problems := found.problems(str(folder.path)):
        raise FlowError(problems)
    warn_of(found.to_the_menu)


async def _telegram(settings: Settings, flows: CompiledFlows, folder: FlowFolder, say: Say, language: Language) -> None:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    session = None
    if settings.bot_api_url:
        session = AiohttpSession(api=TelegramAPIServer.from_base(settings.bot_api_url))
    app = build_app(
        flows,
        token=token,
        database_url=settings.database_url,
        owners=settings.admin_ids,
        address=_address(settings, token),
        session=session,
        paced=True,
        folder=folder,
        say=say,
        language=language,
        tell_owners=settings.flows_tell_owners,
        trial=_trial(settings),
    )
    server = await _listening(settings, listen(application(app.routes), settings.http_host, settings.http_port), app)
    try:
        await _until_stopped(app, say, f"The bot is running. How it is: {server.url}/readyz")
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        # Telegram answers "not found" to a token of the wrong length.
        other = ", or BOT_API_URL names another server" if settings.bot_api_url else ""
        raise CannotServeError(
            f"BOT_TOKEN: Telegram does not know it; @BotFather shows the right one{other}"
        ) from error
    except WebhookRefusedError as error:
        raise CannotServeError(f"WEBHOOK_URL: Telegram does not take it: {error}; choose another") from error
    finally:
        await server.close()


async def _local(settings: Settings, flows: CompiledFlows, folder: FlowFolder, say: Say, language: Language) -> None:
    demo = Demo()
    app = build_app(
        flows,
        token=demo.emulator.token,
        database_url=DEMO_DATABASE,
        owners=settings.admin_ids | demo.managers,
        publish_commands_to=demo.people,
        session=demo.session,
        clock=demo.clock.moment,
        folder=folder,
        say=say,
        language=language,
        tell_owners=settings.flows_tell_owners,
        trial=_trial(settings),
    )
    bench = Workbench(app, demo.emulator, demo.clock, settings.admin_ids | demo.managers)
    routes = [*app.routes, *bench.routes]
    try:
        url = await _listening(settings, demo.open(settings.http_host, settings.http_port, routes), app)
        await _until_stopped(app, say, f"No BOT_TOKEN is set: talk to the bot on its local chat page, {url}")
    finally:
        await demo.close()


def _trial(settings: Settings) -> Trial | None:
    if settings.flows_tests == "off":
        return None
    return Trial(partial(failures, zone=settings.timezone), required=settings.flows_tests == "require")


def _address(settings: Settings, token: str) -> Address | None:
    if settings.webhook_url is None:
        return None
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    return Address.of(settings.webhook_url, secret, token)


async def _listening(settings: Settings, opening: Awaitable[T], app: App) -> T:
    """Wait until a server listens; where it cannot, close the bot and raise CannotServeError."""
    try:
        return await opening
    except OSError as error:
        await app.close()
        raise CannotServeError(_not_listening(error, settings.http_host, settings.http_port)) from error


def _not_listening(error: OSError, host: str, port: int) -> str:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8080
        return f"HTTP_PORT: {where} is taken by another program; try another port, such as {other}"
    if error.errno == errno.EACCES:
        return f"HTTP_PORT: the bot's user may not listen on {where}; try a port above 1023, such as 8080"
    return (
        f"HTTP_HOST: {host} is no address of this computer: {_reason(error)}; try 127.0.0.1, or 0.0.0.0 for all it has"
    )


async def _until_stopped(app: App, say: Say, message: str) -> None:
    """Serve until a signal asks to stop, then finish what is under way."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    loop.set_exception_handler(uncaught.in_loop)
    if app.reloader:
        loop.add_signal_handler(signal.SIGHUP, app.reloader.ask)
    async with running(app) as serving:
        stopping = asyncio.create_task(stopped.wait())
        contact = asyncio.create_task(_first_contact(app))
        # A token that Telegram refuses ends the serving: until then nothing must say that the bot runs.
        await asyncio.wait({serving, stopping, contact}, return_when=asyncio.FIRST_COMPLETED)
        contact.cancel()
        if not (serving.done() or stopping.done()):
            _announce(app, say, message)
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if serving.done():
            await serving
        log.info("stopping")


async def _first_contact(app: App) -> None:
    """Wait until Telegram has answered, or `PATIENCE` is over."""
    await app.connectivity.begun.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await app.connectivity.attempted.wait()


def _announce(app: App, say: Say, message: str) -> None:
    say(f"{message}\nPress Ctrl+C to stop it.")
    log.info("started", flows=dict(app.flow_versions.flows.versions))
    if not app.publish_commands_to:
        log.warning("no_owners")
    notify_ready()
    # Classes, models and flows stay for good: collecting among them again and again would delay updates.
    gc.freeze()


def _reason(error: OSError) -> str:
    """Return the system's message, without what asyncio adds; name resolution has error numbers of its own."""
    known = error.errno is not None and error.errno > 0
    return os.strerror(error.errno or 0) if known else error.strerror or str(error)
