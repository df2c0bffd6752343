"""SQLAlchemy engines for the two databases, set up so that what is committed is durable.

Parameters stay out of error messages: they hold what people wrote, and errors go to logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.database.json_values import from_json, to_json

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection

    from storage.database.url import Urls

SQLITE_BUSY_SECONDS = 5.0
"""How long SQLite waits for another connection's write lock."""

POSTGRESQL_CONNECT_SECONDS = 10.0
"""How long a new PostgreSQL connection may take before the database counts as unreachable."""


def sqlite_engine(
    urls: Urls, *, foreign_keys: bool = True, wait: float = SQLITE_BUSY_SECONDS, durable: bool = True
) -> Engine:
    """Build an engine of one SQLite connection whose transactions take the write lock at their start.

    Migrations pass `foreign_keys=False`: rebuilding a table drops the old one, which would cascade. One that is not
    `durable` trades what a power cut would spoil for speed.
    """
    engine = create_engine(
        urls.sync,
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": wait, "check_same_thread": False},
        json_serializer=to_json,
        json_deserializer=from_json,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin_immediate)
    if foreign_keys:
        event.listen(engine, "connect", _set_pragmas)
    if not durable:
        event.listen(engine, "connect", _without_waiting_for_the_disk)
    return engine


def sqlite_reading_engine(urls: Urls) -> Engine:
    """Build an engine of read-only connections, which do not block a process that writes to the file."""
    # https://www.sqlite.org/uri.html
    url = urls.sync.set(database=urls.path.resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_engine(
        url, poolclass=NullPool, json_serializer=to_json, json_deserializer=from_json, hide_parameters=True
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin_deferred)
    return engine


def postgresql_engine(urls: Urls, *, pool_size: int = 20, **more: Any) -> AsyncEngine:
    """Build an asyncpg engine; connections are not pinged before use: the runner retries where one is broken."""
    return create_async_engine(
        urls.async_,
        pool_size=pool_size,
        # An overflow connection is closed after each use, and its prepared statements with it.
        max_overflow=0,
        pool_timeout=POSTGRESQL_CONNECT_SECONDS,
        connect_args={
            "timeout": POSTGRESQL_CONNECT_SECONDS,
            "server_settings": {"application_name": "zavhoz"},
        },
        json_serializer=to_json,
        hide_parameters=True,
        **more,
    )


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # Autocommit, so that "begin" events send BEGIN: the driver's own comes only before the first write, which leaves
    # reads and DDL outside of the transaction.
    connection.isolation_level = None
    # SQLite's lower() knows ASCII only; searching Russian words needs more.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _begin_immediate(connection: Connection) -> None:
    # Takes the write lock at once: a transaction that upgrades from reading to writing can fail with SQLITE_BUSY.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
