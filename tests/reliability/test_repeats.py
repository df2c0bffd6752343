"""Every update delivered 2 to 5 times: the database and the chats are the same as after once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.consistency import assert_consistent
from tests.conversation import Town
from tests.reliability.pace import SCALE, feed_at_once, run_down
from tests.reliability.repeating import RepeatingTown, dump
from tests.reliability.school_day import School

if TYPE_CHECKING:
    from pathlib import Path

    from engine.compiled import CompiledFlows
    from tests.databases import Databases
    from tests.reliability.repeating import Dump


async def _spent(town: Town) -> tuple[Dump, dict[str, list[list[str]]]]:
    """Spend a day and return what it left behind."""
    school = await School.open(town)
    await school.spend_a_day()
    await run_down(town)
    if isinstance(town, RepeatingTown):
        await town.feed_all_late_ones()
    await assert_consistent(town)
    left = await dump(town), school.transcripts()
    await town.app.close()
    return left


@pytest.mark.parametrize("seed", range(SCALE))
async def test_a_day_of_repeated_updates_leaves_what_a_plain_day_leaves(
    database_url: str, databases: Databases, tmp_path: Path, flows: CompiledFlows, seed: int
) -> None:
    rows, chats = await _spent(Town(databases.sqlite(tmp_path / "once.db"), flows))
    town = RepeatingTown(database_url, flows, seed=seed)
    repeated_rows, repeated_chats = await _spent(town)
    assert min(town.came.values()) >= 2
    assert repeated_chats == chats
    assert repeated_rows == rows


async def test_the_first_word_of_somebody_new_that_comes_five_times_at_once_is_answered_once(town: Town) -> None:
    anna = town.person(1001, "Анна")
    anna.person.say("/start")
    await feed_at_once(town, town.emulator.updates.take() * 5)
    await town.until_idle()
    assert len(anna.texts) == 1
    assert await town.value("SELECT count(*) FROM users") == 1
    assert await town.query("SELECT screen_rev, revision FROM conversations") == [(1, 1)]
