"""Messages as a person sees them: frozen, so that what was seen stays what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.emulator.texts import to_html

if TYPE_CHECKING:
    from bot.emulator.chats import Message, User
    from bot.emulator.files import Media
    from bot.emulator.keyboards import Keyboard
    from engine.markup import Entity


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message at one moment; `text` is its text or its caption, `html` the same with markup."""

    id: int
    chat_id: int
    author: User | None
    text: str
    html: str
    entities: tuple[Entity, ...]
    keyboard: Keyboard
    media: Media | None
    date: int
    edited: bool
    reply_to: int | None
    album: str | None
    thread_id: int | None

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The texts of the buttons, row by row."""
        return tuple(tuple(button.text for button in row) for row in self.keyboard)

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts of all buttons."""
        return tuple(label for row in self.rows for label in row)

    @property
    def by_bot(self) -> bool:
        """Whether the bot wrote it."""
        return self.author is not None and self.author.is_bot

    @property
    def kind(self) -> str:
        """text, photo, document, sticker or voice."""
        return self.media.kind if self.media else "text"


def view(message: Message) -> MessageView:
    """What is seen of a message now."""
    replied = message.reply_to
    return MessageView(
        id=message.id,
        chat_id=message.chat.id,
        author=message.sender,
        text=message.body.text,
        html=to_html(message.body),
        entities=message.body.entities,
        keyboard=message.keyboard,
        media=message.media,
        date=message.date,
        edited=message.edited is not None,
        reply_to=replied.id if replied and not replied.deleted else None,
        album=message.album,
        thread_id=message.thread_id,
    )
