"""A quarantined update is retried while the bot runs, on either database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from bot.app import running
from bot.cli.main import app
from tests.processes import until

if TYPE_CHECKING:
    from tests.conversation import Town

TRIES = "SELECT tries, retry_at FROM quarantined_updates"


async def test_a_retry_asked_for_on_the_command_line_is_made_by_the_bot_that_runs(town: Town) -> None:
    town.clock.now = datetime.now(UTC) + timedelta(hours=1)
    town.emulator.push_raw({"message": 5})
    await town.until_idle()
    async with running(town.app):
        asked = await asyncio.to_thread(CliRunner().invoke, app, ["updates", "retry", "--all", "--database", town.url])
        assert asked.output == "To be retried: 1.\n"

        async def made() -> bool:
            return await town.query(TRIES) == [(2, None)]

        await until(made)
