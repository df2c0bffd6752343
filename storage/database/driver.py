"""Statements run directly on the driver of a connection: SQLAlchemy's own cursors cost as much as a round trip does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine


def execute(
    connection: Connection, sql: str, arguments: Sequence[Any], *, reads: bool
) -> tuple[Sequence[Sequence[Any]], int]:
    """Run a statement; return its rows, where it `reads` any, and the number of rows affected.

    Raises what SQLAlchemy would raise, without the arguments in the message.
    """
    return run_on[connection.dialect.driver](connection, sql, arguments, reads=reads)


def begin_on_asyncpg(engine: Engine) -> None:
    """Send BEGIN, COMMIT and ROLLBACK for an engine whose connections are in autocommit mode."""
    # SQLAlchemy's asyncpg dialect opens a transaction before the first statement, whatever that is. In autocommit mode
    # the driver sends each statement as it is: a read needs no transaction around it, and a single guarded UPDATE is
    # its own commit (`Transaction.alone`). An ordinary step of a dialog so takes two round trips instead of four.
    event.listen(engine, "begin", lambda connection: _on_asyncpg(connection, "BEGIN", (), reads=False))
    event.listen(engine, "commit", lambda connection: _end(connection, "COMMIT"))
    event.listen(engine, "rollback", lambda connection: _end(connection, "ROLLBACK"))


def _end(connection: Connection, sql: str) -> None:
    if connection.invalidated:
        return
    try:
        _on_asyncpg(connection, sql, (), reads=False)
    except BaseException:
        # The pool must not get a connection that is still inside a transaction.
        connection.invalidate()
        raise


def _on_sqlite(
    connection: Connection, sql: str, arguments: Sequence[Any], *, reads: bool
) -> tuple[Sequence[Sequence[Any]], int]:
    dialect, cursor = connection.dialect, connection.connection.cursor()
    try:
        dialect.do_execute(cursor, sql, arguments)
        return (list(cursor.fetchall()) if reads else []), cursor.rowcount
    except dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, sql, error) from error
    finally:
        cursor.close()


def _on_asyncpg(
    connection: Connection, sql: str, arguments: Sequence[Any], *, reads: bool
) -> tuple[Sequence[Sequence[Any]], int]:
    pooled = connection.connection
    driver: Any = pooled.driver_connection
    try:
        if reads:
            rows = await_only(driver.fetch(sql, *arguments))
            return rows, len(rows)
        # "UPDATE 1", "INSERT 0 1", "BEGIN": https://www.postgresql.org/docs/current/protocol-message-formats.html
        count = await_only(driver.execute(sql, *arguments)).rpartition(" ")[2]
        return [], int(count) if count.isdigit() else 0
    except Exception as error:
        try:
            # As SQLAlchemy's cursors do it: translates an error of asyncpg into one of the DBAPI.
            pooled.dbapi_connection._handle_exception(error)  # type: ignore[union-attr]
        except connection.dialect.loaded_dbapi.Error as translated:
            raise _wrapped(connection, sql, translated) from error
        raise


def _wrapped(connection: Connection, sql: str, error: Any) -> BaseException:
    """Return the error as SQLAlchemy raises it, and take a lost connection out of use."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection, None)
    if is_lost:
        # Lets SQLAlchemy notice the loss by itself: it then discards every other pooled connection of that age too.
        with suppress(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate(error)
    wrapped: BaseException = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    return wrapped


run_on = {"pysqlite": _on_sqlite, "asyncpg": _on_asyncpg}
"""How each driver runs a statement."""
