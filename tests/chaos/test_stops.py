from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.processes import Nursery
from tests.chaos.stops import run_stops

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.databases import Databases


async def test_a_bot_asked_to_stop_in_a_burst_stops_in_time_and_loses_nothing(
    tmp_path: Path, durable_sqlite_url: str, chance: Random
) -> None:
    async with Nursery(tmp_path) as nursery:
        verdict = await run_stops(nursery, tmp_path, durable_sqlite_url, ["SIGTERM", "slow Telegram"], chance)

    assert verdict.violations == []
    assert verdict.counts["requests"] > 0


async def test_a_bot_stops_in_time_though_its_database_is_away(
    tmp_path: Path, durable_databases: Databases, durable_postgresql_url: str, chance: Random
) -> None:
    async with Nursery(tmp_path) as nursery:
        verdict = await run_stops(
            nursery, tmp_path, durable_postgresql_url, ["no database", "SIGTERM"], chance, durable_databases.server
        )

    assert verdict.violations == []
    assert verdict.counts["requests"] > 0
