"""This project: every screen and answer delivered through the fake Telegram.

The flows are those of `bench/flows`, a copy that stays as it is, so that figures of different days compare.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.contender import TOKEN, Contender
from bench.telegram import FakeTelegram
from bot.app import build_app
from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import load_flows
from storage.records import lists

FROZEN_FLOWS = Path(__file__).parent / "flows"


class Ours(Contender):
    """The bot as it runs, rate limits aside: they are there to be slow."""

    def __init__(self, name: str, database_url: str) -> None:
        telegram = FakeTelegram()
        flows = load_flows(FROZEN_FLOWS, build_hooks(), ZoneInfo("Europe/Moscow"))
        self.app = build_app(flows, token=TOKEN, database_url=database_url, session=telegram)
        self._delivering: asyncio.Task[None] | None = None
        super().__init__(name, "every step", self.app.bot, self.app.dispatcher, telegram)

    async def begin(self) -> None:
        """Start the delivery."""
        self._delivering = asyncio.create_task(self.app.delivery.run())

    async def finish(self) -> None:
        """Deliver what is still due."""
        if self._delivering:
            self._delivering.cancel()
            with suppress(asyncio.CancelledError):
                await self._delivering
        await self.app.finish()

    async def filed(self) -> int:
        """Count the requests in the database."""
        counted = await self.app.runner.run(lists.counts)
        return sum(counted.values())

    async def close(self) -> None:
        """Let go of the database."""
        await self.app.close()
