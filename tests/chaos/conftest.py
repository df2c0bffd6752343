"""Databases that keep what was committed when they are killed."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.databases import Databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package")
def durable_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Give the maker of databases with fsync on."""
    made = Databases(tmp_path_factory.mktemp("durable"), durable=True)
    yield made
    made.close()


@pytest.fixture
def chance() -> Random:
    """Give random choices, the same in every run."""
    return Random(1)  # noqa: S311 - to be repeated, not to be secret


@pytest.fixture
def durable_sqlite_url(durable_databases: Databases, tmp_path: Path) -> str:
    """Give a fresh migrated SQLite file."""
    return durable_databases.sqlite(tmp_path / "zavhoz.db")


@pytest.fixture
def durable_postgresql_url(durable_databases: Databases) -> Iterator[str]:
    """Give a fresh migrated PostgreSQL database."""
    with durable_databases.postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh migrated database, of one kind and then of the other."""
    url: str = request.getfixturevalue(f"durable_{request.param}_url")
    return url
