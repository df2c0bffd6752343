"""Looking into a database beside the bot that works on it: without its lock, its write lock, or a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database.engines import sqlite_reading_engine
from storage.database.errors import StorageError, StorageUnavailable
from storage.database.failures import is_unavailable, words_of
from storage.database.one_connection import with_one_connection
from storage.database.runner import utc_now
from storage.database.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")

_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def read_only(url: str, work: Callable[[Transaction], T]) -> T:
    """Call `work` with a transaction that sees one moment of the database and can change nothing.

    Blocks, see `with_one_connection`. Raises StorageUnavailable when the database cannot be reached, StorageError when
    it is none of this bot.
    """

    def look(connection: Connection) -> T:
        return work(Transaction(connection, utc_now()))

    try:
        return with_one_connection(url, look, on_sqlite=sqlite_reading_engine, first_on_postgresql=_ONE_MOMENT)
    except Exception as error:
        if is_unavailable(error, connecting=True):
            raise StorageUnavailable(words_of(error)) from error
        if isinstance(error, DBAPIError):
            raise StorageError(f"this is no database of the bot: {words_of(error)}; name another") from error
        raise
