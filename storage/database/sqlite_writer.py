"""The writer thread of a SQLite file, with group commit: units of work that are queued together share a commit.

Most of a commit is waiting for the disk (`synchronous = FULL`), which takes as long for one unit of work as for many.
Each has a savepoint, so that one that fails is rolled back alone, and its result is published only after the commit.
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
"""At most so many units of work share a transaction, so that the first of them does not wait long for its commit."""


@dataclass(slots=True)
class Unit:
    """A queued unit of work; `outcome` belongs to the event loop, all else to the writer thread.

    It runs in the `context` of the task that submitted it, so that context variables work across the threads.
    """

    work: Callable[[Transaction], Any]
    outcome: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None
    signals: set[str] = field(default_factory=set)
    context: Context = field(default_factory=copy_context)


class SqliteWriter:
    """Runs units of work in the order they were submitted, up to `TOGETHER` in one transaction.

    A future is resolved only after the commit; one that fails is rolled back alone.
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
        """Queue a unit of work; return a future of the event loop `loop` for its result or its error."""
        if not self._thread.ident:
            self._thread.start()
        unit = Unit(work, loop.create_future())
        self._submitted.put(unit)
        return unit.outcome

    def close(self) -> None:
        """Run what is queued, then end the thread."""
        if self._thread.is_alive():
            self._submitted.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (unit := self._next(wait=True)) is not None:
            done: list[Unit] = []
            try:
                self._transaction(unit, done)
            except Exception as error:
                # The transaction could not begin or not be committed: none of the units is at fault, all have failed.
                for each in done or [unit]:
                    each.error = each.error or as_reported(error, connecting=not done)
            self._publish(done or [unit])

    def _next(self, *, wait: bool) -> Unit | None:
        """Return the next unit; None at the end, and, without `wait`, where the queue is empty."""
        if self._retries:
            return self._retries.popleft()
        try:
            unit = self._submitted.get(block=wait)
        except Empty:
            return None
        if unit is None and not wait:
            # The end is for `_run` to see, once this transaction is committed.
            self._submitted.put(None)
        return unit

    def _transaction(self, first: Unit, done: list[Unit]) -> None:
        """Run `first` and the units queued behind it in one transaction; `done` gets those whose outcome is known."""
        with self._engine.connect() as connection, connection.begin() as begun:
            unit: Unit | None = first
            while unit is not None:
                # Before its first statement, so that an error of the whole transaction is reported to it as well.
                done.append(unit)
                self._carry_out(connection, unit)
                if _is_lost(connection, begun):
                    # The failing unit keeps its error. Those that had succeeded before it were rolled back with the
                    # transaction, through no fault of theirs: they run again, in another one.
                    self._retries.extend(each for each in done if each.error is None and each is not unit)
                    done[:] = [each for each in done if each.error or each is unit]
                    return
                unit = self._next(wait=False) if len(done) < TOGETHER else None
            since = perf_counter()
            _commit(connection, begun)
            self._committed(perf_counter() - since)

    def _carry_out(self, connection: Connection, unit: Unit) -> None:
        driver = _driver(connection)
        # Directly on the driver: a savepoint of SQLAlchemy costs as much as a statement with rows.
        driver.execute("SAVEPOINT unit")
        try:
            transaction = Transaction(connection, self._clock(), self._worker)
            unit.result = unit.context.run(carry_out, transaction, unit.work)
            unit.signals = transaction.signals
            if driver.in_transaction:
                # SQLite refuses this where the unit left a statement half read.
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
        """Resolve the futures on their event loop, and pass the signals of all units on at once."""
        for unit in units:
            if unit.error is not None:
                unit.outcome.set_exception(unit.error)
            else:
                unit.outcome.set_result(unit.result)
        self._on_notify(set().union(*(unit.signals for unit in units if unit.error is None)))


def _is_lost(connection: Connection, begun: RootTransaction) -> bool:
    """Return whether the whole transaction was rolled back: a full disk does that, and so does a session's rollback."""
    return not begun.is_active or not _driver(connection).in_transaction


def _commit(connection: Connection, begun: RootTransaction) -> None:
    driver = _driver(connection)
    try:
        begun.commit()
    except Exception:
        # For SQLAlchemy the transaction has ended; where SQLite still has it open, the next BEGIN would fail.
        driver.rollback()
        raise


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment] # sqlite3's, here
    return driver
