"""The webhook's other side: updates are brought to the bot as Telegram brings them.

https://core.telegram.org/bots/api#setwebhook and the Bot API server's own source: messages of one chat come one after
the other, the next once the one before was answered with 2xx; presses come side by side. What is answered otherwise,
or not at all, comes again after a pause, which `Retry-After` may name.

The emulator calls nobody on the internet: an address is reached where `doors` says that it is served.
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

PATIENCE = 60.0
"""Seconds that an answer may take."""
SHORTEST_PAUSE = 0.1
"""Seconds before the second try; doubled each time. Telegram's own pauses begin with a second."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries at most, unless the bot asks for more."""


@dataclass(frozen=True, slots=True)
class Hook:
    """What `setWebhook` was called with."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass(slots=True)
class Failure:
    """The last try that failed."""

    at: float
    words: str


@dataclass(slots=True)
class Poster:
    """Brings the updates of a queue to the address of a hook, while there is one."""

    updates: UpdateQueue
    clock: Callable[[], float]
    hook: Hook | None = None
    doors: dict[str, list[str]] = field(default_factory=dict)
    """Where each public address is served, as `https://host` → `http://127.0.0.1:port`; several take turns."""
    failure: Failure | None = None
    _turn: count[int] = field(default_factory=count)
    _busy: set[Hashable] = field(default_factory=set)
    _posts: set[asyncio.Task[None]] = field(default_factory=set)
    _session: ClientSession | None = None

    def set(self, hook: Hook | None) -> None:
        """Bring updates to another address from now on, or to none."""
        self.hook = hook
        self.failure = None
        self.post()

    def post(self) -> None:
        """Bring what may go now; to be called whenever an update came, or went."""
        if self.hook is None or not self.doors:
            return
        for update in self.updates.pending:
            if len(self._posts) >= self.hook.max_connections:
                return
            line = _line(update)
            if line not in self._busy:
                self._busy.add(line)
                post = asyncio.get_running_loop().create_task(self._bring(update, line))
                self._posts.add(post)
                post.add_done_callback(self._brought)

    async def close(self) -> None:
        """Bring nothing more."""
        self.hook = None
        posts = {*self._posts}
        for post in posts:
            post.cancel()
        if posts:
            await asyncio.wait(posts)
        if self._session:
            await self._session.close()
            self._session = None

    def _brought(self, post: asyncio.Task[None]) -> None:
        self._posts.discard(post)
        if not post.cancelled():
            self.post()

    async def _bring(self, update: dict[str, Any], line: Hashable) -> None:
        pause = SHORTEST_PAUSE
        while self.hook and self.updates.has(update):
            asked = await self._try(self.hook, update)
            if asked is None:
                self.updates.forget(update)
            else:
                await asyncio.sleep(asked or pause)
                pause = min(LONGEST_PAUSE, pause * 2)
        self._busy.discard(line)

    async def _try(self, hook: Hook, update: dict[str, Any]) -> float | None:
        """Bring an update once; return None where it was taken, else the pause asked for, 0 for any."""
        try:
            async with self._client.post(self._door(hook), json=update, headers=_headers(hook)) as response:
                if response.ok:
                    return None
                words = f"Wrong response from the webhook: {response.status} {response.reason}"
                asked = response.headers.get("Retry-After", "")
        except (ClientError, OSError, TimeoutError) as error:
            words, asked = f"Connection failed: {type(error).__name__}", ""
        self.failure = Failure(self.clock(), words)
        return float(asked) if asked.isdecimal() else 0.0

    @property
    def _client(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=PATIENCE))
        return self._session

    def _door(self, hook: Hook) -> str:
        address = urlsplit(hook.url)
        served = self.doors.get(f"https://{address.netloc}")
        if not served:
            raise OSError("no door")
        return served[next(self._turn) % len(served)] + (address.path or "/")


def _headers(hook: Hook) -> dict[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}


def _line(update: dict[str, Any]) -> Hashable:
    """Return what updates have in common that come one after the other."""
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        if isinstance(message, dict) and isinstance(message.get("chat"), dict):
            return str(message["chat"].get("id"))
    return int(update["update_id"])
