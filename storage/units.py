"""One unit of work inside its transaction, and what becomes of it when something fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from storage import signals
from storage.errors import StorageUnavailable
from storage.failures import in_one_line, is_transient, is_unavailable
from storage.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

T = TypeVar("T")

REPEATS = 3
"""How often a unit is run again after a transient failure."""


class Again(Exception):  # noqa: N818 - a signal, not an error
    """The unit lost to another one; nothing of it was kept."""


def carry_out(
    connection: Connection, clock: Callable[[], datetime], work: Callable[[Transaction], T], worker: int
) -> tuple[T, set[str]]:
    """Do the work in a transaction that has begun; return its result and the signals to pass on after the commit."""
    transaction = Transaction(connection, clock(), worker)
    try:
        result = work(transaction)
        transaction.flush()
        if transaction.signals:
            signals.give(connection, transaction.signals, worker)
    finally:
        transaction.close()
    return result, transaction.signals


def run_alone(
    engine: Engine, clock: Callable[[], datetime], work: Callable[[Transaction], T], worker: int, attempt: int
) -> tuple[T, set[str]]:
    """Run a unit in a transaction of its own; raises Again where it may be repeated, StorageUnavailable, its errors."""
    phase = "connecting"
    try:
        with engine.connect() as connection, connection.begin() as begun:
            phase = "working"
            done = carry_out(connection, clock, work, worker)
            phase = "committing"
            begun.commit()
    except Exception as error:
        # A connection lost in the middle of COMMIT leaves its outcome open, so nothing is repeated then.
        if phase != "committing" and attempt <= REPEATS and is_transient(error):
            raise Again(in_one_line(error)) from error
        raise as_reported(error, connecting=phase == "connecting") from error
    return done


def as_reported(error: Exception, *, connecting: bool = False) -> Exception:
    """Return what the caller is told: StorageUnavailable where the database is out of reach, else the error itself.

    A StopIteration becomes a RuntimeError, as Python makes one of it: no future takes it.
    """
    if isinstance(error, StopIteration):
        return RuntimeError("a unit of work raised StopIteration")
    return StorageUnavailable(in_one_line(error)) if is_unavailable(error, connecting=connecting) else error
