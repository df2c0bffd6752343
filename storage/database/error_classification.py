"""Classification of database errors: transient ones are retried, some mean "unavailable", the rest are raised."""

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
# SQLAlchemy puts the driver's class before the driver's message.
_CLASS = re.compile(r"^<class '[^']*'>: ")
# The same list: no permission on a table or a schema of another owner.
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
    """Return whether the same unit of work may be run again: a deadlock, a lost race, a dropped connection."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or sqlstate_of(error) in _TRANSIENT_STATES


def is_unavailable(error: Exception, *, connecting: bool) -> bool:
    """Return whether the database cannot be used now: down, full, refusing, read-only, or busy for too long.

    While `connecting`, an OSError, a URL that the driver cannot use, and a missing permission count as well; later
    such an error may be raised by a hook.
    """
    if isinstance(error, PoolTimeout | ConnectionError):
        return True
    if connecting and (isinstance(error, OSError) or _is_bad_url(error) or sqlstate_of(error) == _FORBIDDEN_STATE):
        return True
    if not isinstance(error, DBAPIError):
        # asyncpg raises its own classes, unwrapped, while it connects.
        return sqlstate_of(error).startswith(_UNAVAILABLE_STATES)
    if isinstance(error.orig, sqlite3.Error):
        return sqlite_code(error) in _UNAVAILABLE_SQLITE
    return error.connection_invalidated or sqlstate_of(error).startswith(_UNAVAILABLE_STATES)


def _is_bad_url(error: Exception) -> bool:
    # A host name with two dots in a row is a UnicodeError; an unknown parameter or a missing certificate is an
    # InterfaceError before there is any statement.
    return isinstance(error, UnicodeError) or (isinstance(error, InterfaceError) and error.statement is None)


def driver_message(error: Exception) -> str:
    """Return the driver's own message in one line, without class names and without the statement."""
    return _CLASS.sub("", str(_cause_of(error))).partition("\n")[0] or class_of(error)


def class_of(error: Exception) -> str:
    """Return the name of the driver's own class for an error."""
    return type(_cause_of(error)).__name__


def sqlstate_of(error: Exception) -> str:
    """Return PostgreSQL's SQLSTATE of an error, "" where there is none."""
    return str(getattr(_cause_of(error), "sqlstate", None) or "")


def sqlite_code(error: Exception) -> int:
    """Return SQLite's primary result code of an error, 0 where there is none."""
    return int(getattr(_cause_of(error), "sqlite_errorcode", 0)) & 0xFF


def _cause_of(error: Exception) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig else error
