"""A lock that keeps a second process of the bot from using the same SQLite file."""

from __future__ import annotations

import fcntl
import os
from typing import IO, TYPE_CHECKING, Self

from storage.database.errors import AlreadyRunning, StorageUnavailable
from storage.database.url import normalise

if TYPE_CHECKING:
    from pathlib import Path


class ProcessLock:
    """A held lock, released by `release`, at the end of its `with` block, or by the end of the process, even a kill."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file

    def release(self) -> None:
        """Release the lock; releasing twice does no harm."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()


def acquire_process_lock(url: str) -> ProcessLock:
    """Lock a SQLite database for this process.

    The lock is a file beside the database. On PostgreSQL, which several processes may share, nothing is locked.
    AlreadyRunning when another process holds it, StorageUnavailable when the file cannot be written or locked.
    """
    urls = normalise(url)
    return ProcessLock(_lock(urls.path)) if urls.is_sqlite else ProcessLock(None)


def _lock(database: Path) -> IO[str]:
    # Never deleted: a process that has the deleted file open would lock that, and another one the new file.
    try:
        file = database.with_name(f"{database.name}.lock").open("a+", encoding="ascii")
    except OSError as error:
        raise StorageUnavailable(f"{error.filename}: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(
            f"another bot (process {holder}) works on {database}; stop it, or use another database"
        ) from error
    except OSError as error:
        file.close()
        raise StorageUnavailable(f"{file.name}: {error.strerror}") from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
