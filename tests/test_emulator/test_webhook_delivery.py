"""Updates that are brought to a webhook: in whose order, how often, and what Telegram says of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiohttp import web

from bot.web.listening import listen
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiogram import Bot

    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator

PUBLIC = "https://bot.example.org"


@dataclass
class Receiver:
    """A bot's side: it answers what `answers` says, then 200, and holds everything back while `open` is not set."""

    answers: list[int] = field(default_factory=list)
    pause: str = ""
    updates: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.updates.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        await self.open.wait()
        headers = {"Retry-After": self.pause} if self.pause else {}
        return web.Response(status=self.answers.pop(0) if self.answers else 200, headers=headers)

    @property
    def texts(self) -> list[str]:
        """The words that came, in their order."""
        return [update["message"]["text"] for update in self.updates if "message" in update]


@pytest.fixture
async def receiver(emulator: Emulator) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.open.set()
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    server = await listen(app, "127.0.0.1", 0)
    receiver.url = server.url
    emulator.webhook.upstreams[PUBLIC] = [server.url]
    yield receiver
    await emulator.webhook.close()
    await server.close()


async def test_messages_of_a_chat_come_one_after_the_other_and_chats_side_by_side(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    boris = emulator.person(1002, "Борис")
    receiver.open.clear()
    await bot.set_webhook(f"{PUBLIC}/hook", secret_token="s3cret")
    for words in ("раз", "два"):
        anna.say(words)
    boris.say("три")
    await eventually(lambda: len(receiver.updates) == 2)
    assert {*receiver.texts} == {"раз", "три"}
    assert (await bot.get_webhook_info()).pending_update_count == 3
    receiver.open.set()
    await eventually(lambda: not emulator.updates.pending)
    assert sorted(receiver.texts) == ["два", "раз", "три"]
    assert receiver.secrets == ["s3cret"] * 3


async def test_presses_come_side_by_side(bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver) -> None:
    receiver.open.clear()
    message = anna.say("раз")
    emulator.updates.take()
    await bot.set_webhook(f"{PUBLIC}/hook")
    for data in ("a", "b"):
        anna.press_data(message, data)
    await eventually(lambda: len(receiver.updates) == 2)
    assert receiver.secrets == [None, None]


async def test_no_more_come_at_once_than_the_bot_allows(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    receiver.open.clear()
    message = anna.say("раз")
    emulator.updates.take()
    await bot.set_webhook(f"{PUBLIC}/hook", max_connections=1)
    for data in ("a", "b"):
        anna.press_data(message, data)
    await eventually(lambda: receiver.updates)
    await bot.get_me()
    assert len(receiver.updates) == 1
    receiver.open.set()
    await eventually(lambda: not emulator.updates.pending)
    assert len(receiver.updates) == 2


async def test_what_is_not_answered_with_2xx_comes_again_before_the_next_of_its_chat(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    receiver.answers = [503, 500, 200]
    await bot.set_webhook(f"{PUBLIC}/hook")
    for words in ("раз", "два"):
        anna.say(words)
    await eventually(lambda: not emulator.updates.pending)
    assert receiver.texts == ["раз", "раз", "раз", "два"]
    assert (await bot.get_webhook_info()).last_error_message == (
        "Wrong response from the webhook: 500 Internal Server Error"
    )


async def test_a_pause_that_the_bot_asks_for_is_kept(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    receiver.answers, receiver.pause = [503], "3600"
    await bot.set_webhook(f"{PUBLIC}/hook")
    anna.say("раз")
    await eventually(lambda: emulator.webhook.failure)
    await asyncio.sleep(0.3)
    assert len(receiver.updates) == 1


async def test_several_that_serve_an_address_take_turns_and_one_that_is_gone_costs_a_try(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    emulator.webhook.upstreams[PUBLIC] = ["http://127.0.0.1:1", receiver.url]
    await bot.set_webhook(f"{PUBLIC}/hook")
    for words in ("раз", "два"):
        anna.say(words)
    await eventually(lambda: not emulator.updates.pending)
    assert receiver.texts == ["раз", "два"]
    assert (await bot.get_webhook_info()).last_error_message == "Connection failed: ClientConnectorError"


async def test_an_address_that_nobody_serves_is_not_looked_for_on_the_internet(
    bot: Bot, emulator: Emulator, anna: Person, receiver: Receiver
) -> None:
    await bot.set_webhook("https://elsewhere.example.org/hook")
    anna.say("раз")
    await eventually(lambda: emulator.webhook.failure)
    assert emulator.webhook.failure
    assert emulator.webhook.failure.reason == "Connection failed: OSError"
    assert await bot.delete_webhook()
    assert [update.message and update.message.text for update in await bot.get_updates()] == ["раз"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"url": "https://a.ru:8080/"}, "Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://a.ru/", "secret_token": "с"}, "secret token contains unallowed characters"),
        ({"url": "https://a.ru/", "secret_token": "s" * 257}, "secret token contains unallowed characters"),
    ],
)
async def test_what_telegram_does_not_take_is_refused(bot: Bot, how: dict[str, Any], said: str) -> None:
    with pytest.raises(TelegramBadRequest, match=said):
        await bot.set_webhook(**how)


async def test_connections_are_kept_within_telegrams_bounds(bot: Bot) -> None:
    await bot.set_webhook("https://a.ru/", max_connections=1000, allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert (info.max_connections, info.allowed_updates) == (100, ["message"])
