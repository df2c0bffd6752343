"""Waiting for what happens in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def eventually(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds; raises TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - the bot knows nothing of who waits for it
            await asyncio.sleep(0.01)
