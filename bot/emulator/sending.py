"""Methods by which the bot sends: messages, photos, documents, albums, answers to presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import texts, wire
from bot.emulator.chat_log import What
from bot.emulator.chats import Chat, Message
from bot.emulator.keyboards import keyboard
from bot.emulator.refusals import bad_request

if TYPE_CHECKING:
    from bot.emulator.files import Media
    from bot.emulator.params import Params
    from bot.emulator.state import State
    from engine.markup import Markup


def send_message(state: State, params: Params) -> dict[str, Any]:
    """`sendMessage`."""
    body = texts.message_text(params.text("text"), params.text("parse_mode"), params.get("entities"))
    return wire.message(_send(state, params, body))


def send_photo(state: State, params: Params) -> dict[str, Any]:
    """`sendPhoto`."""
    return _send_file(state, params, "photo")


def send_document(state: State, params: Params) -> dict[str, Any]:
    """`sendDocument`."""
    return _send_file(state, params, "document")


def send_media_group(state: State, params: Params) -> list[dict[str, Any]]:
    """`sendMediaGroup`: 2 to 10 items, documents only with documents."""
    items = params.get("media")
    if not isinstance(items, list) or not items:
        raise bad_request("there are no messages to send")
    _check_album([str(item.get("type")) for item in items])
    chat = _open_chat(state, params, len(items))
    reply, thread = _reply(params, chat), _thread(params, chat)
    pieces = [(texts.caption(item), state.files.input_media(item, params.uploads)) for item in items]
    album = state.next_album()
    return [
        wire.message(state.keep(_message(state, chat, body, media, reply, thread, album))) for body, media in pieces
    ]


def send_chat_action(state: State, params: Params) -> bool:
    """`sendChatAction`: accepted, shown nowhere."""
    state.chats.for_bot(params.chat_id).let_bot_in()
    return True


def answer_callback_query(state: State, params: Params) -> bool:
    """`answerCallbackQuery`."""
    press = state.presses.answer(params, state.clock())
    state.record(What.ANSWERED, press.message.chat, press=press)
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
    return wire.message(_send(state, params, body, media))


def _send(state: State, params: Params, body: Markup, media: Media | None = None) -> Message:
    rows = keyboard(params.get("reply_markup"))
    chat = _open_chat(state, params)
    reply, thread = _reply(params, chat), _thread(params, chat)
    message = _message(state, chat, body, media, reply, thread)
    message.keyboard = rows
    return state.keep(message)


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
    chat.let_bot_in()
    state.rates.count(chat, state.clock(), messages)
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
