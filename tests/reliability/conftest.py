"""A bot on a fresh database, of one kind and then of the other; nothing waits when a test begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from tests.conversation import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from engine.compiled import CompiledFlows
    from tests.databases import ManualClock


@pytest.fixture(autouse=True)
def unprinted_logs() -> Iterator[None]:
    """Print no logs: thousands of updates are repeated, refused, set aside."""
    with capture_logs():
        yield


@pytest_asyncio.fixture
async def town(database_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    town = Town(database_url, flows, clock=clock)
    yield town
    await town.app.close()
