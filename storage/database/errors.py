"""What may go wrong between the bot and its database, as callers need to tell it apart."""


class StorageError(Exception):
    """The storage cannot do what it was asked; the message says why."""


class StorageUnavailable(StorageError):  # noqa: N818 - reads as the state it reports
    """The database cannot be reached now; the same unit of work may succeed later.

    Raised in the middle of a commit it leaves open whether the commit took place.
    """


class AlreadyRunning(StorageError):  # noqa: N818 - reads as the state it reports
    """Another process of the bot works on this SQLite file."""


class AppendOnlyError(StorageError):
    """History is append-only: a row of `events` is neither changed nor deleted."""
