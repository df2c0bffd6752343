from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.processes import Nursery
from tests.chaos.restarts import Storm, run_restarts

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.databases import Databases


async def test_postgresql_dies_under_people_at_work_and_nothing_is_lost(
    tmp_path: Path, durable_databases: Databases, durable_postgresql_url: str, chance: Random
) -> None:
    storm = Storm(requests=50, authors=10, least=2.0, most=4.0, longest_down=1.0, restarts=1)
    async with Nursery(tmp_path) as nursery:
        verdict = await run_restarts(nursery, tmp_path, durable_postgresql_url, durable_databases.server, storm, chance)

    assert verdict.violations == []
    assert verdict.counts["requests"] >= 50
    assert verdict.cuts["restart"] == 1
