"""Errors of the storage, as far as callers distinguish them."""


class StorageError(Exception):
    """The storage cannot do what it was asked; the message says why."""


class StorageUnavailable(StorageError):  # noqa: N818 - reads as the state it reports
    """The database cannot be reached now; the same unit of work may succeed later.

    Where it is raised during a commit, it is unknown whether the commit took place.
    """


class AlreadyRunning(StorageError):  # noqa: N818 - reads as the state it reports
    """Another process of the bot works on this SQLite file."""


class AppendOnlyError(StorageError):
    """History is append-only: a row of `events` is neither changed nor deleted."""
