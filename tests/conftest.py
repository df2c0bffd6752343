"""Shared fixtures: databases (a test that asks for `database_url` runs on both kinds), flows, people, snapshots.

The people live in the `town`: on a SQLite file, unless the folder or the test has a town of its own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck

from bot.scenarios.clock import ManualClock
from storage.database.runner import open_runner
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, Actor, Town, shipped_flows
from tests.databases import Databases
from tests.forks import fork_server
from tests.logs import as_before
from tests.longest_first import rank
from tests.transcripts import TextSnapshot
from tests.trouble import received, trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from engine.compiled import CompiledFlows
    from storage.database.runner import Runner

__all__ = ["received", "trouble"]  # fixtures that are defined beside what they are made of

# How fast a machine generates and runs examples says nothing about the code: that is measured in bench/.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

# Processes that tests start inherit it: what they say does not depend on the machine.
os.environ["LC_ALL"] = "C.UTF-8"

# The default draws every value around an error, which takes a second each time.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
    wrapper_class=structlog.make_filtering_bound_logger("INFO"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; `--no-loadscope-reorder` lets xdist keep the order."""
    items.sort(key=lambda item: rank(item.path))


@pytest.fixture(scope="session", autouse=True)
def _end_fork_server() -> Iterator[None]:
    """End the server of processes, if a test has started it, before coverage is put together."""
    yield
    fork_server.close()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Give the maker of databases; its server lives as long as the test session."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture
def sqlite_url(databases: Databases, tmp_path: Path) -> str:
    """Give a fresh migrated SQLite file."""
    return databases.sqlite(tmp_path / "zavhoz.db")


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """Give a fresh migrated PostgreSQL database."""
    with databases.postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh migrated database, of one kind and then of the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """Give a database without a schema, of one kind and then of the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with databases.postgresql(migrated=False) as url:
        yield url


@pytest_asyncio.fixture
async def town(sqlite_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    """Give a bot on a fresh SQLite file, and the people who may talk to it."""
    town = Town(sqlite_url, flows, clock=clock)
    yield town
    await town.app.close()


@pytest_asyncio.fixture
async def city(database_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    """Give a town on each kind of database."""
    city = Town(database_url, flows, clock=clock)
    yield city
    await city.app.close()


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Let the test configure logs, and undo it."""
    with as_before():
        yield


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that moves only when told to."""
    return ManualClock()


@pytest_asyncio.fixture
async def runner(database_url: str, clock: ManualClock) -> AsyncIterator[Runner]:
    """Give a runner of units of work on `database_url`, by `clock`."""
    opened = open_runner(database_url, clock)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def flows() -> CompiledFlows:
    """Give the shipped flows, compiled once: nothing changes them."""
    return shipped_flows()


@pytest.fixture
def transcripts(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Give a snapshot that is one readable text file."""
    return snapshot.use_extension(TextSnapshot)


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
