"""How attempts are repeated: pauses that grow, until the database can be reached."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from storage.database import retrying
from storage.database.errors import StorageUnavailable
from storage.database.retrying import Backoff, retry_until_available

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff(0.5, 3.0)
    assert [backoff.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_pauses_begin_anew_after_a_success() -> None:
    backoff = Backoff(0.5, 3.0)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.next() == 0.5


async def test_an_attempt_is_repeated_until_the_database_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "SHORTEST_PAUSE", 0.001)
    pauses: list[float] = []
    assert await retry_until_available(_failing(2, StorageUnavailable("away")), pauses.append) == "done"
    assert pauses == [0.001, 0.002]


async def test_an_attempt_that_fails_otherwise_is_not_repeated() -> None:
    pauses: list[float] = []
    with pytest.raises(ValueError, match="wrong"):
        await retry_until_available(_failing(1, ValueError("wrong")), pauses.append)
    assert pauses == []


async def test_a_pause_ends_when_its_task_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "SHORTEST_PAUSE", 3600.0)
    paused = asyncio.Event()
    waiting = asyncio.create_task(
        retry_until_available(_failing(1, StorageUnavailable("away")), lambda _: paused.set())
    )
    await paused.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def _failing(times: int, error: Exception) -> Callable[[], Awaitable[str]]:
    """Return what raises an error a number of times, and then succeeds."""
    left = iter([error] * times)

    async def attempt() -> str:
        if raised := next(left, None):
            raise raised
        return "done"

    return attempt
