"""The JSON of the control API: what people see, for the chat page and for tests in another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator.message_views import MessageView

if TYPE_CHECKING:
    from bot.emulator.callback_queries import CallbackQuery
    from bot.emulator.chat_log import ChatEvent
    from bot.emulator.chat_views import ChatView
    from bot.emulator.files import Media
    from bot.emulator.keyboards import Button
    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator


def state(emulator: Emulator) -> dict[str, Any]:
    """The bot, the people and the groups."""
    return {
        "bot": {"id": emulator.bot.id, "name": emulator.bot.full_name, "username": emulator.bot.username},
        "people": [_person(person) for person in emulator.people.values()],
        "groups": [{"id": group.id, "title": group.chat.title} for group in emulator.groups.values()],
    }


def chat(emulator: Emulator, chat_view: ChatView) -> dict[str, Any]:
    """The messages of a chat as they stand now, and the commands that its menu offers."""
    seen = {message.id: message for message in chat_view.messages}
    return {
        "messages": [_message(message, seen) for message in seen.values()],
        "commands": emulator.commands.seen_in(chat_view.chat),
    }


def chat_event(entry: ChatEvent, *, whole: bool = False) -> dict[str, Any]:
    """One event for a listener; a `whole` one with the message it is about, but not with what that replies to."""
    event: dict[str, Any] = {"what": entry.kind, "chat": entry.chat_id, "note": entry.note}
    if whole and entry.message:
        event["message"] = _message(entry.message, {})
    return event | ({"press": press(entry.press)} if entry.press else {})


def result(done: MessageView | tuple[MessageView, ...] | CallbackQuery | bool) -> Any:
    """What a verb of a person returns."""
    if isinstance(done, MessageView):
        return {"message_id": done.id}
    if isinstance(done, tuple):
        return [result(message) for message in done]
    return {"blocked": done} if isinstance(done, bool) else press(done)


def press(source: CallbackQuery) -> dict[str, Any]:
    """A press and its answer."""
    return {
        "id": source.id,
        "person": source.person.id,
        "answered": source.answered,
        "text": source.text,
        "alert": source.alert,
        "url": source.url,
    }


def _person(person: Person) -> dict[str, Any]:
    user = person.user
    return {
        "id": user.id,
        "name": user.full_name,
        "first_name": user.first_name,
        "username": user.username,
        "about": person.about,
        "blocked": person.chat.blocked,
    }


def _message(source: MessageView, seen: dict[int, MessageView]) -> dict[str, Any]:
    replied = seen.get(source.reply_to) if source.reply_to else None
    return {
        "id": source.id,
        "author": _author(source),
        "by_bot": source.by_bot,
        "kind": source.kind,
        "text": source.text,
        "html": source.html,
        "entities": [
            {"type": one.type, "offset": one.offset, "length": one.length, "argument": one.argument}
            for one in source.entities
        ],
        "rows": [[_button(button) for button in row] for row in source.keyboard],
        "file": _file(source.media) if source.media else None,
        "reply_to": {"id": replied.id, "author": _author(replied), "text": replied.text} if replied else None,
        "album": source.album,
        "edited": source.edited,
        "date": source.date,
    }


def _author(source: MessageView) -> dict[str, Any]:
    return {"id": source.author.id, "name": source.author.full_name} if source.author else {"id": 0, "name": ""}


def _button(source: Button) -> dict[str, Any]:
    return {"text": source.text, "url": source.url}


def _file(media: Media) -> dict[str, Any]:
    file = media.file
    return {
        "url": f"/control/file/{file.file_id}",
        "name": media.name,
        "mime": media.mime,
        "size": file.size,
        "width": file.width,
        "height": file.height,
    }
