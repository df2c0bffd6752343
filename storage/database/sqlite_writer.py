"""The one writer thread of a SQLite file: units that wait at the same time are committed together.

Waiting for the disk is most of what a commit costs, and it costs the same for one unit and for many.
"""

from __future__ import annotations

import threading
from collections import deque
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING, Any

from storage.database.attempts import as_reported, carry_out
from storage.database.transaction import Transaction

if TYPE_CHECKING:
    import asyncio
    import sqlite3
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, RootTransaction

TOGETHER = 32
"""Units in one transaction at most, so that the first of them does not wait long for its commit."""


@dataclass(slots=True)
class Unit:
    """A unit of work on its way; `outcome` belongs to the event loop, all else to the writer.

    It runs in the `context` of whoever gave it, as if there were no other thread.
    """

    work: Callable[[Transaction], Any]
    outcome: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None
    signals: set[str] = field(default_factory=set)
    context: Context = field(default_factory=copy_context)


class SqliteWriter:
    """Runs units in the order they were given; a failing one is undone alone.

    No unit is told of its success before the commit that it shares.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        worker: int,
        on_notify: Callable[[Collection[str]], None],
        committed: Callable[[float], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._worker = worker
        self._on_notify = on_notify
        self._committed = committed
        self._submitted: SimpleQueue[Unit | None] = SimpleQueue()
        self._retries: deque[Unit] = deque()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)

    def submit(self, loop: asyncio.AbstractEventLoop, work: Callable[[Transaction], Any]) -> asyncio.Future[Any]:
        """Give a unit to the thread; the future, of the event loop `loop`, becomes its result or its error."""
        if not self._thread.ident:
            self._thread.start()
        unit = Unit(work, loop.create_future())
        self._submitted.put(unit)
        return unit.outcome

    def close(self) -> None:
        """End the thread; units that were given before are run first."""
        if self._thread.is_alive():
            self._submitted.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (unit := self._next(wait=True)) is not None:
            done: list[Unit] = []
            try:
                self._transaction(unit, done)
            except Exception as error:
                # Nobody's own fault: the transaction could not begin, or not be committed.
                for each in done or [unit]:
                    each.error = each.error or as_reported(error, connecting=not done)
            self._publish(done or [unit])

    def _next(self, *, wait: bool) -> Unit | None:
        """Return the next unit; None at the end, and where none is there and it is not worth waiting for."""
        if self._retries:
            return self._retries.popleft()
        try:
            unit = self._submitted.get(block=wait)
        except Empty:
            return None
        if unit is None and not wait:
            # The end is for the outer loop to see.
            self._submitted.put(None)
        return unit

    def _transaction(self, first: Unit, done: list[Unit]) -> None:
        """Run `first` and whatever waits by then; `done` are those that share the commit, or failed before it."""
        with self._engine.connect() as connection, connection.begin() as begun:
            unit: Unit | None = first
            while unit is not None:
                # Before its first statement: whatever comes, it is told of it.
                done.append(unit)
                self._carry_out(connection, unit)
                if _is_lost(connection, begun):
                    self._retries.extend(each for each in done if each.error is None and each is not unit)
                    done[:] = [each for each in done if each.error or each is unit]
                    return
                unit = self._next(wait=False) if len(done) < TOGETHER else None
            since = perf_counter()
            _commit(connection, begun)
            self._committed(perf_counter() - since)

    def _carry_out(self, connection: Connection, unit: Unit) -> None:
        driver = _driver(connection)
        # Past SQLAlchemy: its savepoints cost as much as a statement with rows.
        driver.execute("SAVEPOINT unit")
        try:
            transaction = Transaction(connection, self._clock(), self._worker)
            unit.result = unit.context.run(carry_out, transaction, unit.work)
            unit.signals = transaction.signals
            if driver.in_transaction:
                # Refused where the unit left a statement half read.
                driver.execute("RELEASE unit")
        except Exception as error:
            unit.error = as_reported(error)
            if driver.in_transaction:
                driver.execute("ROLLBACK TO unit")
                driver.execute("RELEASE unit")

    def _publish(self, units: Iterable[Unit]) -> None:
        loops = {unit.outcome.get_loop() for unit in units}
        for loop in loops:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._resolve, [unit for unit in units if unit.outcome.get_loop() is loop])

    def _resolve(self, units: Iterable[Unit]) -> None:
        """Tell the event loop what became of units; what they signal is passed on once for all of them."""
        for unit in units:
            if unit.error is not None:
                unit.outcome.set_exception(unit.error)
            else:
                unit.outcome.set_result(unit.result)
        self._on_notify(set().union(*(unit.signals for unit in units if unit.error is None)))


def _is_lost(connection: Connection, begun: RootTransaction) -> bool:
    """Tell whether a failing unit took the whole transaction with it: a full disk does, a session's rollback too."""
    return not begun.is_active or not _driver(connection).in_transaction


def _commit(connection: Connection, begun: RootTransaction) -> None:
    driver = _driver(connection)
    try:
        begun.commit()
    except Exception:
        # SQLAlchemy takes it for ended, SQLite may not: the next one could never begin.
        driver.rollback()
        raise


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment] # sqlite3's, here
    return driver
