from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.dialogs import quarantine
from tests.records import BOT

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner

UPDATE = {"update_id": 5, "message": {"text": "\0 \ud83d"}}


async def put(runner: Runner, raw: Any = UPDATE, bot: int = BOT, **how: Any) -> None:
    await runner.run(lambda tx: quarantine.add(tx, bot, 5, raw, "KeyError\0", **how))


async def test_an_update_is_kept_as_it_came(runner: Runner, clock: ManualClock) -> None:
    await put(runner, tries=3)

    [row] = await runner.run(quarantine.kept)
    assert (row.bot_id, row.update_id, row.raw, row.error, row.tries) == (BOT, 5, UPDATE, "KeyError", 3)
    assert (row.created_at, row.retry_at) == (clock.now, None)
    assert await runner.run(lambda tx: quarantine.find(tx, row.id)) == row
    assert await runner.run(lambda tx: quarantine.find(tx, row.id + 1)) is None


async def test_the_same_update_is_kept_once_and_another_with_its_id_beside_it(runner: Runner) -> None:
    await put(runner, tries=3)
    await put(runner, tries=3)
    await put(runner, {"update_id": 5})
    await put(runner, bot=BOT + 1)

    assert [row.tries for row in await runner.run(quarantine.kept)] == [6, 1, 1]


async def test_an_update_to_retry_is_leased_once_by_its_bot(runner: Runner, clock: ManualClock) -> None:
    await put(runner)
    await put(runner, {"update_id": 6})
    await put(runner, bot=BOT + 1)
    assert await runner.run(lambda tx: quarantine.lease(tx, BOT)) == []

    assert await runner.run(lambda tx: quarantine.retry(tx, [1])) == 1
    assert [row.id for row in await runner.run(lambda tx: quarantine.lease(tx, BOT))] == [1]
    assert await runner.run(lambda tx: quarantine.retry(tx, None)) == 3
    assert [row.id for row in await runner.run(lambda tx: quarantine.lease(tx, BOT))] == [1, 2]
    assert await runner.run(lambda tx: quarantine.lease(tx, BOT)) == []
    clock.advance(seconds=quarantine.LEASE_SECONDS)
    assert len(await runner.run(lambda tx: quarantine.lease(tx, BOT))) == 2
