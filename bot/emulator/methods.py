"""The Bot API methods that are emulated, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.emulator import asking, editing, receiving, sending
from bot.emulator.params import Params
from bot.emulator.refusals import Refusal
from bot.emulator.state import State

Method = Callable[[State, Params], Any]
"""Takes effect and returns the result as JSON values, or a coroutine of it; raises `Refusal`."""

METHODS: dict[str, Method] = {
    "answerCallbackQuery": sending.answer_callback_query,
    "deleteMessage": editing.delete_message,
    "deleteWebhook": receiving.delete_webhook,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getChat": asking.get_chat,
    "getFile": asking.get_file,
    "getMe": asking.get_me,
    "getMyCommands": asking.get_my_commands,
    "getUpdates": receiving.get_updates,
    "getWebhookInfo": receiving.get_webhook_info,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setChatMenuButton": asking.set_profile,
    "setMyCommands": asking.set_my_commands,
    "setMyDescription": asking.set_profile,
    "setMyShortDescription": asking.set_profile,
    "setWebhook": receiving.set_webhook,
}

_BY_LOWER_NAME = {name.lower(): method for name, method in METHODS.items()}


def find_method(name: str) -> Method:
    """The method of a name in any case, as Telegram takes them; raises a 404 refusal for an unknown one."""
    method = _BY_LOWER_NAME.get(name.lower())
    if method is None:
        raise Refusal(404)
    return method
