"""Methods by which the bot sends: messages, photos, documents, albums, answers to presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import api_objects, texts
from bot.emulator.chat_log import ChatEventKind
from bot.emulator.chats import Chat, Message
from bot.emulator.errors import bad_request
from bot.emulator.keyboards import keyboard

if TYPE_CHECKING:
    from bot.emulator.files import Media
    from bot.emulator.params import Params
    from bot.emulator.state import State
    from engine.markup import Markup


def send_message(state: State, params: Params) -> dict[str, Any]:
    """`sendMessage`."""
    body = texts.message_text(params.text("text"), params.text("parse_mode"), params.get("entities"))
    return api_objects.message(_send(state, params, body))


def send_photo(state: State, params: Params) -> dict[str, Any]:
    """`sendPhoto`."""
    return _send_file(state, params, "photo")


def send_document(state: State, params: Params) -> dict[str, Any]:
    """`sendDocument`."""
    return _send_file(state, params, "document")


def send_media_group(state: State, params: Params) -> list[dict[str, Any]]:
    """`sendMediaGroup`: 2 to 10 items, documents only with documents.

    An album is no object of its own: it is messages with one `media_group_id`, each with an id and a caption. They are
    checked before the first is added, because Telegram sends an album as a whole or not at all.
    """
    items = params.get("media")
    if not isinstance(items, list) or not items:
        raise bad_request("there are no messages to send")
    _check_album([str(item.get("type")) for item in items])
    chat = _open_chat(state, params, len(items))
    reply, thread = _reply(params, chat), _thread(params, chat)
    pieces = [(texts.caption(item), state.files.input_media(item, params.uploads)) for item in items]
    album = state.next_album()
    messages = [_message(state, chat, body, media, reply, thread, album) for body, media in pieces]
    return [api_objects.message(state.add_message(message)) for message in messages]


def send_chat_action(state: State, params: Params) -> bool:
    """`sendChatAction`: accepted, shown nowhere."""
    state.chats.for_bot(params.chat_id).check_access()
    return True


def answer_callback_query(state: State, params: Params) -> bool:
    """`answerCallbackQuery`."""
    press = state.callback_queries.answer(params, state.clock())
    state.record(ChatEventKind.ANSWERED, press.message.chat, press=press)
    return True


def _check_album(kinds: list[str]) -> None:
    if len(kinds) > 10:
        raise bad_request("too many messages to send as an album")
    if len(kinds) < 2:
        raise bad_request("an album must include 2-10 items")
    if len(set(kinds)) > 1 and "document" in kinds:
        raise bad_request("document can't be mixed with other media types")


def _send_file(state: State, params: Params, kind: str) -> dict[str, Any]:
    body = texts.caption(params.values)
    media = state.files.resolve(kind, params.get(kind), kind, params.uploads)
    return api_objects.message(_send(state, params, body, media))


def _send(state: State, params: Params, body: Markup, media: Media | None = None) -> Message:
    rows = keyboard(params.get("reply_markup"))
    chat = _open_chat(state, params)
    reply, thread = _reply(params, chat), _thread(params, chat)
    message = _message(state, chat, body, media, reply, thread)
    message.keyboard = rows
    return state.add_message(message)


def _message(
    state: State,
    chat: Chat,
    body: Markup,
    media: Media | None,
    reply: Message | None,
    thread: int | None,
    album: str | None = None,
) -> Message:
    now = int(state.clock())
    return Message(chat.next_id(), chat, state.bot, now, body, media, reply_to=reply, thread_id=thread, album=album)


def _open_chat(state: State, params: Params, messages: int = 1) -> Chat:
    chat = state.chats.for_bot(params.chat_id)
    chat.check_access()
    state.rate_limits.count(chat, state.clock(), messages)
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
