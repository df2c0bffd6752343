"""Runs units of work, that is plain synchronous functions of one transaction, on either database.

On PostgreSQL each unit of work runs in a greenlet over asyncpg, many of them concurrently. On SQLite, which allows one
writer at a time anyway, they run one after the other on one thread with the standard driver; those that are queued at
the same time share a commit.
"""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from sqlalchemy.util import greenlet_spawn

from storage.database import listen_notify
from storage.database.attempts import REPEATS, Retry, run_alone
from storage.database.driver import begin_on_asyncpg
from storage.database.engines import postgresql_engine, sqlite_engine
from storage.database.errors import StorageUnavailable
from storage.database.sqlite_writer import SqliteWriter
from storage.database.transaction import Transaction
from storage.database.url import Urls, normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Engine

__all__ = ["REPEATS", "Runner", "Transaction", "open_runner"]

T = TypeVar("T")

PAUSE_SECONDS = 0.01
"""The pause before the first retry; twice and three times as long before the next ones."""

QUIET_SECONDS = 5.0
"""How long nothing must have failed for a database to count as back: on a full disk reads still succeed."""

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """Read the system clock."""
    return datetime.now(UTC)


class Runner(ABC):
    """Runs one unit of work per transaction on one database.

    `worker` is a random number that identifies this process among those that share the database; leases carry it.
    `committed` is called after each commit with the seconds it took, on any thread.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime], committed: Callable[[float], None]) -> None:
        self.engine = engine
        self.worker = secrets.randbelow(2**31 - 1) + 1
        self._clock = clock
        self._committed = committed
        self._away_since: float | None = None
        self._failed_at = 0.0
        self._running: set[asyncio.Future[Any]] = set()
        self._subscribers: list[tuple[str, Callable[[], None]]] = []

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Call `work` in a transaction, commit, and pass its signals on; return what `work` returned.

        Whatever `work` raises rolls the transaction back and is raised here. `work` may run several times (after a
        deadlock, a lost race, a dropped connection), so it must have no effects outside of its transaction. It runs to
        its end even when the caller is cancelled. StorageUnavailable when the database cannot be reached.
        """
        unit = self._start(work)
        self._running.add(unit)
        unit.add_done_callback(self._ended)
        return await asyncio.shield(unit)

    def subscribe(self, signal: str, callback: Callable[[], None]) -> None:
        """Call `callback` on the event loop after every commit with this signal, in this process or in another one."""
        self._subscribers.append((signal, callback))

    def on_notify(self, names: Collection[str]) -> None:
        """Call the subscribers of these signals."""
        for signal, callback in self._subscribers:
            if signal in names:
                callback()

    @abstractmethod
    async def listen(self, ready: asyncio.Event) -> None:
        """Receive the signals of other processes, and hold the lock that shows this one alive, until cancelled.

        Sets `ready` once both work. Waits for a database that cannot be reached instead of raising.
        """

    async def close(self) -> None:
        """Wait for the running units of work, then close every connection; closing twice does no harm."""
        if self._running:
            await asyncio.wait(self._running)
        await self._dispose()

    def _ended(self, unit: asyncio.Future[Any]) -> None:
        self._running.discard(unit)
        if not unit.cancelled():
            # Retrieved even where the caller was cancelled: asyncio logs an exception that nobody has retrieved.
            self._log_availability(unit.exception())

    def _log_availability(self, error: BaseException | None) -> None:
        """Log once when the database goes and once when it is back, however many units of work fail meanwhile."""
        now = monotonic()
        if isinstance(error, StorageUnavailable):
            self._failed_at = now
            if self._away_since is None:
                self._away_since = now
                log.warning("database_away", reason=type(error.__cause__).__name__)
        elif self._away_since is not None and now - self._failed_at > QUIET_SECONDS:
            log.warning("database_back", seconds=round(self._failed_at - self._away_since, 1))
            self._away_since = None

    @abstractmethod
    def _start(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        """Start a unit of work without blocking the event loop."""

    @abstractmethod
    async def _dispose(self) -> None:
        """Close the engine and its thread, where it has one."""


class _PostgresqlRunner(Runner):
    def __init__(self, urls: Urls, clock: Callable[[], datetime], committed: Callable[[float], None]) -> None:
        self._async_engine = postgresql_engine(urls, isolation_level="AUTOCOMMIT")
        begin_on_asyncpg(self._async_engine.sync_engine)
        super().__init__(self._async_engine.sync_engine, clock, committed)

    def _start(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        return asyncio.ensure_future(self._complete(work))

    async def _complete(self, work: Callable[[Transaction], T]) -> T:
        attempt = 1
        while True:
            try:
                # One greenlet for connecting, working and committing is a tenth faster than AsyncConnection.run_sync.
                attempt_once = partial(run_alone, self.engine, self._clock, work, self.worker, attempt)
                result, signals, took = await greenlet_spawn(attempt_once)
            except Retry as retry:
                log.info("unit_repeated", attempt=attempt, reason=str(retry))
                # The transaction that won needs a moment to commit.
                await asyncio.sleep(PAUSE_SECONDS * attempt)
                attempt += 1
            else:
                if took is not None:
                    self._committed(took)
                self.on_notify(signals)
                return result

    async def listen(self, ready: asyncio.Event) -> None:
        await listen_notify.listen(self._async_engine, self.worker, self.on_notify, ready)

    async def _dispose(self) -> None:
        await self._async_engine.dispose()


class _SqliteRunner(Runner):
    def __init__(
        self, urls: Urls, clock: Callable[[], datetime], committed: Callable[[float], None], *, durable: bool
    ) -> None:
        super().__init__(sqlite_engine(urls, durable=durable), clock, committed)
        self._writer = SqliteWriter(self.engine, clock, self.worker, self.on_notify, committed)

    def _start(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        return self._writer.submit(asyncio.get_running_loop(), work)

    async def listen(self, ready: asyncio.Event) -> None:
        # No other process works on the file, except a command now and then; what that changed is found by polling.
        ready.set()

    async def _dispose(self) -> None:
        self._writer.close()
        self.engine.dispose()


def open_runner(
    url: str,
    clock: Callable[[], datetime] = utc_now,
    committed: Callable[[float], None] = lambda _: None,
    *,
    durable: bool = True,
) -> Runner:
    """Build the runner for a database URL; it connects with the first unit of work.

    `clock` returns aware UTC times and is read once per transaction; `committed` is called with the seconds of each
    commit. A SQLite file that need not be `durable` is written without waiting for the disk.
    ValueError when `url` is not understood.
    """
    urls = normalise(url)
    if urls.is_sqlite:
        return _SqliteRunner(urls, clock, committed, durable=durable)
    return _PostgresqlRunner(urls, clock, committed)
