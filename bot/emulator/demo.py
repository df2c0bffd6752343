"""The local chat page behind a bot without a token: an emulator whose chats are kept beside the demo's database."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from bot.emulator.chat_store import ChatStore
from bot.emulator.server import serve
from bot.emulator.session import EmulatorSession
from bot.emulator.shifted_clock import ShiftedClock
from bot.emulator.standalone import MANAGER_IDS, add_default_people
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

    from bot.web.listening import Listening

DEMO_DATABASE = "sqlite:///zavhoz-demo.db"
"""A database of its own, so that a later token never sends demo messages to real people."""
DEMO_CHATS = Path("zavhoz-demo")
"""The folder of the chats. Without it the bot is a new one to its database, and nothing old collides."""


class Demo:
    """An emulator in this process with a teacher, a manager and the people who are added on the page."""

    managers = frozenset(MANAGER_IDS)
    """The ids of managers, also of those added on the page later."""

    def __init__(self, folder: Path = DEMO_CHATS) -> None:
        self.clock = ShiftedClock(folder / "clock")
        self.emulator = Emulator(_token(10**9 + secrets.randbelow(9 * 10**9)), clock=self.clock.seconds)
        self._store = ChatStore(self.emulator, folder)
        self.emulator.token = _token(self.emulator.bot.id)
        add_default_people(self.emulator)
        self.session = EmulatorSession(self.emulator)
        self._server: Listening | None = None

    @property
    def people(self) -> frozenset[int]:
        """The managers there are now."""
        return self.managers & self.emulator.people.keys()

    async def open(self, host: str, port: int, routes: Iterable[web.RouteDef] = ()) -> str:
        """Serve the chat page, beside other `routes`, and return its address; port 0 takes a free one.

        Raises OSError for a taken port.
        """
        self._server = await serve(self.emulator, host, port, routes)
        return self._server.url

    async def close(self) -> None:
        """Stop serving and keep the chats."""
        if self._server:
            await self._server.close()
        self._store.close()


def _token(bot_id: int) -> str:
    return f"{bot_id}:AAlocal-chat-page-token-of-zavhoz-0000"
