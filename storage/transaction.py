"""The handle a unit of work gets: one database transaction with one reading of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


class Transaction:
    """One running transaction.

    `now` is the aware UTC time every row of this transaction is stamped with. `signals` name what those who wait for
    it are told after the commit, in this process and in every other one. `worker` is the number of the process,
    0 where it only looks.
    """

    __slots__ = ("_session", "connection", "now", "signals", "worker")

    def __init__(self, connection: Connection, now: datetime, worker: int = 0) -> None:
        self.connection = connection.execution_options(now=now)
        self.now = now
        self.worker = worker
        self.signals: set[str] = set()
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """An ORM session on this transaction's connection; it is flushed before the commit."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False)
        return self._session

    def signal(self, name: str) -> None:
        """Wake those who wait for `name` (a word of letters), once the commit has succeeded."""
        self.signals.add(name)

    def flush(self) -> None:
        """Write what the ORM session still holds back."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of the ORM session; its objects stay readable as they were."""
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()
