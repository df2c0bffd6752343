"""Looking into a database beside the bot that works on it: without its lock, its write lock, or a trace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.engines import postgresql_engine, sqlite_reading_engine
from storage.errors import StorageError, StorageUnavailable
from storage.failures import in_one_line, is_unavailable
from storage.runner import utc_now
from storage.transaction import Transaction
from storage.url import Urls, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")


def read_only(url: str, work: Callable[[Transaction], T]) -> T:
    """Call `work` with a transaction that sees one moment of the database and can change nothing.

    Blocks, and starts an event loop of its own on PostgreSQL: call it outside of one, or in a thread. Raises
    StorageUnavailable when the database cannot be reached, StorageError when it is none of this bot.
    """
    urls = normalise(url)

    def look(connection: Connection) -> T:
        return work(Transaction(connection, utc_now()))

    try:
        return _on_sqlite(urls, look) if urls.is_sqlite else asyncio.run(_on_postgresql(urls, look))
    except Exception as error:
        if is_unavailable(error, connecting=True):
            raise StorageUnavailable(in_one_line(error)) from error
        if isinstance(error, DBAPIError):
            raise StorageError(f"this is no database of the bot: {in_one_line(error)}") from error
        raise


def _on_sqlite(urls: Urls, look: Callable[[Connection], T]) -> T:
    engine = sqlite_reading_engine(urls)
    try:
        with engine.begin() as connection:
            return look(connection)
    finally:
        engine.dispose()


async def _on_postgresql(urls: Urls, look: Callable[[Connection], T]) -> T:
    engine = postgresql_engine(urls, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            return await connection.run_sync(look)
    finally:
        await engine.dispose()
