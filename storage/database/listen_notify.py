"""Signals between the processes that share a PostgreSQL database (LISTEN and NOTIFY), and which of them are alive.

A signal carries no data: a process that gets one polls the tables. It also polls without one, now and then, because
PostgreSQL does not keep notifications for a process that was not listening.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import text

from storage.database.retrying import LONGEST_PAUSE, SHORTEST_PAUSE, Backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

CHANNEL = "zavhoz"
ALIVE = 0x7A617668
"""The first key of the advisory lock that each process holds while it runs; the second key is its worker number."""
PULSE = 5.0
"""Seconds between two heartbeats on the listening connection."""

log = structlog.get_logger(__name__)


def notify(connection: Connection, names: Collection[str], worker: int) -> None:
    """Signal the other processes once this transaction is committed; on SQLite there are none."""
    if connection.dialect.name == "postgresql":
        # NOTIFY takes no parameters; the names are constants of ours. pg_notify() does, but is a SELECT with a row.
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}, '{worker} {' '.join(sorted(names))}'")


async def listen(
    engine: AsyncEngine, worker: int, on_notify: Callable[[Collection[str]], None], ready: asyncio.Event
) -> None:
    """Call `on_notify` with what other processes signal, until cancelled; reconnects whenever the connection breaks."""
    backoff, logged = Backoff(SHORTEST_PAUSE, LONGEST_PAUSE), False
    while True:
        try:
            await _listen_once(engine, worker, on_notify, ready)
        except Exception as error:
            if ready.is_set() or not logged:
                log.info("not_listening", reason=type(error).__name__)
            logged = True
        if ready.is_set():
            backoff.reset()
        ready.clear()
        await asyncio.sleep(backoff.next())


async def _listen_once(
    engine: AsyncEngine, worker: int, on_notify: Callable[[Collection[str]], None], ready: asyncio.Event
) -> None:
    def heard(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        sender, *names = str(payload).split()
        if sender != str(worker):
            on_notify(names)

    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await raw.execute(f"SELECT pg_advisory_lock({ALIVE}, {worker})")
            await raw.add_listener(CHANNEL, heard)
            ready.set()
            while True:
                await asyncio.sleep(PULSE)
                await raw.execute("SELECT 1", timeout=PULSE)
        finally:
            # A pooled connection would keep the lock and the listener.
            await connection.invalidate()


def is_alive(connection: Connection, worker: int) -> bool:
    """Return whether the process with this worker number holds its lock; on SQLite no other process does."""
    if connection.dialect.name != "postgresql":
        return False
    free = connection.execute(text(f"SELECT pg_try_advisory_xact_lock({ALIVE}, :worker)"), {"worker": worker})
    return not free.scalar_one()
