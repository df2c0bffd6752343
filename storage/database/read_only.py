"""Reading a database while a bot works on it: takes no lock and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database.engines import sqlite_reading_engine
from storage.database.error_classification import driver_message, is_unavailable
from storage.database.errors import StorageError, StorageUnavailable
from storage.database.runner import utc_now
from storage.database.standalone import run_standalone
from storage.database.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")

_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def read_only(url: str, work: Callable[[Transaction], T]) -> T:
    """Call `work` with a read-only transaction that sees one snapshot of the database; return what it returns.

    Blocks, see `run_standalone`. Raises StorageUnavailable when the database cannot be reached, StorageError when it
    lacks the tables of this bot.
    """

    def run(connection: Connection) -> T:
        return work(Transaction(connection, utc_now()))

    try:
        return run_standalone(url, run, on_sqlite=sqlite_reading_engine, first_on_postgresql=_SNAPSHOT)
    except Exception as error:
        if is_unavailable(error, connecting=True):
            raise StorageUnavailable(driver_message(error)) from error
        if isinstance(error, DBAPIError):
            raise StorageError(f"this is no database of the bot: {driver_message(error)}; name another") from error
        raise
