"""Quarantined updates are inspected, retried and deleted from the command line, while the bot runs."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from bot.app import running
from bot.cli.main import app
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from storage.dialogs import quarantine
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.conversation import Actor, Town
    from tests.trouble import Trouble


async def zavhoz(town: Town, *words: str) -> str:
    """Run a command on the town's database, beside its bot; return what it printed."""
    result = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--database", town.url])
    assert result.exit_code == 0, result.output
    town.clock.now = datetime.now(UTC)
    return result.output


@pytest.fixture
async def aside(town: Town, anna: Actor, trouble: Trouble) -> dict[str, Any]:
    """Quarantine an update that would succeed by now; return it."""
    town.clock.now = datetime.now(UTC)

    def explode(_context: Context) -> None:
        raise RuntimeError("boom")

    await anna.say("/start")
    await trouble(explode)
    anna.person.say("/explode Течёт кран")
    update = dict(town.emulator.updates.pending[-1])
    await town.until_idle()
    return update


async def mend(trouble: Trouble) -> list[int]:
    """Restart the bot without the mistake; give a list that grows with every try of the update that had none."""
    calls: list[int] = []
    await trouble(lambda _context: calls.append(1))
    return calls


async def test_the_list_shows_what_happened_and_nobodys_words(town: Town, aside: dict[str, Any]) -> None:
    [head, row] = (await zavhoz(town, "updates", "list")).splitlines()
    assert head.split() == ["ID", "UPDATE", "KIND", "ERROR", "TRIES", "AGE"]
    assert re.fullmatch(rf"1 +{aside['update_id']} +message +RuntimeError +3 +\d+ s", row)


async def test_an_update_is_shown_as_it_came(town: Town, aside: dict[str, Any]) -> None:
    shown = await zavhoz(town, "updates", "show", "1")
    assert '"text": "/explode Течёт кран"' in shown
    assert str(aside["update_id"]) in shown


async def test_an_update_that_works_by_now_is_fed_again_by_the_bot_that_runs(
    town: Town, anna: Actor, aside: dict[str, Any], trouble: Trouble
) -> None:
    calls = await mend(trouble)
    async with running(town.app):
        assert await zavhoz(town, "updates", "retry", "1") == "To be retried: 1.\n"
        await town.app.retrier.retry()
        await eventually(lambda: calls)
    await town.restart()
    assert len(calls) == 1
    assert await zavhoz(town, "updates", "list") == "No update is quarantined.\n"


async def test_an_update_that_took_effect_after_all_has_no_second_one(
    town: Town, anna: Actor, aside: dict[str, Any], trouble: Trouble
) -> None:
    calls = await mend(trouble)
    town.emulator.push_raw(aside)
    await town.until_idle()
    assert len(calls) == 1
    before = anna.transcript()
    await zavhoz(town, "updates", "retry", "--all")
    await town.app.retrier.retry()
    await town.until_idle()
    assert (len(calls), anna.transcript()) == (1, before)
    assert await zavhoz(town, "updates", "list") == "No update is quarantined.\n"


async def test_an_update_that_fails_again_stays_with_all_its_tries_and_is_not_fed_again_by_itself(
    town: Town, aside: dict[str, Any], trouble: Trouble
) -> None:
    def explode(_context: Context) -> None:
        raise KeyError("boom")

    await trouble(explode)
    await zavhoz(town, "updates", "retry", "1")
    assert (await zavhoz(town, "updates", "list")).splitlines()[1].endswith("retry")
    for _ in range(2):
        await town.app.retrier.retry()
    assert await town.query("SELECT error, tries, retry_at FROM quarantined_updates") == [("KeyError", 6, None)]


async def test_a_retry_that_died_with_its_process_is_made_by_the_next_one(
    town: Town, aside: dict[str, Any], trouble: Trouble
) -> None:
    calls = await mend(trouble)
    await zavhoz(town, "updates", "retry", "1")
    assert await town.app.runner.run(lambda tx: quarantine.lease(tx, town.app.bot.id))
    await town.app.retrier.retry()
    assert calls == []
    town.clock.advance(seconds=quarantine.LEASE_SECONDS)
    await town.app.retrier.retry()
    assert len(calls) == 1


async def test_a_retry_waits_for_a_database_that_is_away(
    town: Town, aside: dict[str, Any], trouble: Trouble, capsys: pytest.CaptureFixture[str], caplog: Any
) -> None:
    await town.execute("ALTER TABLE quarantined_updates RENAME TO away")
    retrying = asyncio.create_task(town.app.retrier.run())
    await eventually(lambda: "retrying_waits" in capsys.readouterr().out + caplog.text)
    assert not retrying.done()
    retrying.cancel()
    await town.execute("ALTER TABLE away RENAME TO quarantined_updates")


async def test_what_is_no_update_at_all_is_set_aside_once_however_often_it_comes(town: Town) -> None:
    for raw in ("{", "{", None, [1], {"message": 5, "update_id": 2**70}):
        assert not await town.app.retrier._processor.process(raw)
    rows = (await zavhoz(town, "updates", "list")).splitlines()[1:]
    assert [row.split()[1:5] for row in rows] == [
        ["0", "unreadable", "ValidationError", "2"],
        ["0", "unreadable", "ValidationError", "1"],
        ["0", "unreadable", "ValidationError", "1"],
        ["0", "message", "ValueError", "1"],
    ]


async def test_an_update_can_be_forgotten(town: Town, aside: dict[str, Any]) -> None:
    assert await zavhoz(town, "updates", "drop", "1", "7") == "Deleted: 1.\n"
    assert await zavhoz(town, "updates", "list") == "No update is quarantined.\n"


async def test_a_message_that_was_given_up_is_listed_and_sent_after_all(town: Town, anna: Actor, sergey: Actor) -> None:
    town.clock.now = datetime.now(UTC)
    town.emulator.faults.add("400", "sendMessage", 2001, description="chat is out of order")
    await anna.submit()
    [head, row] = (await zavhoz(town, "outbox", "list")).splitlines()
    assert head.split() == ["ID", "METHOD", "CHAT", "TRIES", "AGE", "REASON"]
    assert re.fullmatch(r"\d+ +sendMessage +2001 +1 +\d+ s +Bad Request: chat is out of order", row)
    assert "№1" not in sergey.text

    assert await zavhoz(town, "outbox", "retry", "--all") == "To be sent again: 1.\n"
    await town.until_idle()
    assert "№1" in sergey.text
    assert await zavhoz(town, "outbox", "list") == "No message was given up.\n"


async def test_a_message_that_was_given_up_can_be_forgotten(town: Town, anna: Actor, sergey: Actor) -> None:
    town.emulator.faults.add("400", "sendMessage", 2001)
    await anna.submit()
    number = await town.value("SELECT id FROM outbox WHERE state = 'dead'")
    assert await zavhoz(town, "outbox", "drop", str(number)) == "Deleted: 1.\n"
    assert await zavhoz(town, "outbox", "list") == "No message was given up.\n"
