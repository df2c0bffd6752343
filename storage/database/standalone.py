"""One transaction on a connection of its own, for commands and migrations, which have no runner and no pool."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from storage.database.engines import postgresql_engine
from storage.database.url import Urls, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql.base import Executable

T = TypeVar("T")


def run_standalone(
    url: str, work: Callable[[Connection], T], *, on_sqlite: Callable[[Urls], Engine], first_on_postgresql: Executable
) -> T:
    """Call `work` with a connection in a transaction, commit, and close the connection.

    `on_sqlite` builds the engine for a SQLite file; `first_on_postgresql` is run first on PostgreSQL. Blocks, and
    starts an event loop of its own on PostgreSQL: call it outside of one, or in a thread. Raises what the driver
    raises.
    """
    urls = normalise(url)
    if urls.is_sqlite:
        return _on_sqlite(on_sqlite(urls), work)
    return asyncio.run(_on_postgresql(urls, first_on_postgresql, work))


def _on_sqlite(engine: Engine, work: Callable[[Connection], T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _on_postgresql(urls: Urls, first: Executable, work: Callable[[Connection], T]) -> T:
    engine = postgresql_engine(urls, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(first)
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
