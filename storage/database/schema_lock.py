"""A lock held during migrations, so that only one process migrates at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select

from storage.database.engines import sqlite_engine
from storage.database.standalone import run_standalone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")

WAIT_SECONDS = 60.0
"""How long a process waits for the migrations of another one on SQLite."""

# Any number that no other program in the database locks: "zavhoz" in ASCII.
_ADVISORY_KEY = 0x7A6176686F7A


def with_schema_lock(url: str, work: Callable[[Connection], T]) -> T:
    """Call `work` with a connection in a transaction that holds the lock, and commit; return what `work` returns.

    Blocks, see `run_standalone`. The lock is an advisory one on PostgreSQL, the write lock of the file on SQLite.
    """
    return run_standalone(
        url,
        work,
        on_sqlite=partial(sqlite_engine, foreign_keys=False, wait=WAIT_SECONDS),
        first_on_postgresql=select(func.pg_advisory_xact_lock(_ADVISORY_KEY)),
    )
