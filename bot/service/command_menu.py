"""The list of commands that Telegram shows beside the input field."""

from collections.abc import Collection, Sequence
from functools import partial

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, BotCommandScopeChat, BotCommandScopeDefault

from bot.flow_versions.current import FlowVersions
from bot.telegram.retrying import retry_call
from engine.compiled import MenuCommand

log = structlog.get_logger(__name__)


async def keep_commands_published(bot: Bot, flow_versions: FlowVersions, owners: Collection[int]) -> None:
    """Register the commands of the active flows, and again whenever they change, until cancelled."""
    published: Sequence[MenuCommand] | None = None
    flows = flow_versions.flows
    while True:
        if flows.commands != published:
            await publish_commands(bot, flows.commands, owners)
            published = flows.commands
        flows = await flow_versions.after(flows)


async def publish_commands(bot: Bot, commands: Sequence[MenuCommand], owners: Collection[int]) -> None:
    """Register the commands: those without guards for everybody, all of them for the owners; retried until it succeeds.

    An owner whose chat Telegram does not know yet sees those for everybody.
    """
    everybody = [BotCommand(command=each.name, description=each.label) for each in commands if not each.guarded]
    every = [BotCommand(command=each.name, description=each.label) for each in commands]
    await _register(bot, everybody, BotCommandScopeDefault())
    for owner in owners:
        await _register(bot, every, BotCommandScopeChat(chat_id=owner))


async def _register(bot: Bot, commands: list[BotCommand], scope: BotCommandScopeDefault | BotCommandScopeChat) -> None:
    try:
        await retry_call(partial(bot.set_my_commands, commands, scope=scope), "commands")
    except TelegramAPIError as error:
        log.info("commands_not_registered", scope=scope.type, reason=type(error).__name__)
