"""The list of commands that Telegram shows beside the input field."""

from collections.abc import Collection, Sequence

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, BotCommandScopeChat

from engine.compiled import MenuCommand

log = structlog.get_logger(__name__)


async def announce(bot: Bot, commands: Sequence[MenuCommand], owners: Collection[int]) -> None:
    """Register the commands: everybody's for all, the guarded ones too for the owners; failing does no harm."""
    everybody = [BotCommand(command=each.name, description=each.label) for each in commands if not each.guarded]
    every = [BotCommand(command=each.name, description=each.label) for each in commands]
    try:
        await bot.set_my_commands(everybody)
        for owner in owners:
            await bot.set_my_commands(every, scope=BotCommandScopeChat(chat_id=owner))
    except TelegramAPIError as error:
        log.info("commands_not_registered", reason=type(error).__name__)
