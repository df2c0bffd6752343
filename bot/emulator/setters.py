"""Methods by which the bot sets what people see of it: its commands and its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.emulator.chat_log import ChatEvent, ChatEventKind

if TYPE_CHECKING:
    from bot.emulator.params import Params
    from bot.emulator.state import State


def set_my_commands(state: State, params: Params) -> bool:
    """`setMyCommands`."""
    state.commands.set(params.get("commands"), params.get("scope"), params.text("language_code"))
    state.chat_log.add(ChatEvent(ChatEventKind.CHANGED, 0, note="commands"))
    return True


def set_profile(state: State, params: Params) -> bool:
    """`setMyDescription`, `setMyShortDescription`, `setChatMenuButton`: kept, shown nowhere."""
    state.profile |= params.values
    return True
