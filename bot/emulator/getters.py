"""Methods by which the bot reads what Telegram knows: itself, chats, files and its lists of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import api_objects

if TYPE_CHECKING:
    from bot.emulator.params import Params
    from bot.emulator.state import State


def get_me(state: State, _: Params) -> dict[str, Any]:
    """`getMe`."""
    return api_objects.user(state.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
    }


def get_chat(state: State, params: Params) -> dict[str, Any]:
    """`getChat`: a ChatFullInfo object with its required fields."""
    chat = state.chats.for_bot(params.chat_id)
    required = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    return api_objects.chat(chat) | required


def get_file(state: State, params: Params) -> dict[str, Any]:
    """`getFile`."""
    return state.files.described(params.text("file_id"))


def get_my_commands(state: State, params: Params) -> list[dict[str, str]]:
    """`getMyCommands`."""
    return state.commands.get(params.get("scope"), params.text("language_code"))
