"""What happens in a conversation while its screen is on the way to Telegram."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.conversation import Town
from tests.waiting import eventually

if TYPE_CHECKING:
    from engine.compiled import CompiledFlows


async def test_a_piece_of_an_album_that_comes_while_the_screen_is_sent_edits_that_screen(
    database_url: str, flows: CompiledFlows
) -> None:
    town = Town(database_url, flows)
    anna = town.person(1001, "Анна")
    await anna.say("/new")
    anna.person.send_album([None, None], "Течёт кран")
    first, second = town.emulator.updates.take()
    slow = town.emulator.faults.add(kind="slow", method="sendMessage", delay=1.0)

    await town.app.poller.handle([first])
    sending = asyncio.create_task(town.app.delivery.flush())
    await eventually(lambda: slow.hits)
    await town.app.poller.handle([second])
    await sending
    await town.until_idle()

    assert [message.text.count("Где это?") for message in anna.messages if message.by_bot][-2:] == [0, 1]
    assert anna.screen.labels
    await town.app.close()
