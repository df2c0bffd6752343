"""The webhook: Telegram posts updates, and is answered 200 only after their commit.

https://core.telegram.org/bots/api#setwebhook: an update that is not answered with 2xx is posted again, for a day.
Telegram posts the next message of a chat only after the one before was accepted, so that several processes behind one
address keep the order of a chat.
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import WebhookInfo
from aiohttp import web

from bot.ingress.dispatcher import ALLOWED_UPDATES
from bot.ingress.update_processor import UpdateProcessor
from bot.telegram.connectivity import Connectivity
from bot.telegram.retrying import retry_call
from storage.database.errors import StorageUnavailable

AUTH_HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""The header by which Telegram proves that it is the caller."""
DEADLINE = 50.0
"""Seconds after which an update is answered with 503, to be posted again: Telegram hangs up after sixty."""
MOST_WAITING = 100
"""Updates in progress at most; further ones are to be posted again, instead of piling up in memory."""
CONNECTIONS = 100
"""How many updates Telegram posts at once, to all processes together; it allows no more."""
WATCH = 60.0
"""Seconds between two checks that Telegram still has our address."""
RECENT = 120.0
"""Seconds for which an error that Telegram reports counts: it retries, and reports again, far more often."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """The URL to which Telegram posts updates, and the secret that it sends along."""

    url: str
    secret: str

    @classmethod
    def of(cls, url: str, secret: str | None, token: str) -> "Address":
        """Return the address; without a secret, with one derived from the token, the same in every process."""
        derived = hmac.new(token.encode(), b"zavhoz webhook", hashlib.sha256).hexdigest()
        return cls(url, secret or derived)

    @property
    def path(self) -> str:
        """The part of the address that this server answers at."""
        return urlsplit(self.url).path or "/"


class WebhookRefusedError(Exception):
    """Telegram refuses the address; the message is its reason."""


class Webhook:
    """Processes updates as they arrive: in order within a conversation, conversations concurrently."""

    def __init__(
        self,
        bot: Bot,
        processor: UpdateProcessor,
        address: Address,
        connectivity: Connectivity,
        *,
        most: int = MOST_WAITING,
        deadline: float = DEADLINE,
        watch: float = WATCH,
    ) -> None:
        self._bot = bot
        self._processor = processor
        self._address = address
        self._connectivity = connectivity
        self._most = most
        self._deadline = deadline
        self._watch = watch
        self._in_progress: set[asyncio.Task[None]] = set()
        self._queued: set[asyncio.Task[None]] = set()
        self._draining = False

    @property
    def route(self) -> web.RouteDef:
        """The route that Telegram calls."""
        return web.post(self._address.path, self.receive)

    async def run(self) -> NoReturn:
        """Register the address with Telegram, and check it until cancelled; it is left in place for other processes.

        Raises WebhookRefusedError when Telegram refuses the address, TelegramUnauthorizedError or
        TelegramNotFound when the token is not a bot's.
        """
        try:
            await retry_call(self._register, "webhook", self._connectivity.failed)
        except TelegramBadRequest as error:
            raise WebhookRefusedError(error.message) from error
        while True:
            await asyncio.sleep(self._watch)
            await self.check()

    async def check(self) -> None:
        """Register the address again where it was replaced, and note the errors that Telegram reports."""
        try:
            info = await self._bot.get_webhook_info()
            if info.url != self._address.url:
                log.warning("webhook_was_replaced")
                await self._register()
                # The errors that it reports are about the other address.
                return
        except TelegramAPIError as error:
            log.warning("webhook_not_checked", reason=type(error).__name__)
            return
        self._connectivity.answered()
        self._note(info)

    def _note(self, info: WebhookInfo) -> None:
        """Note whether Telegram can post what it holds; an error of long ago, or from before its last call, is over.

        That nothing was posted proves nothing: beside other processes this one may never be called.
        """
        waiting, uncalled = info.pending_update_count, self._connectivity.since_called
        failed = (datetime.now(UTC) - info.last_error_date).total_seconds() if info.last_error_date else None
        is_recent = failed is not None and failed < RECENT and (uncalled is None or failed < uncalled)
        fails = waiting and is_recent
        self._connectivity.webhook_error = (info.last_error_message or "without a reason") if fails else None
        if fails:
            log.warning("webhook_fails", reason=info.last_error_message, waiting=waiting)

    async def drain(self) -> None:
        """Accept no more updates and wait for those in progress."""
        self._draining = True
        while self._in_progress:
            await asyncio.wait(self._in_progress)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one call: 200 once the update is committed or quarantined, 503 where it is to be posted again."""
        secret = request.headers.get(AUTH_HEADER, "")
        if not hmac.compare_digest(secret.encode("utf-8", "surrogateescape"), self._address.secret.encode()):
            raise web.HTTPForbidden
        self._connectivity.called()
        raw = _read(await request.read())
        is_full = self._draining or len(self._in_progress) >= self._most
        return _retry_after(1) if is_full else await self._accept(raw)

    async def _accept(self, raw: Any) -> web.Response:
        processing = asyncio.create_task(self._process(raw))
        self._in_progress.add(processing)
        self._queued.add(processing)
        processing.add_done_callback(self._ended)
        # A task of its own: should Telegram hang up, it goes on. The update is posted again then, and known by its id.
        if not (await asyncio.wait({processing}, timeout=self._deadline))[0]:
            log.warning("update_too_slow", seconds=self._deadline)
            if processing in self._queued:
                # It has not begun, so that the next post may be handled instead.
                processing.cancel()
            return _retry_after(1)
        try:
            processing.result()
        except StorageUnavailable:
            return _retry_after(5)
        return web.Response()

    async def _process(self, raw: Any) -> None:
        arrived = self._processor.now()
        async with self._processor.lock_of(raw):
            self._queued.discard(asyncio.current_task())
            await self._processor.process(raw, arrived)

    def _ended(self, processing: asyncio.Task[None]) -> None:
        self._in_progress.discard(processing)
        self._queued.discard(processing)
        if not processing.cancelled():
            # Retrieved even where Telegram was answered 503 already: asyncio would log it as never retrieved otherwise.
            processing.exception()

    async def _register(self) -> None:
        await self._bot.set_webhook(
            self._address.url,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=self._address.secret,
            max_connections=CONNECTIONS,
        )
        self._connectivity.answered()
        log.info("webhook_set")


def _read(body: bytes) -> Any:
    """Return the JSON value of a body; anything else as text, which is quarantined: refused, it would come for ever."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _retry_after(seconds: int) -> web.Response:
    """Return the answer on which Telegram posts an update again, after so many seconds."""
    return web.Response(status=503, headers={"Retry-After": str(seconds)})
