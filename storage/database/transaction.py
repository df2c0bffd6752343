"""The handle a unit of work gets: one database transaction with one reading of the clock."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection


class ConflictError(Exception):
    """What a unit of work has read is no more as it was; nothing of the unit was kept."""


class Transaction:
    """One running transaction.

    `now` is the aware UTC time every row of this transaction is stamped with. `signals` name what those who wait for
    it are told after the commit, in this process and in every other one. `worker` is the number of the process,
    0 where it only looks. `locked` names rows that are locked until the commit, by their kind and id. `commits_since`
    tells when the statement began that is its own commit, see `alone`.

    A transaction that has not begun when it is made begins with its first statement that writes or locks: whoever
    only reads before that asks nothing of the database but their rows.
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
        """Whether a single statement may still be all that this transaction writes."""
        return not self.begun and not self.signals

    def watch(self, lock: Callable[[], bool]) -> None:
        """Call `lock` if the transaction begins: it locks what was read before, and tells whether it stands unchanged.

        What is to begin raises Overtaken where it does not.
        """
        self._watched.append(lock)

    def alone(self) -> Connection:
        """Return the connection for the only statement that writes: it is the transaction, nothing may follow it."""
        self.commits_since = perf_counter()
        return self._connection

    @property
    def session(self) -> Session:
        """An ORM session on this transaction's connection; it is flushed before the commit."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False)
        return self._session

    def signal(self, name: str) -> None:
        """Wake those who wait for `name` (a word of letters), once the commit has succeeded."""
        self.signals.add(name)

    def _begin(self) -> None:
        if self.commits_since is not None:
            raise RuntimeError("a unit of work wrote after its last statement")
        self.begun = True
        self._connection.begin()
        if not all(lock() for lock in self._watched):
            raise ConflictError

    def flush(self) -> None:
        """Write what the ORM session still holds back."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of the ORM session; its objects stay readable as they were."""
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()
