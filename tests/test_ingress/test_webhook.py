"""Updates that Telegram brings itself: who may bring them, what it is told, and that each takes effect once."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from bot.app import running
from bot.emulator.webhook_delivery import WebhookSettings
from bot.ingress.update_processor import UpdateProcessor
from bot.ingress.webhook import AUTH_HEADER, Address, Webhook, WebhookRefusedError
from bot.service.routes import application
from bot.telegram.connectivity import Connectivity
from bot.telemetry.metrics import Metrics
from bot.web.listening import listen
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.web.listening import Listening
    from tests.conversation import Actor, Town
    from tests.trouble import Trouble

PUBLIC = "https://bot.example.org"
ADDRESS = Address(f"{PUBLIC}/telegram", "s3cret")


@pytest.fixture
async def hooked(town: Town) -> Town:
    """A town whose bot is called by Telegram."""
    town.address = ADDRESS
    await town.restart()
    return town


@asynccontextmanager
async def served(town: Town) -> AsyncIterator[Listening]:
    """Let the bot serve at its public address."""
    server = await listen(application(town.app.routes), "127.0.0.1", 0)
    town.emulator.webhook.upstreams[PUBLIC] = [server.url]
    try:
        async with running(town.app):
            yield server
    finally:
        await town.emulator.webhook.close()
        await server.close()


@dataclass(frozen=True, slots=True)
class Alone:
    """A webhook, and what it feeds."""

    webhook: Webhook
    processor: UpdateProcessor


@asynccontextmanager
async def alone(town: Town, **limits: Any) -> AsyncIterator[tuple[Alone, str]]:
    """Serve a webhook with limits of its own, beside the town's bot; give it and its address on this machine."""
    processor = UpdateProcessor(town.app.bot, town.app.dispatcher, town.app.runner, Metrics(), town.app.flow_versions)
    webhook = Webhook(town.app.bot, processor, ADDRESS, Connectivity(), **limits)
    server = await listen(application([webhook.route]), "127.0.0.1", 0)
    yield Alone(webhook, processor), f"{server.url}{ADDRESS.path}"
    await server.close()


async def bring(
    url: str, body: bytes | None = None, secret: str | None = ADDRESS.secret, **update: Any
) -> tuple[int, str | None]:
    """Bring an update, or any body, as Telegram does; return the status and what Retry-After says."""
    headers = {} if secret is None else {AUTH_HEADER: secret}
    given: dict[str, Any] = {"json": update} if body is None else {"data": body}
    async with ClientSession() as session, session.post(url, headers=headers, **given) as response:
        return response.status, response.headers.get("Retry-After")


def said(town: Town, person: Actor, words: str) -> dict[str, Any]:
    """Type something that Telegram has not brought yet; return the update."""
    person.person.say(words)
    return town.emulator.updates.take()[-1]


@asynccontextmanager
async def locked(town: Town) -> AsyncIterator[None]:
    """Keep the database to oneself."""
    await town.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(town.url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


async def test_a_conversation_goes_on_over_the_webhook_in_its_order(hooked: Town, anna: Actor, boris: Actor) -> None:
    async with served(hooked):
        for words in ("/new", "Не греет батарея", "Класс 5А"):
            anna.person.say(words)
        boris.person.say("/start")
        await eventually(lambda: anna.texts and anna.text.startswith("К чему это относится?"))
        await eventually(lambda: boris.texts and boris.text.startswith("Здравствуйте, Борис!"))
        press = anna.person.press("Отопление")
        await eventually(lambda: press.answered and anna.text.startswith("Насколько это срочно?"))
        await eventually(lambda: not hooked.emulator.updates.pending)
    assert [call.params["url"] for call in hooked.emulator.journal.calls("setWebhook")] == [ADDRESS.url]
    assert not hooked.emulator.journal.calls("deleteWebhook")
    await hooked.restart()


@pytest.mark.parametrize("secret", [None, "", "wrong", "s3cre", "секрет"])
async def test_whoever_does_not_know_the_secret_is_turned_away(town: Town, anna: Actor, secret: str | None) -> None:
    async with alone(town) as (_, url):
        assert (await bring(url, secret=secret, **said(town, anna, "/start")))[0] == 403
    assert await town.value("SELECT count(*) FROM conversations") == 0


async def test_an_update_is_answered_after_its_commit_and_has_effect_once(town: Town, anna: Actor) -> None:
    update = said(town, anna, "/start")
    async with alone(town) as (_, url):
        assert await bring(url, **update) == (200, None)
        assert await town.value("SELECT screen_rev FROM conversations") == 1
        assert [await bring(url, **update) for _ in range(3)] == [(200, None)] * 3
    assert await town.value("SELECT screen_rev FROM conversations") == 1


async def test_without_the_database_an_update_is_to_be_brought_again_and_then_has_effect_once(
    town: Town, anna: Actor
) -> None:
    update = said(town, anna, "/start")
    async with alone(town) as (_, url):
        async with locked(town):
            assert await bring(url, **update) == (503, "5")
        assert await bring(url, **update) == (200, None)
        assert await bring(url, **update) == (200, None)
    assert await town.query("SELECT screen_rev FROM conversations") == [(1,)]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b"7", b"[]", b'{"update_id": 1e400}', b"{}"])
