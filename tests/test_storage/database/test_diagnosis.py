"""What is said of a database that cannot be used: which one, why, what to try; never a password."""

from __future__ import annotations

import sqlite3
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

import asyncpg
import pytest

from storage.database.diagnosis import explain
from storage.database.errors import AlreadyRunning, StorageUnavailable

if TYPE_CHECKING:
    from storage.database.errors import StorageError

SERVER = "postgresql://bot:s3cret@db.example:5433/zavhoz"
FILE = "sqlite:////srv/zavhoz.db"


def led_to(cause: Exception) -> StorageError:
    error = StorageUnavailable("cannot be reached")
    error.__cause__ = cause
    return error


def of_sqlite(code: int, words: str) -> Exception:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (
            asyncpg.InvalidPasswordError("no"),
            "PostgreSQL at db.example:5433 does not take the password of the user bot; ",
        ),
        (
            asyncpg.TooManyConnectionsError("no"),
            "PostgreSQL at db.example:5433 takes no more connections; end some, or",
        ),
        (asyncpg.CannotConnectNowError("no"), "PostgreSQL at db.example:5433 is starting or stopping; try again in a "),
        (TimeoutError(), "db.example:5433 does not answer; see whether host and port are right, and no firewall is in"),
        (
            OSError(113, "no"),
            "db.example:5433 cannot be reached: No route to host; see whether host and port are right",
        ),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] …"),
            "nobody listens at db.example:5433; start PostgreSQL there, or name another host, as in postgresql://user",
        ),
        (
            SSLCertVerificationError(1, "certificate verify failed"),
            "db.example:5433 cannot be used: certificate verify failed; see whether it is written as postgresql://",
        ),
        (
            asyncpg.InterfaceError("<class 'asyncpg.ClientConfigurationError'>: no file\nmore"),
            "db.example:5433 cannot be used: no file; see whether it is written as postgresql://user:password@host/",
        ),
    ],
)
def test_a_server_that_cannot_be_used_is_explained(cause: Exception, said: str) -> None:
    assert_explained(led_to(cause), SERVER, said)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT, "locked"), "another program is writing to /srv/zavhoz.db; try again "),
        (of_sqlite(sqlite3.SQLITE_FULL, "full"), "the disk of /srv/zavhoz.db is full; make room on it"),
        (
            of_sqlite(sqlite3.SQLITE_READONLY, "no"),
            "/srv/zavhoz.db cannot be written; let the bot's user write it and ",
        ),
        (of_sqlite(sqlite3.SQLITE_IOERR, "disk I/O error"), "/srv/zavhoz.db cannot be used: disk I/O error; see wheth"),
        (
            PermissionError(13, "Permission denied"),
            "cannot write in the folder /srv: Permission denied; let the bot's ",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(cause: Exception, said: str) -> None:
    assert_explained(led_to(cause), FILE, said)


@pytest.mark.parametrize("url", [SERVER, FILE])
def test_what_explains_itself_is_said_as_it_is(url: str) -> None:
    for error in (AlreadyRunning("another bot works on it; stop it"), StorageUnavailable("gone; try again")):
        assert explain(error, url) == str(error)


def assert_explained(error: StorageError, url: str, said: str) -> None:
    line = explain(error, url)
    assert line.startswith(said)
    assert "s3cret" not in line
    assert "\n" not in line
