"""What people have on their screens, followed by the stand's events."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientSession, ClientTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.emulator.client import EmulatorClient


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message as it stands now."""

    id: int
    by_bot: bool
    text: str
    labels: tuple[str, ...]


GLANCE = 200
"""Messages that somebody looks back at."""


@dataclass
class Chat:
    """One private chat; `toasts` are the answers to presses, in order."""

    person_id: int
    messages: dict[int, Receipt] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    _with_label: dict[str, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def newest(self) -> Iterator[Receipt]:
        """The bot's latest messages, the newest first."""
        return (message for message in islice(reversed(self.messages.values()), GLANCE) if message.by_bot)

    def newest_with(self, label: str) -> Receipt | None:
        """The newest message, however old, that has this button."""
        found = next(reversed(self._with_label[label]), None)
        return None if found is None else self.messages[found]

    def hear(self, event: dict[str, Any]) -> None:
        """Take an event of the stand in."""
        if event["what"] == "answered":
            self.toasts.append(event["press"]["text"])
        elif message := event.get("message"):
            labels = tuple(button["text"] for row in message["rows"] for button in row)
            shown = Receipt(message["id"], message["by_bot"], message["text"], labels)
            self._keep(shown)
        self._changed.set()

    def _keep(self, shown: Receipt) -> None:
        before = self.messages.get(shown.id)
        for label in before.labels if before else ():
            self._with_label[label].pop(shown.id, None)
        for label in shown.labels:
            self._with_label[label][shown.id] = None
        self.messages[shown.id] = shown

    async def waits(self, look: Callable[[], Any], seconds: float) -> Any:
        """Wait until there is something to see and return it, or what there is after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not (seen := look()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return look()
        return seen


class Chats:
    """The private chats of a stand."""

    def __init__(self, stand: EmulatorClient) -> None:
        self._stand = stand
        self._chats: dict[int, Chat] = {}
        self._open = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        await self._open.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        await asyncio.wait({self._listening})

    def of(self, person_id: int) -> Chat:
        """A person's chat."""
        return self._chats.setdefault(person_id, Chat(person_id))

    async def _listen(self) -> None:
        url = f"{self._stand.url}/control/events?whole"
        async with ClientSession(timeout=ClientTimeout(total=None)) as session, session.get(url) as response:
            self._open.set()
            async for line in response.content:
                if line.startswith(b"data: "):
                    event = json.loads(line.removeprefix(b"data: "))
                    self.of(event["chat"]).hear(event)
