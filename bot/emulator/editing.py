"""Methods by which the bot changes or deletes messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import api_objects, texts
from bot.emulator.chat_log import ChatEventKind
from bot.emulator.errors import bad_request
from bot.emulator.keyboards import keyboard
from bot.emulator.message_views import view

if TYPE_CHECKING:
    from bot.emulator.chats import Message
    from bot.emulator.params import Params
    from bot.emulator.state import State

DELETE_WITHIN = 48 * 3600
"""Seconds after which a message cannot be deleted (https://core.telegram.org/bots/api#deletemessage)."""

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(state: State, params: Params) -> dict[str, Any]:
    """`editMessageText`: text messages only."""
    words = params.text("text"), params.text("parse_mode"), params.get("entities")
    body = texts.message_text(*words, edit=True)
    message = _own_message(state, params)
    if message.media:
        raise bad_request("there is no text in the message to edit")
    return _change(state, message, params, body=body)


def edit_message_caption(state: State, params: Params) -> dict[str, Any]:
    """`editMessageCaption`: messages with a file only."""
    body = texts.caption(params.values)
    message = _own_message(state, params)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _change(state, message, params, body=body)


def edit_message_reply_markup(state: State, params: Params) -> dict[str, Any]:
    """`editMessageReplyMarkup`."""
    return _change(state, _own_message(state, params), params)


def edit_message_media(state: State, params: Params) -> dict[str, Any]:
    """`editMessageMedia`: another file and caption; within an album the kind of file must stay."""
    item = params.get("media")
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: object expected")
    body, media = texts.caption(item), state.files.input_media(item, params.uploads)
    message = _own_message(state, params)
    if message.album and message.media and message.media.kind != media.kind:
        raise bad_request("message can't be edited")
    return _change(state, message, params, body=body, media=media)


def delete_message(state: State, params: Params) -> bool:
    """`deleteMessage`: within 48 hours; in groups only the bot's own."""
    chat = state.chats.for_bot(params.chat_id)
    message = chat.message(params.number("message_id"), "message to delete not found")
    theirs = message.sender is not state.bot and chat.kind != "private"
    if theirs or state.clock() - message.date > DELETE_WITHIN:
        raise bad_request("message can't be deleted for everyone")
    chat.check_access()
    state.record(ChatEventKind.DELETED, chat, message=view(message))
    chat.delete(message)
    return True


def _own_message(state: State, params: Params) -> Message:
    chat = state.chats.for_bot(params.chat_id)
    if not params.get("message_id"):
        raise bad_request("message identifier is not specified")
    chat.check_access()
    message = chat.message(params.number("message_id"), "message to edit not found")
    if message.sender is not state.bot:
        raise bad_request("message can't be edited")
    return message


def _change(state: State, message: Message, params: Params, **fields: Any) -> dict[str, Any]:
    """Give the message new fields and the buttons that came along; without any it loses those it had."""
    rows = keyboard(params.get("reply_markup"), inline_only=True)
    before, was = view(message), message.content()
    kept = {name: getattr(message, name) for name in (*fields, "keyboard")}
    _assign(message, fields | {"keyboard": rows})
    if message.content() == was:
        raise bad_request(_SAME)
    try:
        state.rate_limits.count(message.chat, state.clock())
    except Exception:
        _assign(message, kept)
        raise
    if fields:
        message.edited = int(state.clock())
    state.record(ChatEventKind.EDITED, message.chat, message=view(message), before=before)
    return api_objects.message(message)


def _assign(message: Message, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(message, name, value)
