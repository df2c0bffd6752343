"""What the emulator remembers: chats, files, updates, and everything that has happened.

The methods of the bot and the actions of people both work on it, and know nothing of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import wire
from bot.emulator.chat_log import ChatEvent, ChatLog, What
from bot.emulator.chats import Chats
from bot.emulator.commands import CommandLists
from bot.emulator.faults import Faults
from bot.emulator.files import FileStore
from bot.emulator.journal import Journal
from bot.emulator.posting import Poster
from bot.emulator.presses import Presses
from bot.emulator.rates import Rates
from bot.emulator.updates import UpdateQueue
from bot.emulator.views import view

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.emulator.chats import Chat, Message, User


class State:
    """One Telegram as one bot meets it; `clock` gives seconds since the epoch."""

    def __init__(self, bot: User, clock: Callable[[], float]) -> None:
        self.bot = bot
        self.clock = clock
        self.chats = Chats()
        self.files = FileStore(bot.id)
        self.updates = UpdateQueue()
        self.journal = Journal()
        self.faults = Faults()
        self.rates = Rates()
        self.presses = Presses()
        self.chat_log = ChatLog()
        self.commands = CommandLists()
        self.profile: dict[str, Any] = {}
        self.poster = Poster(self.updates, clock)
        self.updates.came = self.poster.post
        self.last_album = 13_000_000_000_000_000

    def be(self, bot_id: int) -> None:
        """Give the bot this id."""
        self.bot.id = self.files.bot_id = bot_id

    def next_album(self) -> str:
        """The `media_group_id` of a new album."""
        self.last_album += 1
        return str(self.last_album)

    def queue(self, kind: str, content: dict[str, Any]) -> None:
        """Queue an update for the bot."""
        self.updates.put(kind, content)

    def post(self, message: Message, kind: str = "message") -> Message:
        """Put a message of a person into its chat and tell the bot."""
        self.keep(message)
        self.queue(kind, wire.message(message))
        return message

    def keep(self, message: Message) -> Message:
        """Put a message into its chat."""
        message.chat.messages[message.id] = message
        self.record(What.SENT, message.chat, message=view(message))
        return message

    def record(self, what: What, chat: Chat, **details: Any) -> None:
        """Write down what happened in a chat."""
        self.chat_log.add(ChatEvent(what, chat.id, **details))
