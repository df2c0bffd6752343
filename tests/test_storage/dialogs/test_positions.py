"""Where people and requests stand, and looking at it beside a running bot."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database.errors import StorageError, StorageUnavailable
from storage.database.process_lock import acquire_process_lock
from storage.database.read_only import read_only
from storage.database.url import normalise
from storage.dialogs import conversations, positions
from storage.dialogs.positions import DialogPosition
from storage.records import requests
from tests.records import a_person, a_request, private_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.database.runner import Runner, Transaction


def standing_in(number: int, *frames: dict[str, Any]) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        stored = conversations.load(tx, private_key(number))
        stored.state = {"frames": list(frames)}
        conversations.save(tx, stored)

    return work


async def test_every_open_dialog_of_every_conversation_is_counted(runner: Runner) -> None:
    await runner.run(lambda tx: conversations.load(tx, private_key(1)))
    await runner.run(standing_in(2, {"step": "main.menu"}, {"step": "request.mine"}))
    await runner.run(standing_in(3, {"step": "main.menu"}, {"step": "main.menu"}))
    asking = {"step": "request.card", "pending": {"transition": "reject", "answers": {}}}
    await runner.run(standing_in(4, {"step": "main.menu"}, asking, {"step": "request.card"}))

    found = await runner.run(positions.open_dialogs)

    assert {(each.step, each.transition): each.conversations for each in found} == {
        ("main.menu", None): 3,
        ("request.mine", None): 1,
        ("request.card", None): 1,
        ("request.card", "reject"): 1,
    }


@pytest.mark.parametrize(
    "frames", ["x", 5, ["x"], [5], [[]], [{"step": 7}], [{"step": None}], {"step": "main.menu"}, None]
)
async def test_a_damaged_conversation_does_not_stop_the_count(runner: Runner, frames: Any) -> None:
    def damage(tx: Transaction) -> None:
        stored = conversations.load(tx, private_key(1))
        stored.state = {"frames": frames}
        conversations.save(tx, stored)

    await runner.run(damage)
    await runner.run(standing_in(2, {"step": "main.menu"}))
    assert await runner.run(positions.open_dialogs) == [DialogPosition("main.menu", None, 1)]


async def test_requests_are_counted_by_status(runner: Runner) -> None:
    for status in ("open", "open", "lost"):
        await runner.run(lambda tx, status=status: a_request(tx, a_person(tx, 1), status=status))
    assert await runner.run(requests.by_status) == {"open": 2, "lost": 1}


async def test_a_database_in_use_is_read_without_waiting_for_its_writer(database_url: str, runner: Runner) -> None:
    urls = normalise(database_url)
    await runner.run(standing_in(1, {"step": "main.menu"}))
    look = partial(read_only, database_url, positions.open_dialogs)

    def while_writing(tx: Transaction) -> Any:
        standing_in(1, {"step": "request.mine"})(tx)
        return look() if urls.is_sqlite else None

    with acquire_process_lock(database_url):
        seen = await runner.run(while_writing) or await asyncio.to_thread(look)

    assert seen == [DialogPosition("main.menu" if urls.is_sqlite else "request.mine", None, 1)]


def test_nothing_can_be_written_by_who_only_reads(database_url: str) -> None:
    def write(tx: Transaction) -> None:
        tx.connection.execute(text("DELETE FROM users"))

    with pytest.raises(StorageError) as raised:
        read_only(database_url, write)
    assert isinstance(raised.value.__cause__, DBAPIError)


def test_a_database_without_the_bots_tables_has_its_own_message(empty_database_url: str, tmp_path: Path) -> None:
    if normalise(empty_database_url).is_sqlite:
        (tmp_path / "empty.db").touch()
    with pytest.raises(StorageError, match="no database of the bot"):
        read_only(empty_database_url, positions.open_dialogs)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        read_only(f"sqlite:///{tmp_path / 'none.db'}", positions.open_dialogs)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_work_itself_passes_through(database_url: str) -> None:
    def fail(_tx: Transaction) -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        read_only(database_url, fail)
