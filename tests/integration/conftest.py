"""A bot on a fresh database, of one kind and then of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.conversation import Town
from tests.transcripts import SharedTextSnapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from syrupy.assertion import SnapshotAssertion

    from engine.compiled import CompiledFlows
    from tests.databases import ManualClock


@pytest_asyncio.fixture
async def town(database_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    town = Town(database_url, flows, clock=clock)
    yield town
    await town.app.close()


@pytest.fixture
def transcripts(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Give a snapshot that both databases have to match."""
    return snapshot.use_extension(SharedTextSnapshot)
