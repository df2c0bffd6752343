"""A bot on a fresh SQLite file, and the people of a school."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, Actor, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.compiled import CompiledFlows
    from tests.databases import ManualClock


@pytest_asyncio.fixture
async def town(sqlite_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    town = Town(sqlite_url, flows, clock=clock)
    yield town
    await town.app.close()


@pytest_asyncio.fixture
async def anna(town: Town) -> Actor:
    """A teacher."""
    return town.person(1001, "Анна", "Петрова")


@pytest_asyncio.fixture
async def boris(town: Town) -> Actor:
    """Another teacher."""
    return town.person(1002, "Борис", "Сидоров")


@pytest_asyncio.fixture
async def sergey(town: Town) -> Actor:
    """The manager, who has started the bot."""
    return await town.arrive(MANAGER_ID, "Сергей", "Иванов")


@pytest_asyncio.fixture
async def olga(town: Town) -> Actor:
    """The second manager, who has started the bot."""
    return await town.arrive(SECOND_MANAGER_ID, "Ольга", "Смирнова")


@pytest_asyncio.fixture
async def pyotr(town: Town) -> Actor:
    """The plumber, who has started the bot."""
    return await town.arrive(3001, "Пётр", "Кузнецов", role="crew")


@pytest_asyncio.fixture
async def vera(town: Town) -> Actor:
    """The director, who has started the bot."""
    return await town.arrive(4001, "Вера", "Павловна", role="viewer")
