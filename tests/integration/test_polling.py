"""Long polling as a process does it, with what stands in its way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.app import running

if TYPE_CHECKING:
    from tests.conversation import Town


async def test_a_webhook_left_on_the_token_is_taken_away(town: Town) -> None:
    anna = town.person(1001, "Анна")
    await town.app.bot.set_webhook("https://example.org/hook")
    anna.person.say("/start")
    async with running(town.app):
        for _ in range(400):
            if any(message.by_bot for message in anna.messages):
                break
            await asyncio.sleep(0.05)
    assert anna.screen
    assert town.emulator.webhook.settings is None
