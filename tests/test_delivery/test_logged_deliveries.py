"""What the log says of deliveries: sent, tried again, told to wait, given up; and never what was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetMe

from bot.telegram.failure_logging import reason_of
from bot.telemetry.logs import configure_logs
from storage.outbox import dead_letters

if TYPE_CHECKING:
    from tests.conversation import Actor, Town

pytestmark = pytest.mark.usefixtures("logs_as_before")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Read what was logged by the modules that deliver."""
    found = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [each for each in found if each["logger"].startswith(("bot.delivery.", "bot.ingress.dispatcher"))]


async def test_each_call_that_delivers_is_told_at_debug(
    anna: Actor, sergey: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    await anna.draft()
    configure_logs("DEBUG", "json")
    await anna.press("Отправить")
    told = [(each["event"], each.get("method"), each["chat_id"]) for each in lines(capsys)]
    assert sorted(told, key=str) == [
        ("press_answered", None, 1001),
        ("sent", "editMessageText", 1001),
        ("sent", "sendMessage", 2001),
    ]


async def test_a_429_is_told_with_its_chat_and_the_pause(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    town.emulator.faults.add("429", "sendMessage", retry_after=7)
    configure_logs("INFO", "json")
    await anna.say("/start")
    [event] = lines(capsys)
    assert (event["event"], event["reason"], event["pause"]) == ("screen_failed", "TelegramRetryAfter", 7)


async def test_a_person_who_blocked_the_bot_is_told_of_once(
    anna: Actor, sergey: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    sergey.person.block()
    configure_logs("INFO", "json")
    await anna.submit()
    told = [(each["event"], each["chat_id"]) for each in lines(capsys)]
    assert told == [("chat_closed", 2001)]


async def test_the_reason_that_is_kept_with_a_dead_letter_holds_nothing_that_telegram_quotes(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    for chat_id in (1001, 2001):
        town.emulator.faults.add("400", "sendMessage", chat_id, description='unsupported tag "Течёт" at byte 5')
    await anna.submit()
    await anna.say("/menu")
    kept = await town.app.runner.run(dead_letters.kept)
    assert [each.last_error for each in kept] == ["Bad Request: unsupported tag … at byte 5"] * 2


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("message to edit not found", "message to edit not found"),
        (
            'can\'t parse entities: unsupported tag "Течёт" at byte 5',
            "can't parse entities: unsupported tag … at byte 5",
        ),
        ("button «Течёт", "button …"),
    ],
)
def test_of_telegrams_words_nothing_is_kept_that_they_quote(words: str, kept: str) -> None:
    assert reason_of(TelegramBadRequest(GetMe(), words)) == kept
