"""A town as it was at one moment, so that many futures of it can be tried."""

from __future__ import annotations

import copy
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from bot.delivery.receipts import UnrecordedReceipts

if TYPE_CHECKING:
    from datetime import datetime

    from bot.emulator.chats import Chat, Message
    from tests.conversation import Town


@dataclass(frozen=True, slots=True)
class Memory:
    """What the bot and a person may change of a private chat."""

    messages: dict[int, Message]
    deleted: dict[int, Message]
    last_id: int
    started: bool

    @classmethod
    def of(cls, chat: Chat) -> Memory:
        """Keep a chat as it is."""
        return cls(_copied(chat.messages), _copied(chat.deleted), chat.last_id, chat.started)

    def put_back(self, chat: Chat) -> None:
        """Let a chat be as it was."""
        chat.messages, chat.deleted = _copied(self.messages), _copied(self.deleted)
        chat.last_id, chat.started = self.last_id, self.started


def _copied(messages: dict[int, Message]) -> dict[int, Message]:
    return {number: copy.copy(message) for number, message in messages.items()}


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, the whole database, every private chat."""

    now: datetime
    database: sqlite3.Connection
    chats: dict[int, Memory]


class World:
    """A town on a SQLite file that can be brought back to any moment at which nothing waited to be handled or sent.

    Ids of updates, presses and files go on counting: none comes twice.
    """

    def __init__(self, town: Town) -> None:
        self.town = town
        self._file = sqlite3.connect(town.url.removeprefix("sqlite:///"))
        _hurry(self._file)
        engine = town.app.runner.engine
        event.listen(engine, "connect", _hurry)
        engine.dispose()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def read(self, sql: str, **values: Any) -> list[Any]:
        """Read the database behind the bot's back."""
        return self._file.execute(sql, values).fetchall()

    def remember(self) -> Moment:
        """Return the present."""
        database = sqlite3.connect(":memory:")
        self._file.backup(database)
        chats = {person.id: Memory.of(person.chat) for person in self.town.emulator.people.values()}
        return Moment(self.town.clock.now, database, chats)

    def recall(self, moment: Moment) -> None:
        """Bring a moment back; what has happened since is forgotten."""
        emulator = self.town.emulator
        self.town.clock.now = moment.now
        moment.database.backup(self._file)
        for person in emulator.people.values():
            moment.chats[person.id].put_back(person.chat)
        emulator.journal.entries.clear()
        emulator.chat_log.entries.clear()
        emulator.callback_queries.by_id.clear()
        # What it has shown lately belongs to another future.
        self.town.app.delivery.receipts.unrecorded = UnrecordedReceipts()


def _hurry(connection: sqlite3.Connection, _record: Any = None) -> None:
    """Wait for no disk: a walk is thousands of commits, none of which has to outlive a power cut."""
    connection.execute("PRAGMA synchronous = OFF")
