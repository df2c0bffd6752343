"""The handle that a unit of work gets: one database transaction, with one reading of the clock.

A transaction is optimistic as long as it only reads. An ordinary step of a dialog reads one conversation and writes it
back: BEGIN, SELECT FOR UPDATE, UPDATE and COMMIT would be four round trips to PostgreSQL. Instead the row is read
without a transaction, together with its version, and written back by one UPDATE that finds the row only where the
version is the same: two round trips. A unit of work that writes anything else begins a transaction with its first
write; rows read before that are then locked, and compared with the versions read (`watch`).
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection


class ConflictError(Exception):
    """Another transaction has changed a row since this one read it; nothing was written, and the runner retries."""


class Transaction:
    """One running transaction.

    `now` is the aware UTC time that every row of this transaction is stamped with. `signals` are the names to notify
    subscribers of after the commit, in this process and in every other one. `worker` is the number of the process, 0
    where it only reads. `locked` names rows that are locked until the commit, by kind and id. `commits_since` is the
    reading of `perf_counter` at the start of the statement that commits itself, see `alone`.

    It begins with the first statement that writes or locks, unless it is created as begun.
    """

    __slots__ = ("_connection", "_session", "_watched", "begun", "commits_since", "locked", "now", "signals", "worker")

    def __init__(self, connection: Connection, now: datetime, worker: int = 0) -> None:
        self._connection = connection.execution_options(now=now)
        self._session: Session | None = None
        self._watched: list[Callable[[], bool]] = []
        self.begun = connection.in_transaction()
        self.commits_since: float | None = None
        self.now = now
        self.worker = worker
        self.signals: set[str] = set()
        self.locked: set[tuple[str, int]] = set()

    @property
    def connection(self) -> Connection:
        """The connection, inside the transaction."""
        if not self.begun:
            self._begin()
        return self._connection

    @property
    def read_connection(self) -> Connection:
        """The connection, for a statement that neither writes nor locks."""
        return self._connection

    @property
    def is_read_only(self) -> bool:
        """Whether nothing has been written or signalled yet, so that `alone` may be used."""
        return not self.begun and not self.signals

    def watch(self, lock: Callable[[], bool]) -> None:
        """Call `lock` when the transaction begins: it locks rows read before, and returns whether they are unchanged.

        The statement that begins the transaction raises ConflictError where they are not.
        """
        self._watched.append(lock)

    def alone(self) -> Connection:
        """Return the connection for the only statement that writes; nothing may be written after it.

        The statement runs in autocommit mode, so it is its own commit, and must compare the row's version itself:
        nothing that was read is locked.
        """
        self.commits_since = perf_counter()
        return self._connection

    @property
    def session(self) -> Session:
        """An ORM session on this transaction's connection; it is flushed before the commit."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False)
        return self._session

    def signal(self, name: str) -> None:
        """Notify the subscribers of `name` (ASCII letters only) after the commit."""
        self.signals.add(name)

    def _begin(self) -> None:
        if self.commits_since is not None:
            raise RuntimeError("a unit of work wrote after its last statement")
        self.begun = True
        self._connection.begin()
        if not all(lock() for lock in self._watched):
            raise ConflictError

    def flush(self) -> None:
        """Write the pending changes of the ORM session."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Close the ORM session; its objects stay readable as they were."""
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()
