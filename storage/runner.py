"""Runs units of work: plain synchronous functions of one transaction, on either database.

PostgreSQL runs each unit in a greenlet over asyncpg, many side by side. SQLite runs them one after the other
on one writer thread with the standard driver: one writer is what SQLite has anyway.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.util import greenlet_spawn

from storage.engines import postgresql_engine, sqlite_engine
from storage.errors import StorageUnavailable
from storage.failures import in_one_line, is_transient, is_unavailable
from storage.transaction import Transaction
from storage.url import Urls, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

__all__ = ["Runner", "Transaction", "open_runner"]

T = TypeVar("T")

REPEATS = 3
"""How often a unit is run again after a transient failure."""

PAUSE_SECONDS = 0.01
"""How long a unit waits before its first repeat; twice and three times as long before the next ones."""

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Read the system clock."""
    return datetime.now(UTC)


class Runner(ABC):
    """Runs one unit of work per transaction on one database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self._clock = clock
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Begin, call `work`, commit, call what it left for after the commit; return what `work` returned.

        Whatever `work` raises rolls everything back and is raised here. `work` may run several times (after a
        deadlock, a lost race, a dropped connection), so its only effects are those of its transaction. A unit
        that has begun runs to its end even when the caller is cancelled. StorageUnavailable when the database
        cannot be reached.
        """
        task = asyncio.ensure_future(self._complete(work))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the running units, then let go of every connection; closing twice does no harm."""
        if self._running:
            await asyncio.wait(self._running)
        await self._dispose()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Looked at even where the caller was cancelled: asyncio would complain of it otherwise.
            task.exception()

    async def _complete(self, work: Callable[[Transaction], T]) -> T:
        attempt = 1
        while True:
            try:
                result, callbacks = await self._hop(partial(_unit, self.engine, self._clock, work, attempt))
            except _Again as again:
                _log.info("unit of work is run again after attempt %d: %s", attempt, again)
                # The unit that won needs a moment to commit.
                await asyncio.sleep(PAUSE_SECONDS * attempt)
                attempt += 1
            else:
                _call_all(callbacks)
                return result

    @abstractmethod
    async def _hop(self, unit: Callable[[], T]) -> T:
        """Run synchronous database code where it may block."""

    @abstractmethod
    async def _dispose(self) -> None:
        """Close the engine and what runs it."""


class _PostgresqlRunner(Runner):
    def __init__(self, urls: Urls, clock: Callable[[], datetime]) -> None:
        self._async_engine = postgresql_engine(urls)
        super().__init__(self._async_engine.sync_engine, clock)

    async def _hop(self, unit: Callable[[], T]) -> T:
        # One greenlet for connecting, working and committing is a tenth faster than AsyncConnection.run_sync.
        return await greenlet_spawn(unit)

    async def _dispose(self) -> None:
        await self._async_engine.dispose()


class _SqliteRunner(Runner):
    def __init__(self, urls: Urls, clock: Callable[[], datetime]) -> None:
        super().__init__(sqlite_engine(urls), clock)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")

    async def _hop(self, unit: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, unit)

    async def _dispose(self) -> None:
        self._writer.shutdown()
        self.engine.dispose()


class _Again(Exception):  # noqa: N818 - a signal, not an error
    """The unit lost to another one; nothing of it was kept."""


def open_runner(url: str, clock: Callable[[], datetime] = utc_now) -> Runner:
    """Build the runner for a database URL; nothing is connected before the first unit.

    `clock` gives aware UTC times and is read once per transaction. ValueError when `url` is not understood.
    """
    urls = normalise(url)
    return _SqliteRunner(urls, clock) if urls.is_sqlite else _PostgresqlRunner(urls, clock)


def _unit(
    engine: Engine, clock: Callable[[], datetime], work: Callable[[Transaction], T], attempt: int
) -> tuple[T, list[Callable[[], None]]]:
    phase = "connecting"
    try:
        with engine.connect() as connection, connection.begin() as begun:
            phase = "working"
            transaction = Transaction(connection, clock())
            try:
                result = work(transaction)
                transaction.flush()
            finally:
                transaction.close()
            phase = "committing"
            begun.commit()
    except Exception as error:
        # A connection lost in the middle of COMMIT leaves its outcome open, so nothing is repeated then.
        if phase != "committing" and attempt <= REPEATS and is_transient(error):
            raise _Again(in_one_line(error)) from error
        if is_unavailable(error, connecting=phase == "connecting"):
            raise StorageUnavailable(in_one_line(error)) from error
        raise
    return result, transaction.callbacks


def _call_all(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            _log.exception("a callback failed after its commit")
