"""Database URLs as operators write them, turned into those that the installed drivers accept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_POSTGRESQL = frozenset({"postgresql", "postgres"})
_PARAMETERS = frozenset(
    {"host", "port", "sslmode", "ssl", "passfile", "service", "servicefile", "target_session_attrs"}
)
"""The parameters that a PostgreSQL URL may have: the driver fails on any other, with an error that helps nobody.

https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.connect
"""
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_VALUES = {
    "sslmode": _MODES,
    "ssl": _MODES,
    "target_session_attrs": ("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
}
_LARGEST_PORT = 65535
_DEFAULT_PORT = 5432


@dataclass(frozen=True, slots=True)
class Urls:
    """The URL of one database, for two kinds of engine.

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

    @property
    def location(self) -> str:
        """Where the database is, for messages: a file, or the host and port of each server; never a password."""
        if self.is_sqlite:
            return str(self.path)
        arguments = _connect_arguments(self.sync)
        hosts = _listed(arguments.get("host")) or ["localhost"]
        ports = _listed(arguments.get("port")) or [_DEFAULT_PORT]
        # One port serves all hosts; where there are several, each host has its own.
        pairs = zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=False)
        return " or ".join(_location(str(host), port) for host, port in pairs)

    def __str__(self) -> str:
        """The URL for messages and logs: the password is hidden."""
        return self.sync.render_as_string(hide_password=True)


def normalise(url: str) -> Urls:
    """Accept `sqlite:///file.db` and `postgresql://…`, with or without a driver named in the URL.

    ValueError, without the password in it, when the URL cannot be parsed, names another database or an unknown
    parameter, or would keep the data in memory only.
    """
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        # Without its cause: that quotes what is where the port should be, which may be part of a password.
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
    if parsed.query:
        raise ValueError("DATABASE_URL has a question mark; a SQLite file takes nothing behind one")
    return Urls(parsed.set(drivername="sqlite"), parsed.set(drivername="sqlite+aiosqlite"))


def _postgresql(parsed: URL) -> Urls:
    if unknown := sorted(parsed.query.keys() - _PARAMETERS):
        raise ValueError(f"DATABASE_URL has an unknown {unknown[0]!r}; known are {', '.join(sorted(_PARAMETERS))}")
    for name, allowed in _VALUES.items():
        if name in parsed.query and parsed.query[name] not in allowed:
            raise ValueError(f"DATABASE_URL has an unknown value of {name}; known are {', '.join(allowed)}")
    if "@" in (parsed.host or ""):
        raise ValueError("DATABASE_URL has an @ too many; write one that is in a password as %40")
    query = dict(parsed.query)
    if "sslmode" in query:
        # libpq's name for it; asyncpg takes the same values as `ssl`.
        query["ssl"] = query.pop("sslmode")
    asyncpg = parsed.set(drivername="postgresql+asyncpg", query=query)
    if not all(0 < port <= _LARGEST_PORT for port in _ports(asyncpg)):
        raise ValueError(f"DATABASE_URL has a port that cannot be; the largest is {_LARGEST_PORT}")
    return Urls(asyncpg, asyncpg)


def _ports(url: URL) -> list[int]:
    """Return the ports that the driver will connect to, of one host or of several."""
    try:
        return _listed(_connect_arguments(url).get("port"))
    except ArgumentError:
        like = "?host=one:5432&host=other:5432"
        raise ValueError(
            f"DATABASE_URL has hosts or ports that do not fit; write a port with each, as in {like}"
        ) from None


def _connect_arguments(url: URL) -> dict[str, Any]:
    """Return the arguments that the driver's `connect` will get."""
    return dict(url.get_dialect()().create_connect_args(url)[1])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _location(host: str, port: int) -> str:
    if host.startswith("/"):
        return f"socket {host}/.s.PGSQL.{port}"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
