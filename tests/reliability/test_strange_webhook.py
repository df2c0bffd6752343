"""Whatever is brought to the webhook, it is taken, nothing breaks and nobody is stuck."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from bot.ingress.update_processor import UpdateProcessor
from bot.ingress.webhook import AUTH_HEADER, Address, Webhook
from bot.service.routes import application
from bot.telegram.connectivity import Connectivity
from bot.telemetry.metrics import Metrics
from bot.web.listening import listen
from tests.reliability.strange import JSON, shaped
from tests.reliability.street import OFTEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.reliability.street import Street

    Bring = Callable[[bytes], Awaitable[int]]

ADDRESS = Address("https://bot.example.org/telegram", "s3cret")
pytestmark = pytest.mark.filterwarnings("ignore:Detected unknown update type")


@asynccontextmanager
async def _door(street: Street) -> AsyncIterator[Bring]:
    """Open the webhook of the street's bot; give what brings a body there and returns the status."""
    app = street.town.app
    webhook = Webhook(
        app.bot,
        UpdateProcessor(app.bot, app.dispatcher, app.runner, Metrics(), app.flow_versions),
        ADDRESS,
        Connectivity(),
    )
    server = await listen(application([webhook.route]), "127.0.0.1", 0)
    async with ClientSession(headers={AUTH_HEADER: ADDRESS.secret}) as session:

        async def bring(body: bytes) -> int:
            async with session.post(f"{server.url}{ADDRESS.path}", data=body) as response:
                return response.status

        yield bring
    await server.close()


async def _bring(street: Street, *bodies: bytes) -> None:
    async with _door(street) as bring:
        assert {await bring(body) for body in bodies} == {200}
    # Nobody delivers here by himself: a note that answers one of them would come below the menu.
    await street.town.until_idle()
    await street.stands()


def test_any_body_is_taken_and_harms_nobody(street: Street) -> None:
    updates = shaped(street.real).map(json.dumps).map(str.encode)
    values = JSON.map(json.dumps).map(str.encode)

    @OFTEN
    @given(st.lists(st.one_of(updates, values, st.binary(max_size=50)), min_size=1, max_size=4))
    def survives(bodies: list[bytes]) -> None:
        street.loop.run(_bring(street, *bodies))

    survives()


def test_very_large_and_very_deep_bodies_are_taken_and_harm_nobody(street: Street) -> None:
    message = street.real[0]["message"] | {"text": "ы" * 2**20}
    large = json.dumps({"update_id": 1, "message": message}).encode()
    deep = b'{"update_id": 2, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    street.loop.run(_bring(street, large, deep, b"[" * 100_000, b"\xff" * 2**20, b""))
