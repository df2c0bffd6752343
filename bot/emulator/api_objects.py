"""Users, chats and messages as Bot API objects, that is, as the JSON that the bot gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator.keyboards import api_keyboard
from bot.emulator.texts import api_entities

if TYPE_CHECKING:
    from bot.emulator.chats import Chat, Message, User


def user(source: User) -> dict[str, Any]:
    """A User object."""
    fields: dict[str, Any] = {"id": source.id, "is_bot": source.is_bot, "first_name": source.first_name}
    if source.last_name:
        fields["last_name"] = source.last_name
    if source.username:
        fields["username"] = source.username
    if not source.is_bot:
        fields["language_code"] = source.language
    return fields


def chat(source: Chat) -> dict[str, Any]:
    """A Chat object."""
    fields: dict[str, Any] = {"id": source.id, "type": source.kind}
    if source.user:
        person = user(source.user)
        return fields | {name: person[name] for name in ("first_name", "last_name", "username") if name in person}
    fields["title"] = source.title
    if source.topics:
        fields["is_forum"] = True
    return fields


def message(source: Message, *, nested: bool = False) -> dict[str, Any]:
    """A Message object; a nested one does not show what it replies to."""
    fields: dict[str, Any] = {"message_id": source.id, "chat": chat(source.chat), "date": source.date}
    if source.sender:
        fields["from"] = user(source.sender)
    else:
        fields["sender_chat"] = chat(source.chat)
    fields |= _words(source) | (source.media.api_object() if source.media else {})
    if source.keyboard:
        fields["reply_markup"] = api_keyboard(source.keyboard)
    if source.reply_to and not source.reply_to.deleted and not nested:
        fields["reply_to_message"] = message(source.reply_to, nested=True)
    optional = {
        "edit_date": source.edited,
        "media_group_id": source.album,
        "message_thread_id": source.thread_id,
        "is_topic_message": True if source.thread_id else None,
    }
    return fields | {name: value for name, value in optional.items() if value is not None}


def pressed_message(source: Message) -> dict[str, Any]:
    """The message in a callback query: an InaccessibleMessage once it is deleted."""
    if source.deleted:
        return {"message_id": source.id, "chat": chat(source.chat), "date": 0}
    return message(source)


def _words(source: Message) -> dict[str, Any]:
    if not source.body.text:
        return {}
    names = ("caption", "caption_entities") if source.media else ("text", "entities")
    fields: dict[str, Any] = {names[0]: source.body.text}
    if source.body.entities:
        fields[names[1]] = api_entities(source.body)
    return fields
