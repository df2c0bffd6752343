"""Chats as their members see them: what was written there, and what a group or a channel does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import api_objects
from bot.emulator.chats import Chat, Message, User, group_chat
from bot.emulator.message_views import MessageView, view
from engine.markup import Markup

if TYPE_CHECKING:
    from bot.emulator.state import State


class ChatView:
    """A chat with its messages, as its members see it."""

    def __init__(self, state: State, chat: Chat) -> None:
        self.state = state
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def messages(self) -> tuple[MessageView, ...]:
        """The messages as they stand now, oldest first."""
        return tuple(view(message) for message in self.chat.messages.values())

    @property
    def last(self) -> MessageView:
        """The bot's newest message; raises `LookupError` when it has written none."""
        found = next((seen for seen in reversed(self.messages) if seen.by_bot), None)
        if found is None:
            raise LookupError(f"the bot has written nothing in chat {self.chat.id}")
        return found

    def receive(self, sender: User | None, kind: str, body: Markup, **fields: Any) -> MessageView:
        """Add a message to the chat and queue it for the bot, as an update of this kind."""
        state, chat = self.state, self.chat
        message = Message(chat.next_id(), chat, sender, int(state.clock()), body, **fields)
        return view(state.receive(message, kind))


class Group(ChatView):
    """A group or supergroup that the bot is in."""

    def kick_bot(self) -> None:
        """Remove the bot: its sends are refused with 403 from now on."""
        self.chat.kicked = True

    def migrate(self, new_id: int) -> Group:
        """Become a supergroup with another id; sends to the old one are refused with the new id."""
        state, chat = self.state, self.chat
        group = Group(state, state.chats.add(group_chat(new_id, chat.title, chat.members.values())))
        chat.migrated_to = new_id
        anyone = next(iter(chat.members.values()))
        notice = Message(chat.next_id(), chat, anyone, int(state.clock()))
        state.queue_update("message", api_objects.message(notice) | {"migrate_to_chat_id": new_id})
        return group


class Channel(ChatView):
    """A channel that the bot is in."""

    def write(self, text: str) -> MessageView:
        """Post in the channel: a message without a sender."""
        return self.receive(None, "channel_post", Markup(text))
