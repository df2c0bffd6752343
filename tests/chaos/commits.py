"""Around every commit that wrote something, whichever way it goes to the database's driver."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from asyncpg import Connection
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

if TYPE_CHECKING:
    from collections.abc import Callable

WRITES = re.compile(r"\bINSERT INTO\b|\bDELETE FROM\b|(?<!FOR )(?<!FOR NO KEY )\bUPDATE \w")
REPLACED: list[tuple[Any, str]] = [
    (SQLiteDialect_pysqlite, "do_commit"),
    (Connection, "execute"),
    (Connection, "executemany"),
    (Connection, "fetch"),
    (PreparedStatement, "fetch"),
]


def announce_commits(passing: Callable[[str], None]) -> None:
    """Replace what commits, so that `passing` is called before and after a commit of something written."""
    _on_sqlite(passing)
    commits = _OnAsyncpg(passing)
    for owner, name in REPLACED[1:]:
        setattr(owner, name, commits.around(getattr(owner, name)))


def _on_sqlite(passing: Callable[[str], None]) -> None:
    do_commit = SQLiteDialect_pysqlite.do_commit
    changes: dict[int, int] = {}

    def committing(dialect: Any, connection: Any) -> None:
        driver = connection.dbapi_connection
        counts = driver.total_changes > changes.get(id(driver), 0)
        changes[id(driver)] = driver.total_changes
        if counts:
            passing("before_commit")
        do_commit(dialect, connection)
        if counts:
            passing("after_commit")

    SQLiteDialect_pysqlite.do_commit = committing  # type: ignore[method-assign]


class _OnAsyncpg:
    """Knows which connections have written since they last committed; outside a transaction a statement commits."""

    def __init__(self, passing: Callable[[str], None]) -> None:
        self._passing = passing
        self._writers: set[int] = set()

    def around(self, original: Any) -> Any:
        """Return in place of a method that runs a statement one that tells of commits."""

        @wraps(original)
        async def running(driver: Any, *given: Any, **named: Any) -> Any:
            is_prepared = isinstance(driver, PreparedStatement)
            connection, sql = (driver._connection, driver.get_query()) if is_prepared else (driver, given[0])
            counts = self._commits(connection, sql)
            if counts:
                self._passing("before_commit")
            done = await original(driver, *given, **named)
            if counts:
                self._passing("after_commit")
            elif WRITES.search(sql) and _touched(driver.get_statusmsg() if is_prepared else done):
                self._writers.add(id(connection))
            return done

        return running

    def _commits(self, connection: Any, sql: str) -> bool:
        """Tell whether a statement commits something; forget what is committed or undone."""
        if sql not in ("COMMIT", "ROLLBACK"):
            return not connection.is_in_transaction() and WRITES.search(sql) is not None
        wrote = id(connection) in self._writers
        self._writers.discard(id(connection))
        return wrote and sql == "COMMIT"


def _touched(done: Any) -> bool:
    """Tell whether a statement touched any row: by its status or its rows; of many runs at once nothing is known."""
    return done is None or (done.rpartition(" ")[2] != "0" if isinstance(done, str) else bool(done))
