"""Which database errors mean "again", which mean "not now", and which are the unit's own."""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# https://www.postgresql.org/docs/current/errcodes-appendix.html: serialization failure, deadlock.
_TRANSIENT_STATES = frozenset({"40001", "40P01"})
# The same list: 08 connection, 28 authorisation, 3D000 no such database, 53 resources, 57P shutdown,
# 58 system, 25006 a read-only standby.
_UNAVAILABLE_STATES = ("08", "28", "3D000", "53", "57P", "58", "25006")
# SQLAlchemy puts the driver's class before the driver's words.
_CLASS = re.compile(r"^<class '[^']*'>: ")
# The same list: what a table or a schema of another owner answers.
_FORBIDDEN_STATE = "42501"
# https://www.sqlite.org/rescode.html: primary codes, the low byte of the extended ones.
_UNAVAILABLE_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    }
)


def is_transient(error: Exception) -> bool:
    """Tell whether the same unit may simply be run again: it lost a deadlock, a race, or its connection."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or state_of(error) in _TRANSIENT_STATES


def is_unavailable(error: Exception, *, connecting: bool) -> bool:
    """Tell whether the database is out of reach: down, full, refusing, read-only, or busy for too long.

    While `connecting`, every error of the operating system counts, what the driver says of a URL it cannot use, and
    what its user may not do; later one may be a hook's own.
    """
    if isinstance(error, PoolTimeout | ConnectionError):
        return True
    if connecting and (isinstance(error, OSError) or _is_of_the_url(error) or state_of(error) == _FORBIDDEN_STATE):
        return True
    if not isinstance(error, DBAPIError):
        # asyncpg raises its own classes, unwrapped, while it connects.
        return state_of(error).startswith(_UNAVAILABLE_STATES)
    if isinstance(error.orig, sqlite3.Error):
        return sqlite_code(error) in _UNAVAILABLE_SQLITE
    return error.connection_invalidated or state_of(error).startswith(_UNAVAILABLE_STATES)


def _is_of_the_url(error: Exception) -> bool:
    # A value that there is none of, a certificate that is not there: said before there is anything to execute.
    # A name of a host with dots side by side is not even looked up.
    return isinstance(error, UnicodeError) or (isinstance(error, InterfaceError) and error.statement is None)


def words_of(error: Exception) -> str:
    """Return the driver's own words in one line, without classes and without the statement they came up in."""
    return _CLASS.sub("", str(_cause_of(error))).partition("\n")[0] or class_of(error)


def class_of(error: Exception) -> str:
    """Return the name of the driver's own class for an error."""
    return type(_cause_of(error)).__name__


def state_of(error: Exception) -> str:
    """Return PostgreSQL's code for an error, nothing where there is none."""
    return str(getattr(_cause_of(error), "sqlstate", None) or "")


def sqlite_code(error: Exception) -> int:
    """Return SQLite's primary code for an error, 0 where there is none."""
    return int(getattr(_cause_of(error), "sqlite_errorcode", 0)) & 0xFF


def _cause_of(error: Exception) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig else error
