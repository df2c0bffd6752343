"""How long the proofs run, how updates come in side by side, and how time passes until nothing waits."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conversation import Town

SCALE = int(os.environ.get("CHAOS_SCALE", "1"))
"""How many times as long as in the ordinary suite the proofs run."""
PATIENCE = 4 * 3600
"""Seconds of the town's clock after which what was committed must have been sent, whatever failed before."""
LONGEST_STEP = 60
WAITING = """
SELECT (SELECT count(*) FROM outbox WHERE state = 'pending')
     + (SELECT count(*) FROM conversations WHERE screen_rev > sent_rev)
"""


async def feed_at_once(town: Town, updates: Iterable[dict[str, Any]]) -> None:
    """Hand in updates each by itself and all at the same moment, as several workers behind one webhook do."""
    await asyncio.gather(*(town.app.poller.handle([update]) for update in updates))


async def run_down(town: Town) -> None:
    """Let time pass until everything is handled and delivered; AssertionError when that does not come to an end."""
    step = passed = 0
    await town.until_idle()
    while waiting := await town.value(WAITING):
        assert passed < PATIENCE, f"{waiting} messages still wait"
        step = min(LONGEST_STEP, step + 1)
        passed += step
        town.clock.advance(seconds=step)
        await town.until_idle()
