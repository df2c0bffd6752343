"""The queue of updates of one bot: confirmed by offset, waited for by at most one long poll.

https://core.telegram.org/bots/api#getupdates: an update is confirmed as soon as `getUpdates` is called with
an offset higher than its id; a negative offset keeps that many newest updates and forgets the rest.

Only one bot process may poll. Telegram does not refuse the newcomer but ends the poll that waits, with 409: a process
that was restarted takes over from its predecessor, whose connection may hang for minutes, and of two that run by
mistake each keeps ending the other's polls, so that both report it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

SPECIAL = {"chat_member", "message_reaction", "message_reaction_count"}
"""Kinds that a bot gets only when it names them."""

_OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


class UpdateQueue:
    """Updates not yet confirmed; `next_id` may be moved, as Telegram does after a week of silence."""

    def __init__(self, first_id: int = 700_000_001) -> None:
        self.next_id = first_id
        self.pending: list[dict[str, Any]] = []
        self.allowed: list[str] = []
        self.newest: dict[str, Any] | None = None
        """The update that was queued last, confirmed or not."""
        self.on_new: Callable[[], None] = lambda: None
        """Called after each new update."""
        self._poll: asyncio.Future[None] | None = None

    def put(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update and return its id, None for a kind the bot does not want."""
        wanted = kind in self.allowed if self.allowed else kind not in SPECIAL
        return self.push({kind: content}) if wanted else None

    def push(self, update: dict[str, Any]) -> int:
        """Queue any object under the id it brings, else under the next one; return the id."""
        update_id = int(update.get("update_id", self.next_id))
        self.newest = {"update_id": update_id} | update
        self.pending.append(self.newest)
        self.next_id = max(self.next_id, update_id) + 1
        self._wake()
        self.on_new()
        return update_id

    def take(self) -> list[dict[str, Any]]:
        """Confirm and return everything pending: for tests that feed a dispatcher themselves."""
        taken, self.pending = self.pending, []
        return taken

    def is_pending(self, update: dict[str, Any]) -> bool:
        """Return whether this very update is not confirmed yet; a raw one may have the id of another."""
        return any(each is update for each in self.pending)

    def confirm(self, update: dict[str, Any]) -> None:
        """Confirm one update."""
        self.pending = [each for each in self.pending if each is not update]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Answer one `getUpdates`: confirm below `offset`, wait up to so many seconds for something new.

        Raises `ApiError` 409 when another poll takes over while this one waits.
        """
        self._confirm_below(offset)
        self.interrupt()
        if not self.pending and seconds > 0:
            await self._wait(seconds)
        return self.pending[:limit]

    def interrupt(self) -> None:
        """End the poll that waits with 409."""
        if self._poll and not self._poll.done():
            self._poll.set_exception(ApiError(409, _OTHER_POLL))

    def _confirm_below(self, offset: int) -> None:
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    async def _wait(self, seconds: float) -> None:
        self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._poll, seconds)
        except TimeoutError:
            return

    def _wake(self) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(None)
