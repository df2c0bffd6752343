"""Webhook delivery: updates are POSTed to the bot's address in the order and with the retries that Telegram has.

https://core.telegram.org/bots/api#setwebhook, and the Bot API server's own source for what is not documented there:

- Messages of one chat are delivered one at a time: the next is sent once the one before was answered with 2xx. A bot
  with a webhook may rely on that order, so a retry holds up its own chat, and no other.
- Everything else, callback queries above all, has no order: each update is sent at once, up to `max_connections`.
- An update that is answered otherwise, or not at all, is sent again after a delay, which `Retry-After` may name.

The emulator sends nothing to the internet: a public address is reached through `upstreams` only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from bot.emulator.updates import UpdateQueue

ANSWER_TIMEOUT = 60.0
"""Seconds that an answer may take."""
FIRST_DELAY = 0.1
"""Seconds before the first retry; doubled with each further one. Telegram's own delays begin with a second."""
MAX_DELAY = 5.0
"""Seconds between two attempts at most, unless the bot asks for more."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What `setWebhook` was called with."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """The last attempt that failed: when, in seconds since the epoch, and why, in Telegram's words."""

    at: float
    reason: str


@dataclass(slots=True)
class WebhookDelivery:
    """Delivers the updates of a queue to the webhook, while one is set."""

    updates: UpdateQueue
    clock: Callable[[], float]
    settings: WebhookSettings | None = None
    upstreams: dict[str, list[str]] = field(default_factory=dict)
    """Who serves a public address, `https://host` → `["http://127.0.0.1:port", …]`, in rotation: the reverse proxy."""
    failure: FailedAttempt | None = None
    _rotation: count[int] = field(default_factory=count)
    _in_flight: set[Hashable] = field(default_factory=set)
    """The ordering keys of the updates being delivered: another update with the same key has to wait."""
    _deliveries: set[asyncio.Task[None]] = field(default_factory=set)
    _session: ClientSession | None = None

    def set(self, settings: WebhookSettings | None) -> None:
        """Deliver to another address from now on, or to none."""
        self.settings = settings
        self.failure = None
        self.deliver()

    def deliver(self) -> None:
        """Begin to deliver every pending update that need not wait; to be called when an update came or was taken."""
        if self.settings is None or not self.upstreams:
            return
        for update in self.updates.pending:
            if len(self._deliveries) >= self.settings.max_connections:
                return
            key = _ordering_key(update)
            if key not in self._in_flight:
                self._in_flight.add(key)
                delivery = asyncio.get_running_loop().create_task(self._deliver(update, key))
                self._deliveries.add(delivery)
                delivery.add_done_callback(self._delivered)

    async def close(self) -> None:
        """Forget the webhook and cancel what is being delivered."""
        self.settings = None
        deliveries = {*self._deliveries}
        for delivery in deliveries:
            delivery.cancel()
        if deliveries:
            await asyncio.wait(deliveries)
        if self._session:
            await self._session.close()
            self._session = None

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        if not delivery.cancelled():
            self.deliver()

    async def _deliver(self, update: dict[str, Any], key: Hashable) -> None:
        """Attempt until the bot takes the update, or it is dropped, as `deleteWebhook` may do."""
        delay = FIRST_DELAY
        while self.settings and self.updates.is_pending(update):
            retry_after = await self._attempt(self.settings, update)
            if retry_after is None:
                self.updates.confirm(update)
            else:
                await asyncio.sleep(retry_after or delay)
                delay = min(MAX_DELAY, delay * 2)
        self._in_flight.discard(key)

    async def _attempt(self, settings: WebhookSettings, update: dict[str, Any]) -> float | None:
        """Send an update once; return None where the bot took it, else the seconds it asks to wait, 0 for any."""
        try:
            url, headers = self._upstream(settings), _headers(settings)
            async with self._client.post(url, json=update, headers=headers) as response:
                if response.ok:
                    return None
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                retry_after = response.headers.get("Retry-After", "")
        except (ClientError, OSError, TimeoutError) as error:
            reason, retry_after = f"Connection failed: {type(error).__name__}", ""
        self.failure = FailedAttempt(self.clock(), reason)
        return float(retry_after) if retry_after.isdecimal() else 0.0

    @property
    def _client(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=ANSWER_TIMEOUT))
        return self._session

    def _upstream(self, settings: WebhookSettings) -> str:
        address = urlsplit(settings.url)
        servers = self.upstreams.get(f"https://{address.netloc}")
        if not servers:
            raise OSError("no upstream")
        return servers[next(self._rotation) % len(servers)] + (address.path or "/")


def _headers(settings: WebhookSettings) -> dict[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": settings.secret} if settings.secret else {}


def _ordering_key(update: dict[str, Any]) -> Hashable:
    """Return what updates that must keep their order have in common: the chat of messages and edits, else nothing."""
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        if isinstance(message, dict) and isinstance(message.get("chat"), dict):
            return str(message["chat"].get("id"))
    return int(update["update_id"])
