"""What a person has just been shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.emulator.chat_log import ChatEvent, ChatEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = (ChatEventKind.SENT, ChatEventKind.EDITED)


def shown(events: Iterable[ChatEvent], chat_id: int) -> list[str]:
    """Return everything that the bot showed in a chat: texts, labels of buttons, names of files, toasts."""
    return [" ".join(words.split()) for event in events if event.chat_id == chat_id for words in _words(event) if words]


def is_among(words: str, pieces: Iterable[str]) -> bool:
    """Return whether a piece has these words in it; how they are broken into lines does not matter."""
    wanted = " ".join(words.split())
    return any(wanted in piece for piece in pieces)


def _words(event: ChatEvent) -> Iterator[str]:
    if event.press and event.kind is ChatEventKind.ANSWERED:
        yield event.press.text
    elif event.message and event.message.by_bot and event.kind in SHOWN:
        yield event.message.text
        yield from event.message.labels
        if event.message.media:
            yield event.message.media.name
