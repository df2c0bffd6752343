"""One Telegram, a teacher and a manager in it, and a bot that talks to it within the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiogram import Bot

from bot.emulator.session import EmulatorSession
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from bot.emulator.people import Person


class Clock:
    """Seconds since the epoch that move only when told to."""

    def __init__(self) -> None:
        self.now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Emulator:
    return Emulator(clock=clock)


@pytest.fixture
def anna(emulator: Emulator) -> Person:
    """A teacher who has started the bot, with her /start already read."""
    person = emulator.person(1001, "Анна", "Петрова", "anna")
    person.say("/start")
    emulator.updates.take()
    return person


@pytest.fixture
def bot(emulator: Emulator) -> Bot:
    return Bot(emulator.token, session=EmulatorSession(emulator))
