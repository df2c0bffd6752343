"""What happened in the chats, in order: the source of transcripts and of the page's live updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.emulator.presses import Press
    from bot.emulator.views import MessageView


class What(StrEnum):
    """Kinds of happenings."""

    SENT = "sent"
    """A message by anybody."""
    EDITED = "edited"
    """Words, file or buttons of a message changed."""
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
    """One thing that happened; `before` is the message as it was, `note` names the button or the change."""

    what: What
    chat_id: int
    message: MessageView | None = None
    before: MessageView | None = None
    press: Press | None = None
    note: str = ""


Listener = Callable[[ChatEvent], None]


class ChatLog:
    """The log, and those who listen to it."""

    def __init__(self) -> None:
        self.entries: list[ChatEvent] = []
        self.listeners: list[Listener] = []

    def add(self, chat_event: ChatEvent) -> None:
        """Write one down and tell the listeners."""
        self.entries.append(chat_event)
        for listener in tuple(self.listeners):
            listener(chat_event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each further happening until the returned function is called."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def of_chat(self, chat_id: int) -> list[ChatEvent]:
        """What happened in one chat."""
        return [entry for entry in self.entries if entry.chat_id == chat_id]
