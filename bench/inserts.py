"""What the other contenders keep: one row for each request, as durable as ours, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, MetaData, String, Table, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = Table(
    "bench_requests",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, String(1000)) for name in ("description", "place", "category", "priority")),
)
_INSERT = insert(_TABLE)
_COUNT = select(func.count()).select_from(_TABLE)


@dataclass(frozen=True, slots=True)
class Inserts:
    """A table of requests, on SQLAlchemy's own asynchronous drivers."""

    engine: AsyncEngine

    @classmethod
    async def open(cls, database_url: str) -> Inserts:
        """Create the table; a SQLite file writes every commit through to the disk, as ours does."""
        driver = "sqlite+aiosqlite" if database_url.startswith("sqlite") else "postgresql+asyncpg"
        engine = create_async_engine(f"{driver}://{database_url.partition('://')[2]}")
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_pragmas)
        async with engine.begin() as connection:
            await connection.run_sync(_TABLE.metadata.create_all)
        return cls(engine)

    async def file(self, request: Mapping[str, Any]) -> int:
        """Insert one request; return its number."""
        values = {column.name: str(request[column.name]) for column in _TABLE.columns if column.name != "id"}
        async with self.engine.begin() as connection:
            result = await connection.execute(_INSERT, values)
        return int(result.inserted_primary_key[0])

    async def count(self) -> int:
        """Count the requests."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(_COUNT)).scalar_one())


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
