"""Methods by which the bot asks about itself, chats and files, and sets its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.emulator import wire
from bot.emulator.chat_log import ChatEvent, What

if TYPE_CHECKING:
    from bot.emulator.params import Params
    from bot.emulator.state import State


def get_me(state: State, _: Params) -> dict[str, Any]:
    """`getMe`."""
    return wire.user(state.bot) | {
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
    return wire.chat(chat) | required


def get_file(state: State, params: Params) -> dict[str, Any]:
    """`getFile`."""
    return state.files.described(params.text("file_id"))


def set_my_commands(state: State, params: Params) -> bool:
    """`setMyCommands`."""
    state.commands.set(params.get("commands"), params.get("scope"), params.text("language_code"))
    state.chat_log.add(ChatEvent(What.CHANGED, 0, note="commands"))
    return True


def get_my_commands(state: State, params: Params) -> list[dict[str, str]]:
    """`getMyCommands`."""
    return state.commands.get(params.get("scope"), params.text("language_code"))


def set_profile(state: State, params: Params) -> bool:
    """`setMyDescription`, `setMyShortDescription`, `setChatMenuButton`: kept, shown nowhere."""
    state.profile |= params.values
    return True
