"""From a Telegram update to an engine event: who, where, what happened."""

from dataclasses import dataclass

from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Message, MessageEntity, User

from engine.events import Command, Edited, Event, File, FileMessage, Other, Press, TextMessage
from storage.dialogs.conversations import ConversationKey, Profile

_SPOKEN = frozenset(
    {
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.LOCATION,
        ContentType.POLL,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)
"""What a person can send that no step accepts; everything else is a service message of the chat."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update for the unit of work.

    `message_id` is the message that was sent or pressed, `replied_id` the message it replies to; `callback_id` is
    there for presses.
    """

    update_id: int
    key: ConversationKey
    profile: Profile
    event: Event
    message_id: int
    replied_id: int | None = None
    callback_id: str | None = None


def of_message(update_id: int, bot_id: int, message: Message) -> Incoming | None:
    """Return the message as an event, or None where nobody sent it (a channel, a service message)."""
    user = message.from_user
    event = _event(message)
    if user is None or user.is_bot or event is None:
        return None
    replied = message.reply_to_message.message_id if message.reply_to_message else None
    key = ConversationKey(bot_id, message.chat.id, _thread(message), user.id)
    return Incoming(update_id, key, _profile(user), event, message.message_id, replied)


def of_edited(update_id: int, bot_id: int, message: Message) -> Incoming | None:
    """Return the edit of a message as an event, without the new text; None where nobody edited anything."""
    user = message.from_user
    has_content = message.text is not None or message.caption is not None or _file(message) is not None
    if user is None or user.is_bot or not has_content:
        # A live location that moves is an edit to Telegram, and not to a person.
        return None
    key = ConversationKey(bot_id, message.chat.id, _thread(message), user.id)
    return Incoming(update_id, key, _profile(user), Edited(), message.message_id)


def of_press(update_id: int, bot_id: int, query: CallbackQuery) -> Incoming | None:
    """Return a press as an event of the person who pressed, or None where it has no message or no data."""
    if query.message is None or query.data is None:
        return None
    message = query.message
    thread = _thread(message) if isinstance(message, Message) else 0
    key = ConversationKey(bot_id, message.chat.id, thread, query.from_user.id)
    event = Press(query.data, message.message_id)
    return Incoming(update_id, key, _profile(query.from_user), event, message.message_id, callback_id=query.id)


def _thread(message: Message) -> int:
    """Return the topic a message stands in, 0 for none."""
    return message.message_thread_id or 0 if message.is_topic_message else 0


def _profile(user: User) -> Profile:
    return Profile(user.username, user.full_name)


def _event(message: Message) -> Event | None:
    if message.text is not None:
        return _command(message.text, message.entities or []) or TextMessage(message.text)
    file = _file(message)
    if file:
        return FileMessage(file, message.caption or "", message.media_group_id)
    return Other(message.content_type) if message.content_type in _SPOKEN else None


def _command(text: str, entities: list[MessageEntity]) -> Command | None:
    first = next((entity for entity in entities if entity.type == "bot_command" and entity.offset == 0), None)
    if first is None:
        return None
    # A command is ASCII, so that its entity's length is one in characters, too.
    name, payload = text[1 : first.length], text[first.length :]
    return Command(name.partition("@")[0].lower(), payload.strip())


def _file(message: Message) -> File | None:
    if message.photo:
        largest = message.photo[-1]
        return File("photo", largest.file_id, largest.file_unique_id, largest.file_size or 0)
    document = message.document
    if document and not message.animation:
        name = document.file_name[:255] if document.file_name else None
        mime = document.mime_type[:100] if document.mime_type else None
        return File("document", document.file_id, document.file_unique_id, document.file_size or 0, name, mime)
    return None
