"""The Bot API methods that are emulated, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.emulator import editing, getters, getting_updates, sending, setters
from bot.emulator.errors import ApiError
from bot.emulator.params import Params
from bot.emulator.state import State

Method = Callable[[State, Params], Any]
"""Takes effect and returns the result as JSON values, or a coroutine of it; raises `ApiError`."""

METHODS: dict[str, Method] = {
    "answerCallbackQuery": sending.answer_callback_query,
    "deleteMessage": editing.delete_message,
    "deleteWebhook": getting_updates.delete_webhook,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getChat": getters.get_chat,
    "getFile": getters.get_file,
    "getMe": getters.get_me,
    "getMyCommands": getters.get_my_commands,
    "getUpdates": getting_updates.get_updates,
    "getWebhookInfo": getting_updates.get_webhook_info,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setChatMenuButton": setters.set_profile,
    "setMyCommands": setters.set_my_commands,
    "setMyDescription": setters.set_profile,
    "setMyShortDescription": setters.set_profile,
    "setWebhook": getting_updates.set_webhook,
}

_BY_LOWER_NAME = {name.lower(): method for name, method in METHODS.items()}


def find_method(name: str) -> Method:
    """The method of a name in any case, as Telegram takes them; raises `ApiError` 404 for an unknown one."""
    method = _BY_LOWER_NAME.get(name.lower())
    if method is None:
        raise ApiError(404)
    return method
