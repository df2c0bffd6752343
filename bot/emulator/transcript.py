"""A chat as readable text, for snapshots: everything in the order it happened.

Times and message ids are left out, so that a transcript says the same at every run.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.emulator.chat_log import ChatEvent, ChatEventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.emulator.callback_queries import CallbackQuery
    from bot.emulator.chat_views import ChatView
    from bot.emulator.keyboards import Button
    from bot.emulator.message_views import MessageView

TURN = "───"
"""Stands before each thing that a person does, but the first."""

_INDENT = "   "
_QUOTED = 40
_NOTES = {"blocked": "блокирует бота", "unblocked": "разблокирует бота"}
_MEDIA = {"photo": "📷 фото", "document": "📎", "sticker": "🩷 стикер", "voice": "🎤 голосовое"}


class Transcript:
    """What happened in a person's private chat, or in a group."""

    def __init__(self, chat_view: ChatView) -> None:
        self.chat_view = chat_view
        self._shown: dict[int, MessageView] = {}

    def text(self, since: int = 0) -> str:
        """The log so far, or what was added to the emulator's log when it had `since` entries already.

        Words of the bot stand as HTML, words of people as they typed them; a button is in brackets and
        each row of buttons on a line; `🔔` is a toast, `❗` an alert, `🔗` an opened link.
        """
        entries, chat_id = self.chat_view.state.chat_log.entries, self.chat_view.id
        before = [entry for entry in entries[:since] if entry.chat_id == chat_id]
        self._shown = {entry.message.id: entry.message for entry in before if entry.message}
        lines: list[str] = []
        for pieces in _with_albums([entry for entry in entries[since:] if entry.chat_id == chat_id]):
            if lines and _by_person(pieces[0]):
                lines.append(TURN)
            lines += self._lines(pieces)
        return "\n".join(lines)

    def _lines(self, pieces: list[ChatEvent]) -> list[str]:
        first = pieces[0]
        if first.press and first.kind is ChatEventKind.ANSWERED:
            return self._answer(first.press)
        if first.press:
            return [f"{first.press.person.first_name} жмёт «{first.note}»"]
        if first.message is None:
            note = _NOTES.get(first.note)
            return [f"{getattr(self.chat_view, 'name', '')} {note}"] if note else []
        views = [piece.message for piece in pieces if piece.message]
        self._shown |= {view.id: view for view in views}
        if first.before and first.kind is ChatEventKind.EDITED:
            return self._edit(views[0], first.before)
        if first.kind is ChatEventKind.DELETED:
            return [f"{_name(views[0])} (удалено) {_quote(views[0])}"]
        return self._message(views, self._context(views[0]))

    def _message(self, views: list[MessageView], context: str) -> list[str]:
        view = views[0]
        if not view.by_bot:
            return [f"{_name(view)}{context}: {_spoken(views)}"]
        first, *rest = "\n".join(filter(None, [_attachment(views), _words(views)])).split("\n")
        words = [f"🤖{context} {first}", *(f"{_INDENT}{line}".rstrip() for line in rest)]
        return words + _rows(view)

    def _edit(self, view: MessageView, before: MessageView) -> list[str]:
        same_words = (view.html, view.media) == (before.html, before.media)
        if not same_words:
            return self._message([view], " (правка)")
        if not view.keyboard:
            return [f"🤖 (кнопки убраны) {_quote(view)}"]
        return [f"🤖 (новые кнопки) {_quote(view)}", *_rows(view)]

    def _answer(self, press: CallbackQuery) -> list[str]:
        whose = "" if hasattr(self.chat_view, "name") else f" ({press.person.first_name})"
        lines = [f"{'❗' if press.alert else '🔔'}{whose} {press.text}"] if press.text else []
        return lines + ([f"🔗{whose} {press.url}"] if press.url else [])

    def _context(self, view: MessageView) -> str:
        topic = f" (тема {view.thread_id})" if view.thread_id else ""
        replied = self._shown.get(view.reply_to) if view.reply_to else None
        return topic + (f" (в ответ на {_quote(replied)})" if replied else "")


def _with_albums(log: list[ChatEvent]) -> Iterator[list[ChatEvent]]:
    """Pieces of one album that came one after another, together; anything else alone."""

    def album(numbered: tuple[int, ChatEvent]) -> tuple[ChatEventKind, str | int]:
        index, entry = numbered
        joined = entry.message.album if entry.kind is ChatEventKind.SENT and entry.message else None
        return entry.kind, joined or index

    for _, pieces in groupby(enumerate(log), key=album):
        yield [piece for _, piece in pieces]


def _by_person(entry: ChatEvent) -> bool:
    if entry.kind is ChatEventKind.PRESSED:
        return True
    written = entry.kind in {ChatEventKind.SENT, ChatEventKind.EDITED}
    return written and entry.message is not None and not entry.message.by_bot


def _name(view: MessageView) -> str:
    if view.by_bot:
        return "🤖"
    return view.author.first_name if view.author else "Канал"


def _attachment(views: list[MessageView]) -> str:
    media = [view.media for view in views if view.media]
    if not media:
        return ""
    if media[0].kind == "document":
        return " ".join([_MEDIA["document"], ", ".join(file.name for file in media)])
    count = f" ×{len(media)}" if len(media) > 1 else ""
    return _MEDIA[media[0].kind] + count


def _spoken(views: list[MessageView]) -> str:
    words = "\n".join(view.text for view in views if view.text)
    attachment = _attachment(views)
    if not attachment:
        return words.replace("\n", f"\n{_INDENT}")
    return f"{attachment} «{words}»" if words else attachment


def _words(views: list[MessageView]) -> str:
    return "\n".join(view.html for view in views if view.html)


def _rows(view: MessageView) -> list[str]:
    return [_INDENT + " ".join(_bracketed(button) for button in row) for row in view.keyboard]


def _bracketed(button: Button) -> str:
    return f"[{button.text} ↗]" if button.url else f"[{button.text}]"


def _quote(view: MessageView) -> str:
    words = (view.text or _attachment([view])).split("\n")[0]
    return f"«{words}»" if len(words) <= _QUOTED else f"«{words[:_QUOTED]}…»"
