"""Database URLs as people write them, turned into the ones the installed drivers understand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_POSTGRESQL = frozenset({"postgresql", "postgres"})


@dataclass(frozen=True, slots=True)
class Urls:
    """One database in two spellings.

    `sync` names the driver that units of work run on: pysqlite, or asyncpg driven through a greenlet, since
    no synchronous PostgreSQL driver is installed. `async_` names the driver of an `AsyncEngine`.
    """

    sync: URL
    async_: URL

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.sync.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path:
        """The SQLite file; ValueError on PostgreSQL, which has none."""
        if not self.is_sqlite or not self.sync.database:
            raise ValueError("only a SQLite database is a file")
        return Path(self.sync.database)

    def __str__(self) -> str:
        """The URL for people and logs: the password is hidden."""
        return self.sync.render_as_string(hide_password=True)


def normalise(url: str) -> Urls:
    """Accept `sqlite:///file.db` and `postgresql://…`, with or without a driver named in the URL.

    ValueError, without the password in it, when the URL cannot be read, names another database, or would keep
    the data in memory only.
    """
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        # Without its cause: that quotes what stands in the place of the port, which may be a password.
        raise ValueError("DATABASE_URL is no URL; try sqlite:///zavhoz.db or postgresql://…") from None
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend in _POSTGRESQL:
        return _postgresql(parsed)
    raise ValueError(f"DATABASE_URL names an unknown database, {backend!r}; try sqlite:///… or postgresql://…")


def _sqlite(parsed: URL) -> Urls:
    if not parsed.database or parsed.database == ":memory:" or parsed.query.get("mode") == "memory":
        raise ValueError("DATABASE_URL keeps the data in memory only; name a file, as in sqlite:///zavhoz.db")
    if not Path(parsed.database).name:
        raise ValueError("DATABASE_URL names a folder; name a file, as in sqlite:///zavhoz.db")
    return Urls(parsed.set(drivername="sqlite"), parsed.set(drivername="sqlite+aiosqlite"))


def _postgresql(parsed: URL) -> Urls:
    query = dict(parsed.query)
    if "sslmode" in query:
        # libpq's word; asyncpg takes the same values as `ssl`.
        query["ssl"] = query.pop("sslmode")
    asyncpg = parsed.set(drivername="postgresql+asyncpg", query=query)
    return Urls(asyncpg, asyncpg)
