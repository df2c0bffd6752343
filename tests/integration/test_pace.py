"""The bot that runs as a process keeps to Telegram's pace, however fast the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.integration.test_process import ready_to_send, two_people
from tests.processes import Far, until

if TYPE_CHECKING:
    from pathlib import Path

MANAGER_ID = 2001


async def test_a_burst_of_notices_to_one_chat_takes_the_time_that_telegram_asks_for(tmp_path: Path) -> None:
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        await far.start_bot()
        anna, _ = await two_people(far)
        await ready_to_send(anna)
        card = await anna.press("Отправить", sees="№1")
        before = await sent_to(far, MANAGER_ID)

        started = time.monotonic()
        for number in range(10):
            await anna.remote.say(f"Вода на полу, уже {number} луж", card.id)

        async def more_than_a_burst() -> int:
            count = await sent_to(far, MANAGER_ID) - before
            return count if count > 11 else 0

        count = await until(more_than_a_burst)
        # All were sent between the two looks at the clock: a slow machine makes it longer, never shorter.
        assert time.monotonic() - started > count - 10 - 0.1


async def sent_to(far: Far, chat_id: int) -> int:
    """Count the messages and edits that came for a chat."""
    calls = await far.client.journal("sendMessage", "editMessageText")
    return sum(int(call["params"]["chat_id"]) == chat_id for call in calls)
