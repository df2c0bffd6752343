"""The emulator's state: chats, files, updates, and the logs of what happened.

The methods of the bot and the actions of people both work on it, and know nothing of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import api_objects
from bot.emulator.callback_queries import CallbackQueries
from bot.emulator.chat_log import ChatEvent, ChatEventKind, ChatLog
from bot.emulator.chats import Chats
from bot.emulator.commands import CommandLists
from bot.emulator.faults import Faults
from bot.emulator.files import FileStore
from bot.emulator.journal import Journal
from bot.emulator.message_views import view
from bot.emulator.rate_limits import RateLimits
from bot.emulator.updates import UpdateQueue
from bot.emulator.webhook_delivery import WebhookDelivery

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
        self.rate_limits = RateLimits()
        self.callback_queries = CallbackQueries()
        self.chat_log = ChatLog()
        self.commands = CommandLists()
        self.profile: dict[str, Any] = {}
        self.webhook = WebhookDelivery(self.updates, clock)
        self.updates.on_new = self.webhook.deliver
        self.last_album = 13_000_000_000_000_000

    def set_bot_id(self, bot_id: int) -> None:
        """Give the bot another id."""
        self.bot.id = self.files.bot_id = bot_id

    def next_album(self) -> str:
        """The `media_group_id` of a new album."""
        self.last_album += 1
        return str(self.last_album)

    def queue_update(self, kind: str, content: dict[str, Any]) -> None:
        """Queue an update for the bot."""
        self.updates.put(kind, content)

    def receive(self, message: Message, kind: str = "message") -> Message:
        """Add what a person or a channel wrote, and queue the update that brings it to the bot."""
        self.add_message(message)
        self.queue_update(kind, api_objects.message(message))
        return message

    def add_message(self, message: Message) -> Message:
        """Add a message to its chat."""
        message.chat.messages[message.id] = message
        self.record(ChatEventKind.SENT, message.chat, message=view(message))
        return message

    def record(self, what: ChatEventKind, chat: Chat, **details: Any) -> None:
        """Add an event of a chat to the log."""
        self.chat_log.add(ChatEvent(what, chat.id, **details))