async def test_what_is_no_update_is_set_aside_and_not_brought_for_ever(town: Town, body: bytes) -> None:
    async with alone(town) as (_, url):
        assert await bring(url, body) == (200, None)
    [(update_id, error)] = await town.query("SELECT update_id, error FROM quarantined_updates")
    assert (update_id, error) == (0, "ValidationError")


async def test_a_text_of_a_megabyte_is_taken(town: Town, anna: Actor) -> None:
    update = said(town, anna, "/start")
    update["message"]["text"] = "а" * 1_000_000
    async with alone(town) as (_, url):
        assert await bring(url, **update) == (200, None)
    assert await town.query("SELECT error FROM quarantined_updates") == []


async def test_more_than_a_bot_can_hold_is_to_be_brought_again_at_once(town: Town, anna: Actor, boris: Actor) -> None:
    first, second, other = said(town, anna, "/new"), said(town, anna, "Не греет батарея"), said(town, boris, "/start")
    async with alone(town, most=2) as (hook, url):
        async with hook.processor.lock_of(first):
            waiting = [asyncio.create_task(bring(url, **update)) for update in (first, second)]
            await eventually(lambda: len(hook.webhook._in_progress) == 2)
            assert await bring(url, **other) == (503, "1")
        assert await asyncio.gather(*waiting) == [(200, None)] * 2
        assert await bring(url, **other) == (200, None)
    await town.until_idle()
    assert anna.text.startswith("Где это?")


async def test_an_update_that_takes_too_long_is_to_be_brought_again_and_has_effect_once(
    town: Town, anna: Actor
) -> None:
    update = said(town, anna, "/start")
    async with alone(town, deadline=0.2) as (hook, url):
        async with hook.processor.lock_of(update):
            assert await bring(url, **update) == (503, "1")
        assert await bring(url, **update) == (200, None)
    assert await town.query("SELECT screen_rev FROM conversations") == [(1,)]


async def test_what_was_begun_before_the_deadline_is_counted_and_shown_after_it(
    town: Town, anna: Actor, trouble: Trouble
) -> None:
    held = Event()
    await trouble(lambda _context: held.wait(10) and None)
    update = said(town, anna, "/explode")
    async with alone(town, deadline=0.2) as (hook, url):
        assert await bring(url, **update) == (503, "1")
        held.set()
        await hook.webhook.drain()
        assert 'updates_total{kind="message",outcome="handled"} 1.0' in hook.processor._metrics.text().decode()
    await town.until_idle()
    assert anna.texts


async def test_a_bot_that_ends_takes_nothing_more_and_finishes_what_is_in_hand(
    town: Town, anna: Actor, boris: Actor
) -> None:
    update, other = said(town, anna, "/start"), said(town, boris, "/start")
    async with alone(town, most=1) as (hook, url):
        async with hook.processor.lock_of(update):
            waiting = asyncio.create_task(bring(url, **update))
            await eventually(lambda: hook.webhook._in_progress)
            draining = asyncio.create_task(hook.webhook.drain())
            await asyncio.sleep(0)
            assert not draining.done()
        assert await waiting == (200, None)
        await draining
        assert await bring(url, **other) == (503, "1")


