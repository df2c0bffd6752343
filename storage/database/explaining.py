"""Why a database cannot be used, in one line for whoever named it: what is meant, what is wrong, what to try."""

from __future__ import annotations

import errno
import os
import re
import socket
import sqlite3
from typing import TYPE_CHECKING

from storage.database.errors import StorageError, StorageUnavailable
from storage.database.failures import sqlite_code, state_of, words_of
from storage.database.url import normalise

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database.url import Urls

_LIKE = "postgresql://user:password@host/database"
_OF_SQLITE = {
    sqlite3.SQLITE_NOTADB: "{path} is no SQLite database; name another file, such as sqlite:///zavhoz.db",
    sqlite3.SQLITE_BUSY: "another program is writing to {path}; try again when it has ended",
    sqlite3.SQLITE_LOCKED: "another program is writing to {path}; try again when it has ended",
    sqlite3.SQLITE_READONLY: "{path} cannot be written; let the bot's user write it and the folder that it is in",
    sqlite3.SQLITE_FULL: "the disk of {path} is full; make room on it",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; name a file that the bot's user may read and write, no folder",
}
_OF_POSTGRESQL = {
    "28P01": f"{{where}} does not take the password of {{user}}; write the right one, as in {_LIKE}",
    "28000": "{where} does not let {user} in: {words}; make the user with createuser, or let it in by pg_hba.conf",
    "3D000": f"{{where}} has no database {{database}}; make it with createdb, or name another, as in {_LIKE}",
    "42501": "{where} does not let {user} do that: {words}; make the user the owner of the database",
    "53300": "{where} takes no more connections; end some, or raise its max_connections",
    "57P03": "{where} is starting or stopping; try again in a moment",
}
"""By PostgreSQL's codes: its words may be in any language."""
_OF_THE_WAY = {
    errno.ECONNREFUSED: f"nobody listens at {{where}}; start PostgreSQL there, or name another host, as in {_LIKE}",
    errno.ENOENT: "there is no {where}; start PostgreSQL, or name its folder, as in ?host=/var/run/postgresql",
    errno.ETIMEDOUT: "{where} does not answer; see whether host and port are right, and no firewall is in between",
}
_NUMBER = re.compile(r"\[Errno (\d+)\]")


def explain(error: StorageError, url: str) -> str:
    """Word an error that the database at `url` led to; neither its password nor the name of a setting is in it."""
    cause = error.__cause__
    if not isinstance(error, StorageUnavailable) or not isinstance(cause, Exception):
        return str(error)
    urls = normalise(url)
    if urls.is_sqlite:
        return _of_the_folder(cause, urls.path) if isinstance(cause, OSError) else _of_the_file(cause, urls.path)
    return _of_the_server(cause, urls) or _of_the_way(cause, urls.place)


def _of_the_folder(cause: OSError, path: Path) -> str:
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        return f"there is no folder {path.parent}; make it, or use another one"
    return f"cannot write in the folder {path.parent}: {cause.strerror}; let the bot's user, or use another one"


def _of_the_file(cause: Exception, path: Path) -> str:
    other = "{path} cannot be used: {words}; see whether its disk is well, or use another file"
    return _OF_SQLITE.get(sqlite_code(cause), other).format(path=path, words=words_of(cause))


def _of_the_server(cause: Exception, urls: Urls) -> str:
    """Word what the server itself says, if it is that."""
    return _OF_POSTGRESQL.get(state_of(cause), "").format(
        where=f"PostgreSQL at {urls.place}",
        user=f"the user {urls.sync.username}" if urls.sync.username else "the bot's user",
        database=urls.sync.database or "of the user's name",
        words=words_of(cause),
    )


def _of_the_way(cause: Exception, where: str) -> str:
    """Word why the server is not reached."""
    # With several addresses asyncio has the number of the system's error in its words alone.
    said = _NUMBER.search(str(cause)) if isinstance(cause, OSError) else None
    number = errno.ETIMEDOUT if isinstance(cause, TimeoutError) else int(said[1]) if said else 0
    if number:
        other = f"{{where}} cannot be reached: {os.strerror(number)}; see whether host and port are right"
        return _OF_THE_WAY.get(number, other).format(where=where)
    # The second is what a name leads to that is not even looked up.
    if isinstance(cause, socket.gaierror | UnicodeError):
        return f"the host of {where} is not found; see whether its name is right and the network is up"
    if "rejected SSL upgrade" in str(cause):
        return f"PostgreSQL at {where} does not encrypt; leave sslmode out, or have it encrypt"
    return f"{where} cannot be used: {words_of(cause)}; see whether it is written as {_LIKE}"
