"""Record what Telegram took: it is recorded in the end, or a process that knows of it dies first."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.failures import log_failure
from storage import screens
from storage.errors import StorageUnavailable
from storage.runner import Runner
from storage.screens import Shown
from storage.transaction import Transaction

T = TypeVar("T")

TOGETHER = 100
"""Screens recorded in one transaction at most."""
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between two tries while the database cannot be reached."""

log = structlog.get_logger(__name__)


class Recorder:
    """Records deliveries: what was sent is not sent again because the database was away for a moment."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._news: list[tuple[Shown, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def surely(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work as soon as the database can be reached."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                return await self._runner.run(work)
            except StorageUnavailable:
                log.warning("delivery_not_recorded_yet", pause=pause)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def at_least(self, work: Callable[[Transaction], T], least: Callable[[Transaction], T]) -> T:
        """Run a unit of work, only the `least` of it where that fails: what was sent must not be sent again."""
        try:
            return await self.surely(work)
        except Exception as error:
            log_failure(log, "delivery_recorded_in_part", error)
            return await self.surely(least)

    async def shown(self, news: Shown) -> bool:
        """Record a screen, together with those that come meanwhile; tell whether it is still the newest."""
        recorded: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._news.append((news, recorded))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await recorded

    async def _write(self) -> None:
        while self._news:
            # In the order of their conversations: two that hold some and wait for others would wait for ever.
            batch, self._news = self._news[:TOGETHER], self._news[TOGETHER:]
            news = [each for each, _ in batch]
            try:
                newest = await self.surely(lambda tx, news=news: screens.mark_shown(tx, news))  # type: ignore[misc]
            except Exception as error:
                for _, recorded in batch:
                    if not recorded.done():
                        recorded.set_exception(error)
            else:
                for (_, recorded), is_newest in zip(batch, newest, strict=True):
                    if not recorded.done():
                        recorded.set_result(is_newest)
        self._writing = None
