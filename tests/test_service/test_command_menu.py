"""The commands beside the input field are registered as soon as Telegram takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.service.command_menu import publish_commands

if TYPE_CHECKING:
    from tests.conversation import Actor, Town


async def test_commands_are_announced_until_telegram_takes_them(town: Town, sergey: Actor) -> None:
    town.emulator.faults.add("429", "setMyCommands", retry_after=1)
    town.emulator.faults.add("drop_before", "setMyCommands")
    await publish_commands(town.app.bot, town.app.flow_versions.flows.commands, [])
    calls = town.emulator.journal.calls("setMyCommands")
    assert [call.accepted for call in calls] == [False, False, True]


async def test_an_owner_whom_telegram_does_not_know_keeps_no_other_from_their_commands(
    town: Town, sergey: Actor
) -> None:
    town.emulator.faults.add("400", "setMyCommands", times=1)
    await publish_commands(town.app.bot, town.app.flow_versions.flows.commands, [2001])
    assert [call.accepted for call in town.emulator.journal.calls("setMyCommands")] == [False, True]
