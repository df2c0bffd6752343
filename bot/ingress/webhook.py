"""The webhook: Telegram brings updates itself, and is told 200 only after their commit.

https://core.telegram.org/bots/api#setwebhook: what is not answered with 2xx is brought again, for a day. Telegram
brings the next message of a chat only after the one before was taken, so that several processes behind one address
keep a chat's order.
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
from bot.telegram.contact import Contact
from bot.telegram.insisting import insist
from storage.database.errors import StorageUnavailable

PROOF_HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""Where whoever calls shows the secret."""
DEADLINE = 50.0
"""Seconds after which an update is to be brought again: Telegram hangs up after sixty."""
MOST_WAITING = 100
"""Updates in hand at most; further ones are to be brought again, instead of piling up in memory."""
CONNECTIONS = 100
"""How many updates Telegram brings at once, to all processes together; it allows no more."""
WATCH = 60.0
"""Seconds between two looks at whether Telegram still has our address."""

RECENT = 120.0
"""Seconds for which a complaint of Telegram's counts: it tries again, and complains again, far more often."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram brings updates, and the word it shows there."""

    url: str
    secret: str

    @classmethod
    def of(cls, url: str, secret: str | None, token: str) -> "Address":
        """Return the address; without a secret, one that every process with this token comes to."""
        derived = hmac.new(token.encode(), b"zavhoz webhook", hashlib.sha256).hexdigest()
        return cls(url, secret or derived)

    @property
    def path(self) -> str:
        """The part of the address that this server answers at."""
        return urlsplit(self.url).path or "/"


class WebhookRefusedError(Exception):
    """Telegram does not take the address; the message is its reason."""


class Webhook:
    """Takes updates in the order in which they come: in a line for each conversation, conversations side by side."""

    def __init__(
        self,
        bot: Bot,
        processor: UpdateProcessor,
        address: Address,
        contact: Contact,
        *,
        most: int = MOST_WAITING,
        deadline: float = DEADLINE,
        watch: float = WATCH,
    ) -> None:
        self._bot = bot
        self._processor = processor
        self._address = address
        self._contact = contact
        self._most = most
        self._deadline = deadline
        self._watch = watch
        self._in_hand: set[asyncio.Task[None]] = set()
        self._queued: set[asyncio.Task[None]] = set()
        self._draining = False

    @property
    def route(self) -> web.RouteDef:
        """Where Telegram calls."""
        return web.post(self._address.path, self.receive)

    async def run(self) -> NoReturn:
        """Tell Telegram the address, and look after it until cancelled; it is left in place for other processes.

        Raises WebhookRefusedError when Telegram does not take the address, TelegramUnauthorizedError or
        TelegramNotFound when the token is not a bot's.
        """
        try:
            await insist(self._register, "webhook", self._contact.missed)
        except TelegramBadRequest as error:
            raise WebhookRefusedError(error.message) from error
        while True:
            await asyncio.sleep(self._watch)
            await self.look_after()

    async def look_after(self) -> None:
        """Put the address back where somebody took it away, and note what Telegram complains of."""
        try:
            info = await self._bot.get_webhook_info()
            if info.url != self._address.url:
                log.warning("webhook_was_replaced")
                await self._register()
                # What Telegram complains of was about the other address.
                return
        except TelegramAPIError as error:
            log.warning("webhook_not_checked", reason=type(error).__name__)
            return
        self._contact.made()
        self._note(info)

    def _note(self, info: WebhookInfo) -> None:
        """Note whether Telegram can bring what it holds; complaints of long ago, or before its last call, are over.

        A process that others stand beside may never be called, though all is well.
        """
        waiting, uncalled = info.pending_update_count, self._contact.uncalled
        failed = (datetime.now(UTC) - info.last_error_date).total_seconds() if info.last_error_date else None
        is_news = failed is not None and failed < RECENT and (uncalled is None or failed < uncalled)
        fails = waiting and is_news
        self._contact.trouble = (info.last_error_message or "without a reason") if fails else None
        if fails:
            log.warning("webhook_fails", reason=info.last_error_message, waiting=waiting)

    async def drain(self) -> None:
        """Take nothing more and wait for what is in hand."""
        self._draining = True
        while self._in_hand:
            await asyncio.wait(self._in_hand)

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one call: 200 once the update is committed or set aside, 503 where it is to be brought again."""
        given = request.headers.get(PROOF_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._address.secret.encode()):
            raise web.HTTPForbidden
        self._contact.called()
        raw = _read(await request.read())
        is_full = self._draining or len(self._in_hand) >= self._most
        return _again(1) if is_full else await self._take(raw)

    async def _take(self, raw: Any) -> web.Response:
        feeding = asyncio.create_task(self._process(raw))
        self._in_hand.add(feeding)
        self._queued.add(feeding)
        feeding.add_done_callback(self._ended)
        # Should Telegram hang up, what was begun goes on: it will be brought again, and be known by its id.
        if not (await asyncio.wait({feeding}, timeout=self._deadline))[0]:
            log.warning("update_too_slow", seconds=self._deadline)
            if feeding in self._queued:
                feeding.cancel()
            return _again(1)
        try:
            feeding.result()
        except StorageUnavailable:
            return _again(5)
        return web.Response()

    async def _process(self, raw: Any) -> None:
        arrived = self._processor.now()
        async with self._processor.lock_of(raw):
            self._queued.discard(asyncio.current_task())
            await self._processor.process(raw, arrived)

    def _ended(self, feeding: asyncio.Task[None]) -> None:
        self._in_hand.discard(feeding)
        self._queued.discard(feeding)
        if not feeding.cancelled():
            # Looked at even where Telegram was told to bring it again: asyncio would complain of it otherwise.
            feeding.exception()

    async def _register(self) -> None:
        await self._bot.set_webhook(
            self._address.url,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=self._address.secret,
            max_connections=CONNECTIONS,
        )
        self._contact.made()
        log.info("webhook_set")


def _read(body: bytes) -> Any:
    """Return the JSON value of a body; what is none comes as text: it is set aside, and not brought for ever."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _again(seconds: int) -> web.Response:
    """Return the answer on which Telegram brings an update again, after so many seconds."""
    return web.Response(status=503, headers={"Retry-After": str(seconds)})
