"""Claims of several processes on one database, and what becomes of those of a process that died."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from storage.database.runner import open_runner
from storage.outbox import leases, messages, queue, screens
from storage.outbox.messages import Outgoing
from tests.postgres_server import PostgresServer
from tests.records import BOT
from tests.test_storage.outbox.test_screens import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner

DEAD = 71


async def _lease_both(runner: Runner, worker: int) -> None:
    await runner.run(lambda tx: messages.put(tx, Outgoing(BOT, 1, "sendMessage", {"call": {"text": "да"}})))
    await runner.run(lambda tx: show(tx, 1, "Меню", worker))
    assert len(await runner.run(lambda tx: queue.lease(tx, BOT, worker, 10))) == 1


async def _free(runner: Runner, worker: int) -> tuple[int, int]:
    rows = await runner.run(lambda tx: queue.lease(tx, BOT, worker, 10))
    return len(rows), len(await runner.run(lambda tx: screens.lease(tx, BOT, worker, 10)))


async def test_a_start_takes_over_what_a_dead_process_had_in_hand(runner: Runner) -> None:
    await _lease_both(runner, DEAD)
    await runner.run(lambda tx: leases.rescue_orphans(tx, runner.worker, timedelta()))

    assert await _free(runner, runner.worker) == (1, 1)


async def test_a_process_keeps_its_own_leases(runner: Runner) -> None:
    await _lease_both(runner, runner.worker)
    await runner.run(lambda tx: leases.rescue_orphans(tx, runner.worker, timedelta()))

    assert await _free(runner, runner.worker) == (0, 0)


async def test_a_recent_lease_is_not_rescued(runner: Runner, clock: ManualClock) -> None:
    await _lease_both(runner, DEAD)
    await runner.run(lambda tx: leases.rescue_orphans(tx, runner.worker))
    assert await _free(runner, runner.worker) == (0, 0)

    clock.advance(seconds=leases.GRACE.total_seconds() + 1)
    await runner.run(lambda tx: leases.rescue_orphans(tx, runner.worker))
    assert await _free(runner, runner.worker) == (1, 1)


async def test_a_released_message_may_be_leased_by_any_process(runner: Runner) -> None:
    await _lease_both(runner, runner.worker)
    await runner.run(lambda tx: leases.release(tx, runner.worker))

    assert await _free(runner, DEAD) == (1, 1)


async def test_the_lease_of_a_slow_send_is_renewed(runner: Runner, clock: ManualClock) -> None:
    await _lease_both(runner, runner.worker)
    clock.advance(seconds=50)
    conversation = await runner.run(lambda tx: show(tx, 2, "Меню", runner.worker))
    assert conversation
    await runner.run(lambda tx: leases.renew(tx, runner.worker, [1], [conversation.conversation_id - 1]))
    clock.advance(seconds=20)

    assert await _free(runner, DEAD) == (0, 0)
    clock.advance(seconds=40)
    assert await _free(runner, DEAD) == (1, 2)


async def test_renewing_leases_does_not_wait_for_rows_locked_by_a_unit_of_work(
    postgresql_url: str, clock: ManualClock
) -> None:
    runner = open_runner(postgresql_url, clock)
    await _lease_both(runner, runner.worker)
    unit = await asyncpg.connect(postgresql_url)
    async with asyncio.timeout(10), unit.transaction():
        await unit.execute("SELECT 1 FROM conversations FOR NO KEY UPDATE")
        await runner.run(lambda tx: leases.renew(tx, runner.worker, [1], [1]))
        await unit.execute("SELECT 1 FROM outbox FOR UPDATE NOWAIT")
    await unit.close()
    await runner.close()


async def test_leases_of_a_live_process_are_kept_until_it_dies(postgresql_url: str, clock: ManualClock) -> None:
    one, other = open_runner(postgresql_url, clock), open_runner(postgresql_url, clock)
    ready = asyncio.Event()
    living = asyncio.create_task(other.listen(ready))
    await ready.wait()
    await _lease_both(one, other.worker)
    await one.run(lambda tx: leases.rescue_orphans(tx, one.worker, timedelta()))
    assert await _free(one, one.worker) == (0, 0)

    living.cancel()
    await asyncio.wait({living})
    await other.close()
    await one.run(lambda tx: leases.rescue_orphans(tx, one.worker, timedelta()))
    assert await _free(one, one.worker) == (1, 1)
    await one.close()


async def test_a_commit_of_one_process_wakes_the_others(postgresql_url: str) -> None:
    one, other = open_runner(postgresql_url), open_runner(postgresql_url)
    ready, woken = asyncio.Event(), asyncio.Event()
    other.subscribe("delivery", woken.set)
    listening = asyncio.create_task(other.listen(ready))
    await ready.wait()

    await one.run(lambda tx: tx.signal("timers"))
    await other.run(lambda tx: tx.signal("timers"))
    assert not woken.is_set()
    await one.run(lambda tx: tx.signal("delivery"))
    async with asyncio.timeout(10):
        await woken.wait()
    listening.cancel()
    await one.close()
    await other.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own, which may be killed."""
    started = PostgresServer()
    started.start()
    yield started
    started.stop()


async def test_listening_starts_again_when_the_database_is_back(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.listen_notify.PULSE", 0.05)
    runner = open_runner(server.url("postgres"))
    ready = asyncio.Event()
    listening = asyncio.create_task(runner.listen(ready))
    await ready.wait()
    await asyncio.to_thread(server.kill)
    while ready.is_set():  # noqa: ASYNC110 - nothing tells when an event is cleared
        await asyncio.sleep(0.01)
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(20):
        await ready.wait()
    listening.cancel()
    await asyncio.wait({listening})
    await runner.close()
