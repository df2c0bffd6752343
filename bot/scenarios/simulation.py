"""A bot and its Telegram in one process, for as long as somebody plays with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.app import App, build_app
from bot.emulator.session import EmulatorSession
from bot.emulator.telegram import Emulator
from bot.scenarios.clock import ManualClock
from storage.dialogs import timers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from aiogram.client.session.base import BaseSession

    from engine.compiled import CompiledFlows
    from engine.running.context import Trace


@dataclass
class Simulation:
    """A bot on its database, and people who talk to it through the emulator; time stands still unless it is moved.

    `url` names a migrated database, `owners` are managers by Telegram's ids.
    """

    url: str
    flows: CompiledFlows
    trace: Trace = None
    clock: ManualClock = field(default_factory=ManualClock)
    emulator: Emulator = field(init=False)
    session: Callable[[Emulator], BaseSession] = EmulatorSession
    owners: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.emulator = Emulator(clock=self._seconds)
        self.app = self._app()

    def _seconds(self) -> float:
        return self.clock.now.timestamp()

    def _app(self) -> App:
        return build_app(
            self.flows,
            token=self.emulator.token,
            database_url=self.url,
            owners=self.owners,
            session=self.session(self.emulator),
            clock=self.clock,
            trace=self.trace,
            durable=False,
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """Return what else the bot is built with."""
        return {"tell_owners": False}

    async def until_idle(self) -> None:
        """Handle every update, let time do what is due, and deliver every message there is to deliver."""
        while await self.app.poller.poll(timeout=0):
            await self.app.handlers.drain()
            await self.app.delivery.flush()
        await self.app.timekeeper.flush()
        await self.app.delivery.flush()

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, and everything happen that is due meanwhile, each at its moment."""
        end, before = self.clock.now + span, None
        while (due := await self._next_due()) and due <= end and due != before:
            self.clock.now, before = max(self.clock.now, due), due
            await self.until_idle()
        self.clock.now = end
        await self.until_idle()

    async def _next_due(self) -> datetime | None:
        return await self.app.runner.run(lambda tx: timers.next_due_at(tx, self.app.bot.id))

    async def restart(self, flows: CompiledFlows | None = None) -> None:
        """Stop the bot and start it again on the same database, with other flows if given."""
        await self.app.close()
        self.flows = flows or self.flows
        self.app = self._app()

    async def redeliver(self) -> None:
        """Bring the bot the newest update once more, as Telegram does where its confirmation was lost."""
        if self.emulator.updates.newest:
            await self.app.poller.handle([self.emulator.updates.newest])
        await self.until_idle()
