"""A bot on a fresh database, of one kind and then of the other; nothing waits when a test begins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.conversation import Town
from tests.reliability.street import Street, meet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.compiled import CompiledFlows


@pytest.fixture(autouse=True)
def unprinted_logs() -> Iterator[None]:
    """Print no logs: thousands of updates are repeated, refused, set aside."""
    with capture_logs():
        yield


@pytest.fixture
def town(city: Town) -> Town:
    """Give the town on each kind of database."""
    return city


@pytest.fixture
def street(database_url: str, flows: CompiledFlows) -> Iterator[Street]:
    """Give a town with a loop of its own: hypothesis calls from outside of any."""
    with asyncio.Runner() as loop:
        street = Street(loop, *loop.run(meet(Town(database_url, flows))))
        yield street
        loop.run(street.town.app.close())
