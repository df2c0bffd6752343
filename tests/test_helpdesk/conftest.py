"""People and a request that the domain's functions are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from bot.handlers.work import Work
from tests.records import BOT, a_person, a_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database.runner import Runner


@dataclass(frozen=True, slots=True)
class Desk:
    """A database with one author and one request."""

    runner: Runner
    author_id: int
    request_id: int

    async def do(self, what: Callable[[Work], Any]) -> Any:
        """Do something in a unit of work of its own."""
        return await self.runner.run(lambda tx: what(Work(tx, BOT)))


@pytest_asyncio.fixture
async def desk(runner: Runner) -> Desk:
    """Give a help desk on each kind of database."""

    def prepare(tx: Any) -> tuple[int, int]:
        author = a_person(tx, 1001)
        return author.id, a_request(tx, author).id

    return Desk(runner, *await runner.run(prepare))
