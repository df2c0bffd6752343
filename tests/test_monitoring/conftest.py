"""A bot on a fresh SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.conversation import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.compiled import CompiledFlows
    from tests.databases import ManualClock


@pytest_asyncio.fixture
async def town(sqlite_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    town = Town(sqlite_url, flows, clock=clock)
    yield town
    await town.app.close()
