"""Error messages for operators: which database cannot be used, why, and what to try, in one line."""

from __future__ import annotations

import errno
import os
import re
import socket
import sqlite3
from typing import TYPE_CHECKING

from storage.database.error_classification import driver_message, sqlite_code, sqlstate_of
from storage.database.errors import StorageError, StorageUnavailable
from storage.database.url import normalise

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database.url import Urls

_EXAMPLE = "postgresql://user:password@host/database"
_SQLITE_MESSAGES = {
    sqlite3.SQLITE_NOTADB: "{path} is no SQLite database; name another file, such as sqlite:///zavhoz.db",
    sqlite3.SQLITE_BUSY: "another program is writing to {path}; try again when it has ended",
    sqlite3.SQLITE_LOCKED: "another program is writing to {path}; try again when it has ended",
    sqlite3.SQLITE_READONLY: "{path} cannot be written; let the bot's user write it and the folder that it is in",
    sqlite3.SQLITE_FULL: "the disk of {path} is full; make room on it",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; name a file that the bot's user may read and write, no folder",
}
_POSTGRESQL_MESSAGES = {
    "28P01": f"{{where}} does not take the password of {{user}}; write the right one, as in {_EXAMPLE}",
    "28000": "{where} does not let {user} in: {words}; make the user with createuser, or let it in by pg_hba.conf",
    "3D000": f"{{where}} has no database {{database}}; make it with createdb, or name another, as in {_EXAMPLE}",
    "42501": "{where} does not let {user} do that: {words}; make the user the owner of the database",
    "53300": "{where} takes no more connections; end some, or raise its max_connections",
    "57P03": "{where} is starting or stopping; try again in a moment",
}
"""By SQLSTATE: the text of PostgreSQL's own messages may be in any language."""
_NETWORK_MESSAGES = {
    errno.ECONNREFUSED: f"nobody listens at {{where}}; start PostgreSQL there, or name another host, as in {_EXAMPLE}",
    errno.ENOENT: "there is no {where}; start PostgreSQL, or name its folder, as in ?host=/var/run/postgresql",
    errno.ETIMEDOUT: "{where} does not answer; see whether host and port are right, and no firewall is in between",
}
_ERRNO = re.compile(r"\[Errno (\d+)\]")


def explain(error: StorageError, url: str) -> str:
    """Return a message for an error of the database at `url`, without its password or the name of a setting."""
    cause = error.__cause__
    if not isinstance(error, StorageUnavailable) or not isinstance(cause, Exception):
        return str(error)
    urls = normalise(url)
    if urls.is_sqlite:
        return _folder_message(cause, urls.path) if isinstance(cause, OSError) else _file_message(cause, urls.path)
    return _server_message(cause, urls) or _network_message(cause, urls.location)


def _folder_message(cause: OSError, path: Path) -> str:
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        return f"there is no folder {path.parent}; make it, or use another one"
    return f"cannot write in the folder {path.parent}: {cause.strerror}; let the bot's user, or use another one"


def _file_message(cause: Exception, path: Path) -> str:
    fallback = "{path} cannot be used: {words}; see whether its disk is well, or use another file"
    return _SQLITE_MESSAGES.get(sqlite_code(cause), fallback).format(path=path, words=driver_message(cause))


def _server_message(cause: Exception, urls: Urls) -> str:
    """Return a message for an error that the server itself reported, "" for any other."""
    return _POSTGRESQL_MESSAGES.get(sqlstate_of(cause), "").format(
        where=f"PostgreSQL at {urls.location}",
        user=f"the user {urls.sync.username}" if urls.sync.username else "the bot's user",
        database=urls.sync.database or "of the user's name",
        words=driver_message(cause),
    )


def _network_message(cause: Exception, where: str) -> str:
    """Return a message for a server that cannot be reached."""
    # For a host with several addresses asyncio raises one OSError whose errnos are only in its message.
    match = _ERRNO.search(str(cause)) if isinstance(cause, OSError) else None
    number = errno.ETIMEDOUT if isinstance(cause, TimeoutError) else int(match[1]) if match else 0
    if number:
        fallback = f"{{where}} cannot be reached: {os.strerror(number)}; see whether host and port are right"
        return _NETWORK_MESSAGES.get(number, fallback).format(where=where)
    # UnicodeError: the name cannot be encoded for the resolver, so it is not even looked up.
    if isinstance(cause, socket.gaierror | UnicodeError):
        return f"the host of {where} is not found; see whether its name is right and the network is up"
    if "rejected SSL upgrade" in str(cause):
        return f"PostgreSQL at {where} does not encrypt; leave sslmode out, or have it encrypt"
    return f"{where} cannot be used: {driver_message(cause)}; see whether it is written as {_EXAMPLE}"
