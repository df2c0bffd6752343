"""A Telegram that delivers every update again and again, and the whole of a database to compare."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storage.models.base import Base
from tests.conversation import Town
from tests.reliability.pace import feed_at_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.database.transaction import Transaction

    Update = dict[str, Any]
    Dump = dict[str, list[dict[str, Any]]]

UNORDERED = ("outbox", "message_links")
"""Tables whose rows are written for several chats side by side; nothing refers to their ids, which may skip some."""


@dataclass
class RepeatingTown(Town):
    """A town whose every update comes 2 to 5 times: in a row, at once, after a restart of the bot, much later.

    `seed` decides which of it befalls an update. What comes much later comes after newer updates of its chat.
    """

    seed: int = 0
    came: dict[int, int] = field(default_factory=dict)
    _late: list[Update] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - reproducible, not secret
        super().__post_init__()

    async def until_idle(self) -> None:
        """Handle every update several times and deliver every message."""
        while updates := self.emulator.updates.take():
            await self._feed_at_once(updates)
            for update in updates:
                await self.random.choice(self._ways())(update)
            await self._feed_some_late_ones()
            await self.app.handlers.drain()
            await self.app.delivery.flush()
        await super().until_idle()

    def _ways(self) -> list[Callable[[Update], Awaitable[None]]]:
        return [self._in_a_row, self._at_once, self._after_a_restart, self._much_later, self._much_later]

    async def _feed_at_once(self, updates: list[Update]) -> None:
        """Hand in several people's updates side by side, those of one person in their order."""
        self._count(*updates)
        await self.app.poller.handle(updates)

    async def _in_a_row(self, update: Update) -> None:
        for _ in range(self.random.randint(1, 4)):
            self._count(update)
            await self.app.poller.handle([update])

    async def _at_once(self, update: Update) -> None:
        copies = [update] * self.random.randint(1, 4)
        self._count(*copies)
        await feed_at_once(self, copies)

    async def _after_a_restart(self, update: Update) -> None:
        """Let the process end between the commit and the confirmation."""
        await self.app.handlers.drain()
        await self.restart()
        await self._in_a_row(update)

    async def _much_later(self, update: Update) -> None:
        self._late += [update] * self.random.randint(1, 4)

    async def _feed_some_late_ones(self) -> None:
        self.random.shuffle(self._late)
        kept = len(self._late) * 3 // 4
        copies, self._late = self._late[kept:], self._late[:kept]
        self._count(*copies)
        await feed_at_once(self, copies)

    async def feed_all_late_ones(self) -> None:
        """Deliver what is left of the copies."""
        copies, self._late = self._late, []
        self._count(*copies)
        await feed_at_once(self, copies)
        await self.until_idle()

    def _count(self, *updates: Update) -> None:
        for update in updates:
            self.came[update["update_id"]] = self.came.get(update["update_id"], 0) + 1


async def dump(town: Town) -> Dump:
    """Read every row of every table, but for who had it in hand last."""
    return await town.app.runner.run(_rows)


def _rows(tx: Transaction) -> Dump:
    dump = {}
    for table in Base.metadata.sorted_tables:
        unordered = table.name in UNORDERED
        columns = [each for each in table.columns if "leased" not in each.name and not (unordered and each.primary_key)]
        rows = tx.connection.execute(select(*columns).order_by(*table.primary_key)).mappings()
        dump[table.name] = sorted(map(dict, rows), key=repr) if unordered else [dict(row) for row in rows]
    return dump
