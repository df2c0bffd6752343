"""The handle a unit of work gets: one database transaction with one reading of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection


class Transaction:
    """One running transaction.

    `now` is the aware UTC time every row of this transaction is stamped with. `callbacks` are called in order
    on the event loop after the commit, and never if there was none.
    """

    __slots__ = ("_session", "callbacks", "connection", "now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection.execution_options(now=now)
        self.now = now
        self.callbacks: list[Callable[[], None]] = []
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """An ORM session on this transaction's connection; it is flushed before the commit."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False)
        return self._session

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the commit has succeeded; what it raises is logged, the commit stands."""
        self.callbacks.append(callback)

    def flush(self) -> None:
        """Write what the ORM session still holds back."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of the ORM session; its objects stay readable as they were."""
        if self._session is not None:
            self._session.expunge_all()
            self._session.close()
