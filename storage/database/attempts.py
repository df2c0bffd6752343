"""One attempt at a unit of work: its transaction, and whether a failure is retried, translated or raised."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from storage.database import listen_notify
from storage.database.error_classification import class_of, driver_message, is_transient, is_unavailable
from storage.database.errors import StorageUnavailable
from storage.database.transaction import ConflictError, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

T = TypeVar("T")

REPEATS = 3
"""How often a unit of work is run again after a transient failure."""


class Retry(Exception):  # noqa: N818 - a signal, not an error
    """The unit of work may be run again: it was rolled back by a transient error, whose class is the message."""


def carry_out(transaction: Transaction, work: Callable[[Transaction], T]) -> T:
    """Run a unit of work, flush its ORM session and send its signals; return the result of `work`.

    The caller commits, and passes the signals on within this process after that.
    """
    try:
        result = work(transaction)
        transaction.flush()
        if transaction.signals:
            # Inside the transaction: PostgreSQL delivers a NOTIFY at the commit, and drops it with a rollback.
            listen_notify.notify(transaction.connection, transaction.signals, transaction.worker)
    finally:
        transaction.close()
    return result


def run_alone(
    engine: Engine, clock: Callable[[], datetime], work: Callable[[Transaction], T], worker: int, attempt: int
) -> tuple[T, set[str], float | None]:
    """Run one attempt at a unit of work in a transaction of its own.

    Returns the result of `work`, the signals to pass on, and the seconds that the commit took (None where nothing was
    written). Raises Retry where the unit of work may be run again, StorageUnavailable where the database cannot be
    reached, and whatever `work` raises.
    """
    phase, transaction = "connecting", None
    try:
        with engine.connect() as connection:
            phase = "working"
            if attempt > 1:
                # The first attempt is optimistic: it reads without locks and begins with its first write. One that has
                # lost a race locks what it reads, so that it cannot lose the same race again.
                connection.begin()
            transaction = Transaction(connection, clock(), worker)
            result = carry_out(transaction, work)
            commits_since = transaction.commits_since
            if transaction.begun:
                phase, commits_since = "committing", perf_counter()
                connection.commit()
            took = perf_counter() - commits_since if commits_since is not None else None
    except Exception as error:
        # A connection lost in the middle of COMMIT, or of the statement that is its own commit, leaves open whether the
        # commit took place. A retry might do everything twice, so there is none.
        is_unknown = phase == "committing" or (transaction is not None and transaction.commits_since is not None)
        if attempt <= REPEATS and (isinstance(error, ConflictError) or (not is_unknown and is_transient(error))):
            raise Retry(class_of(error)) from error
        reported = as_reported(error, connecting=phase == "connecting")
        if reported is error:
            raise
        raise reported from error
    return result, transaction.signals, took


def as_reported(error: Exception, *, connecting: bool = False) -> Exception:
    """Return the error that callers get: StorageUnavailable where the database cannot be reached, else `error` itself.

    A StopIteration becomes a RuntimeError, as in a generator: a future does not accept it.
    """
    if isinstance(error, StopIteration):
        return RuntimeError("a unit of work raised StopIteration")
    if not is_unavailable(error, connecting=connecting):
        return error
    unavailable = StorageUnavailable(driver_message(error))
    unavailable.__cause__ = error
    return unavailable
