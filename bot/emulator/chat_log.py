"""What happened in the chats, in order: the source of transcripts and of the page's live updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.emulator.callback_queries import CallbackQuery
    from bot.emulator.message_views import MessageView


class ChatEventKind(StrEnum):
    """What can happen in a chat."""

    SENT = "sent"
    """A message by anybody."""
    EDITED = "edited"
    """The text, file or buttons of a message changed."""
    DELETED = "deleted"
    """A message is gone."""
    PRESSED = "pressed"
    """A person pressed a button."""
    ANSWERED = "answered"
    """The bot answered a press."""
    CHANGED = "changed"
    """Something else about a chat or the bot: people, blocking, commands."""


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """One event; `before` is the message as it was, `note` names the button or the change."""

    kind: ChatEventKind
    chat_id: int
    message: MessageView | None = None
    before: MessageView | None = None
    press: CallbackQuery | None = None
    note: str = ""


Listener = Callable[[ChatEvent], None]


class ChatLog:
    """All events, and the listeners that are called with each new one."""

    def __init__(self) -> None:
        self.entries: list[ChatEvent] = []
        self.listeners: list[Listener] = []

    def add(self, chat_event: ChatEvent) -> None:
        """Add an event and call the listeners."""
        self.entries.append(chat_event)
        for listener in tuple(self.listeners):
            listener(chat_event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for each further event, until the returned function is called."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
