"""Methods by which the bot sends: messages, photos, documents, albums, answers to presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local import texts, wire
from bot.local.chats import Chat, Message
from bot.local.happenings import What
from bot.local.keyboards import keyboard
from bot.local.refusals import bad_request

if TYPE_CHECKING:
    from bot.local.files import Media
    from bot.local.params import Params
    from bot.local.telegram import Emulator
    from engine.markup import Markup

_ALBUM_KINDS = {"photo", "document"}


def send_message(emulator: Emulator, params: Params) -> dict[str, Any]:
    """`sendMessage`."""
    body = texts.message_text(params.text("text"), params.text("parse_mode"), params.get("entities"))
    return wire.message(_send(emulator, params, body))


def send_photo(emulator: Emulator, params: Params) -> dict[str, Any]:
    """`sendPhoto`."""
    return _send_file(emulator, params, "photo")


def send_document(emulator: Emulator, params: Params) -> dict[str, Any]:
    """`sendDocument`."""
    return _send_file(emulator, params, "document")


def send_media_group(emulator: Emulator, params: Params) -> list[dict[str, Any]]:
    """`sendMediaGroup`: 2 to 10 items, documents only with documents."""
    items = params.get("media")
    if not isinstance(items, list) or not items:
        raise bad_request("there are no messages to send")
    _check_album([str(item.get("type")) for item in items])
    chat = _open_chat(emulator, params, len(items))
    reply, thread = _reply(params, chat), _thread(params, chat)
    pieces = [(texts.caption(item), media_of(emulator, item, params)) for item in items]
    album = emulator.next_album()
    return [
        wire.message(emulator.keep(_message(emulator, chat, body, media, reply, thread, album)))
        for body, media in pieces
    ]


def send_chat_action(emulator: Emulator, params: Params) -> bool:
    """`sendChatAction`: accepted, shown nowhere."""
    emulator.chats.for_bot(params.chat_id).let_bot_in()
    return True


def answer_callback_query(emulator: Emulator, params: Params) -> bool:
    """`answerCallbackQuery`."""
    press = emulator.presses.answer(params, emulator.clock())
    emulator.happened(What.ANSWERED, press.message.chat, press=press)
    return True


def media_of(emulator: Emulator, item: dict[str, Any], params: Params) -> Media:
    """The file of an InputMedia object."""
    kind = str(item.get("type"))
    if kind not in _ALBUM_KINDS:
        raise bad_request(f"can't parse InputMedia: type {kind} is not emulated")
    if not item.get("media"):
        raise bad_request("can't parse InputMedia: media not found")
    return emulator.files.resolve(kind, item["media"], "media", params.uploads)


def _check_album(kinds: list[str]) -> None:
    if len(kinds) > 10:
        raise bad_request("too many messages to send as an album")
    if len(kinds) < 2:
        raise bad_request("an album must include 2-10 items")
    if len(set(kinds)) > 1 and "document" in kinds:
        raise bad_request("document can't be mixed with other media types")


def _send_file(emulator: Emulator, params: Params, kind: str) -> dict[str, Any]:
    body = texts.caption(params.values)
    media = emulator.files.resolve(kind, params.get(kind), kind, params.uploads)
    return wire.message(_send(emulator, params, body, media))


def _send(emulator: Emulator, params: Params, body: Markup, media: Media | None = None) -> Message:
    rows = keyboard(params.get("reply_markup"))
    chat = _open_chat(emulator, params)
    reply, thread = _reply(params, chat), _thread(params, chat)
    message = _message(emulator, chat, body, media, reply, thread)
    message.keyboard = rows
    return emulator.keep(message)


def _message(
    emulator: Emulator,
    chat: Chat,
    body: Markup,
    media: Media | None,
    reply: Message | None,
    thread: int | None,
    album: str | None = None,
) -> Message:
    now = int(emulator.clock())
    return Message(chat.next_id(), chat, emulator.bot, now, body, media, reply_to=reply, thread_id=thread, album=album)


def _open_chat(emulator: Emulator, params: Params, messages: int = 1) -> Chat:
    chat = emulator.chats.for_bot(params.chat_id)
    chat.let_bot_in()
    emulator.rates.count(chat, emulator.clock(), messages)
    return chat


def _reply(params: Params, chat: Chat) -> Message | None:
    source = params.get("reply_parameters")
    if not source:
        return None
    replied = chat.messages.get(int(source.get("message_id", 0)))
    if replied is None and not source.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return replied


def _thread(params: Params, chat: Chat) -> int | None:
    thread = params.number("message_thread_id")
    if not thread:
        return None
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return thread
