"""A connection for migrations, in one transaction that keeps every other migrating process waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text

from storage.engines import postgresql_engine, sqlite_engine
from storage.url import Urls, normalise

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

    Blocks, and starts an event loop of its own on PostgreSQL: call it outside of one, or in a thread.
    SQLite's lock is its write lock, taken when the transaction begins; PostgreSQL's an advisory one.
    """
    urls = normalise(url)
    return _on_sqlite(urls, work) if urls.is_sqlite else asyncio.run(_on_postgresql(urls, work))


def _on_sqlite(urls: Urls, work: Callable[[Connection], T]) -> T:
    engine = sqlite_engine(urls, foreign_keys=False, wait=WAIT_SECONDS)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _on_postgresql(urls: Urls, work: Callable[[Connection], T]) -> T:
    engine = postgresql_engine(urls, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
