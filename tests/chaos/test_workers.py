from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.processes import Nursery
from tests.chaos.workers import run_workers

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random


async def test_two_workers_behind_one_address_lose_nothing_when_one_is_killed(
    tmp_path: Path, durable_postgresql_url: str, chance: Random
) -> None:
    async with Nursery(tmp_path) as nursery:
        verdict = await run_workers(nursery, tmp_path, durable_postgresql_url, 3, chance)

    assert verdict.violations == []
    assert verdict.counts["requests"] > 0
