from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.boundaries import BOUNDARIES
from tests.chaos.kills import RANDOM, Kill, run_kills
from tests.chaos.processes import Nursery

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_bot_killed_at_every_boundary_loses_and_doubles_nothing(tmp_path: Path, durable_url: str) -> None:
    kills = [*(Kill(boundary, 3) for boundary in BOUNDARIES), Kill("", seconds=0.7)]
    async with Nursery(tmp_path) as nursery:
        verdict = await run_kills(nursery, tmp_path, durable_url, kills)

    assert verdict.violations == []
    assert verdict.cuts == dict.fromkeys((*BOUNDARIES, RANDOM), 1)
    assert verdict.counts["requests"] > 0
