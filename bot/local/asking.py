"""Methods by which the bot asks about itself, chats and files, and sets its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local import wire
from bot.local.happenings import Happening, What

if TYPE_CHECKING:
    from bot.local.params import Params
    from bot.local.telegram import Emulator


def get_me(emulator: Emulator, _: Params) -> dict[str, Any]:
    """`getMe`."""
    return wire.user(emulator.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
    }


def get_chat(emulator: Emulator, params: Params) -> dict[str, Any]:
    """`getChat`: a ChatFullInfo object with its required fields."""
    chat = emulator.chats.for_bot(params.chat_id)
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


def get_file(emulator: Emulator, params: Params) -> dict[str, Any]:
    """`getFile`."""
    return emulator.files.described(params.text("file_id"))


def set_my_commands(emulator: Emulator, params: Params) -> bool:
    """`setMyCommands`."""
    emulator.commands.set(params.get("commands"), params.get("scope"), params.text("language_code"))
    emulator.happenings.add(Happening(What.CHANGED, 0, note="commands"))
    return True


def get_my_commands(emulator: Emulator, params: Params) -> list[dict[str, str]]:
    """`getMyCommands`."""
    return emulator.commands.get(params.get("scope"), params.text("language_code"))


def set_profile(emulator: Emulator, params: Params) -> bool:
    """`setMyDescription`, `setMyShortDescription`, `setChatMenuButton`: kept, shown nowhere."""
    emulator.profile |= params.values
    return True
