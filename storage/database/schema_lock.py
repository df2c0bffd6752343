"""A connection for migrations, in one transaction that keeps every other migrating process waiting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select

from storage.database.engines import sqlite_engine
from storage.database.one_connection import with_one_connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")

WAIT_SECONDS = 60.0
"""How long a second process waits for the first one's migrations on SQLite."""

# Any number will do that no other program in the database locks: "zavhoz" in ASCII.
_ADVISORY_KEY = 0x7A6176686F7A


def with_schema_lock(url: str, work: Callable[[Connection], T]) -> T:
    """Call `work` with a connection in a transaction no other holder of this lock is in, and commit.

    Blocks, see `with_one_connection`. SQLite's lock is its write lock, taken when the transaction begins; PostgreSQL's
    an advisory one.
    """
    return with_one_connection(
        url,
        work,
        on_sqlite=partial(sqlite_engine, foreign_keys=False, wait=WAIT_SECONDS),
        first_on_postgresql=select(func.pg_advisory_xact_lock(_ADVISORY_KEY)),
    )
