"""One unit of work inside its transaction, and what becomes of it when something fails."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from storage.database import notifications
from storage.database.errors import StorageUnavailable
from storage.database.failures import class_of, is_transient, is_unavailable, words_of
from storage.database.transaction import ConflictError, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

T = TypeVar("T")

REPEATS = 3
"""How often a unit is run again after a transient failure."""


class Retry(Exception):  # noqa: N818 - a signal, not an error
    """The unit lost to another one, by an error of the class named; nothing of it was kept."""


def carry_out(transaction: Transaction, work: Callable[[Transaction], T]) -> T:
    """Do the work and what belongs to it; the commit is the caller's, and the signals are to be passed on after it."""
    try:
        result = work(transaction)
        transaction.flush()
        if transaction.signals:
            notifications.notify(transaction.connection, transaction.signals, transaction.worker)
    finally:
        transaction.close()
    return result


def run_alone(
    engine: Engine, clock: Callable[[], datetime], work: Callable[[Transaction], T], worker: int, attempt: int
) -> tuple[T, set[str], float | None]:
    """Run a unit in a transaction of its own; raises Again where it may be repeated, StorageUnavailable, its errors.

    Besides the result it returns the signals to pass on and the seconds of the commit, None where nothing was written.
    The first attempt begins when it has to, the others with their first statement: they hold what they read.
    """
    phase, transaction = "connecting", None
    try:
        with engine.connect() as connection:
            phase = "working"
            if attempt > 1:
                connection.begin()
            transaction = Transaction(connection, clock(), worker)
            result = carry_out(transaction, work)
            commits_since = transaction.commits_since
            if transaction.begun:
                phase, commits_since = "committing", perf_counter()
                connection.commit()
            took = perf_counter() - commits_since if commits_since is not None else None
    except Exception as error:
        # A connection lost in the middle of COMMIT leaves its outcome open, so nothing is repeated then.
        is_open = phase == "committing" or (transaction is not None and transaction.commits_since is not None)
        if attempt <= REPEATS and (isinstance(error, ConflictError) or (not is_open and is_transient(error))):
            raise Retry(class_of(error)) from error
        reported = as_reported(error, connecting=phase == "connecting")
        if reported is error:
            raise
        raise reported from error
    return result, transaction.signals, took


def as_reported(error: Exception, *, connecting: bool = False) -> Exception:
    """Return what the caller is told: StorageUnavailable where the database is out of reach, else the error itself.

    A StopIteration becomes a RuntimeError, as Python makes one of it: no future takes it.
    """
    if isinstance(error, StopIteration):
        return RuntimeError("a unit of work raised StopIteration")
    if not is_unavailable(error, connecting=connecting):
        return error
    unavailable = StorageUnavailable(words_of(error))
    unavailable.__cause__ = error
    return unavailable
