"""Telegram's limits on sending, as real counters (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits).

30 messages a second in all, 1 a second to a private chat, 20 a minute to a group. Off by default: most
tests talk faster than people do.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from bot.emulator.errors import too_many

if TYPE_CHECKING:
    from bot.emulator.chats import Chat

TOTAL = (30, 1.0)
PRIVATE = (1, 1.0)
GROUP = (20, 60.0)


class RateLimits:
    """Sliding windows of sends; edits count as sends."""

    def __init__(self) -> None:
        self.enabled = False
        self._sent: dict[int, deque[float]] = defaultdict(deque)

    def count(self, chat: Chat, now: float, messages: int = 1) -> None:
        """Count `messages` sent at `now` (seconds); raises `ApiError` 429, and counts nothing, over a limit."""
        if not self.enabled:
            return
        windows = ((0, TOTAL), (chat.id, PRIVATE if chat.kind == "private" else GROUP))
        for key, (limit, seconds) in windows:
            self._check(self._sent[key], limit, seconds, now)
        for key, _ in windows:
            self._sent[key].extend([now] * messages)

    def _check(self, sent: deque[float], limit: int, seconds: float, now: float) -> None:
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        if len(sent) >= limit:
            raise too_many(math.ceil(sent[0] + seconds - now))
