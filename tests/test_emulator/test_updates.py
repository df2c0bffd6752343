"""Updates: confirmed by offset, waited for by one long poll, filtered by kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator


async def texts(bot: Bot, **params: object) -> list[str | None]:
    return [update.message and update.message.text for update in await bot.get_updates(**params)]  # type: ignore[arg-type]


async def test_updates_come_again_until_an_offset_confirms_them(bot: Bot, anna: Person) -> None:
    for word in ("раз", "два", "три"):
        anna.say(word)
    first = await bot.get_updates()
    assert await texts(bot, limit=2) == ["раз", "два"]
    assert await texts(bot, offset=first[1].update_id) == ["два", "три"]
    assert await texts(bot) == ["два", "три"]
    assert await texts(bot, offset=first[2].update_id + 1) == []
    assert await texts(bot, offset=first[0].update_id) == []


async def test_a_negative_offset_forgets_all_but_the_newest(bot: Bot, anna: Person) -> None:
    for word in ("раз", "два", "три"):
        anna.say(word)
    assert await texts(bot, offset=-1) == ["три"]
    assert await texts(bot) == ["три"]


async def test_a_long_poll_ends_as_soon_as_something_happens(bot: Bot, anna: Person) -> None:
    poll = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.01)
    assert not poll.done()
    anna.say("раз")
    assert await asyncio.wait_for(poll, 1) == ["раз"]


async def test_a_long_poll_ends_empty_when_nothing_happens(bot: Bot, anna: Person) -> None:
    assert await texts(bot, timeout=1) == []


async def test_a_second_long_poll_ends_the_first_with_409(bot: Bot, anna: Person) -> None:
    first = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(texts(bot, timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    anna.say("раз")
    assert await second == ["раз"]


async def test_polling_is_refused_while_a_webhook_is_set(bot: Bot, anna: Person) -> None:
    waiting = asyncio.create_task(texts(bot, timeout=30))
    await asyncio.sleep(0.01)
    anna.say("раз")
    assert await waiting == ["раз"]
    with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided for webhook"):
        await bot.set_webhook("http://a.ru/")
    await bot.set_webhook("https://a.ru/", secret_token="s", allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://a.ru/", 1)
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert await texts(bot) == []


async def test_an_empty_webhook_address_deletes_the_webhook(bot: Bot) -> None:
    await bot.set_webhook("https://a.ru/")
    await bot.set_webhook("")
    assert (await bot.get_webhook_info()).url == ""


async def test_only_wanted_kinds_are_queued_and_the_wish_is_remembered(bot: Bot, anna: Person) -> None:
    await bot.get_updates(allowed_updates=["edited_message"])
    said = anna.say("раз")
    anna.edit(said, "два")
    assert [update.event_type for update in await bot.get_updates()] == ["edited_message"]
    await bot.get_updates(offset=-1, allowed_updates=[])
    anna.say("три")
    assert "message" in [update.event_type for update in await bot.get_updates()]


def test_special_kinds_come_only_when_named(emulator: Emulator) -> None:
    assert emulator.updates.put("message_reaction", {}) is None
    emulator.updates.allowed = ["message_reaction"]
    assert emulator.updates.put("message_reaction", {}) is not None


async def test_ids_may_start_over_as_after_a_week_of_silence(bot: Bot, emulator: Emulator, anna: Person) -> None:
    emulator.updates.next_id = 12
    anna.say("раз")
    assert (await bot.get_updates())[0].update_id == 12