async def test_a_poisonous_update_is_set_aside_after_three_tries_and_stops_nobody(
    hooked: Town, anna: Actor, boris: Actor, trouble: Trouble
) -> None:
    calls = []

    def explode(_context: Context) -> None:
        calls.append(1)
        raise RuntimeError("boom")

    await trouble(explode)
    async with served(hooked):
        anna.person.say("/explode")
        anna.person.say("/help")
        boris.person.say("/start")
        await eventually(lambda: anna.texts and "Как сообщить о поломке" in anna.text)
        await eventually(lambda: boris.texts)
        await eventually(lambda: not hooked.emulator.updates.pending)
    assert len(calls) == 3
    await hooked.restart()
    assert await hooked.query("SELECT error, tries FROM quarantined_updates") == [("RuntimeError", 3)]


async def test_the_address_is_told_as_soon_as_telegram_can_be_reached(hooked: Town) -> None:
    fault = hooked.emulator.faults.add("429", "setWebhook", retry_after=1)
    async with served(hooked):
        await eventually(lambda: hooked.emulator.webhook.settings)
        [call] = hooked.emulator.journal.calls("setWebhook", accepted=True)
    assert fault.hits == 1
    assert (call.params["secret_token"], call.params["max_connections"]) == ("s3cret", 100)
    assert call.params["allowed_updates"] == ["message", "edited_message", "callback_query"]
    await hooked.restart()


async def test_an_address_that_telegram_does_not_take_ends_the_bot(town: Town) -> None:
    town.address = Address("https://bot.example.org:4443/telegram", "s3cret")
    await town.restart()
    with pytest.raises(WebhookRefusedError, match="only on ports 80, 88, 443 or 8443"):
        await town.app.serve()


async def test_an_address_that_somebody_took_away_is_put_back(town: Town) -> None:
    async with alone(town) as (hook, _):
        await hook.webhook.check()
        assert town.emulator.webhook.settings == WebhookSettings(ADDRESS.url, "s3cret", 100)
        await hook.webhook.check()
    assert len(town.emulator.journal.calls("setWebhook")) == 1


async def test_the_address_is_looked_after_as_long_as_the_bot_runs(town: Town) -> None:
    async with alone(town, watch=0.02) as (hook, _):
        running = asyncio.create_task(hook.webhook.run())
        await eventually(lambda: town.emulator.webhook.settings)
        await town.app.bot.delete_webhook()
        await eventually(lambda: town.emulator.webhook.settings)
        running.cancel()
    assert len(town.emulator.journal.calls("setWebhook")) == 2


async def test_what_telegram_complains_of_is_logged_and_a_silent_telegram_too(
    town: Town, anna: Actor, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    town.clock.now = datetime.now(UTC)
    async with alone(town) as (hook, _):
        await hook.webhook.check()
        town.emulator.webhook.upstreams[PUBLIC] = ["http://127.0.0.1:1"]
        anna.person.say("/start")
        await eventually(lambda: town.emulator.webhook.failure)
        await hook.webhook.check()
        town.emulator.faults.add("500", "getWebhookInfo")
        await hook.webhook.check()
        await town.emulator.webhook.close()
    logged = capsys.readouterr().out + caplog.text
    assert "Connection failed: ClientConnectorError" in logged
    assert "webhook_not_checked" in logged
    assert "start" not in logged


async def test_a_bot_to_which_telegram_cannot_bring_updates_is_not_ready_until_it_can(
    hooked: Town, anna: Actor
) -> None:
    hooked.clock.now = datetime.now(UTC)
    health, webhook = hooked.app.health, hooked.app.webhook
    assert webhook
    async with served(hooked) as server:
        await eventually(lambda: hooked.emulator.webhook.settings)
        hooked.emulator.webhook.upstreams[PUBLIC] = ["http://127.0.0.1:1"]
        anna.person.say("/start")
        await eventually(lambda: hooked.emulator.webhook.failure)
        await webhook.check()
        check = (await health.checks())["telegram"]
        assert (check.ok, check.reason) == (False, "it cannot bring updates: Connection failed: ClientConnectorError")
        hooked.emulator.webhook.upstreams[PUBLIC] = [server.url]
        await eventually(lambda: anna.texts)
        assert (await health.checks())["telegram"].ok
        anna.person.say("/help")
        await webhook.check()
        assert (await health.checks())["telegram"].ok
    await hooked.restart()


def test_every_process_with_a_token_comes_to_the_same_secret() -> None:
    one, same, other = (Address.of(ADDRESS.url, None, token) for token in ("1:a", "1:a", "1:b"))
    assert one == same != other
    assert re.fullmatch("[A-Za-z0-9_-]{1,256}", one.secret)
    assert Address.of("https://bot.example.org", "s3cret", "1:a").path == "/"
