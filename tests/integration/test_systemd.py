"""A supervisor that waits for the bot is told when it serves, and not before."""

from __future__ import annotations

import json
import os
import secrets
import socket
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from bot.service.systemd import notify_ready
from tests.processes import PATIENCE, Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def supervisor() -> Iterator[socket.socket]:
    """A socket on which a supervisor listens, not bound yet."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.settimeout(PATIENCE)
        yield waiting


async def test_a_bot_that_serves_says_so_where_it_was_asked_to(tmp_path: Path, supervisor: socket.socket) -> None:
    place = os.fspath(tmp_path / "notify")
    supervisor.bind(place)
    with Process(tmp_path / "logs", tmp_path / "empty", "bot", "run", HTTP_PORT="0", NOTIFY_SOCKET=place) as bot:
        assert supervisor.recv(64) == b"READY=1"
        url = await bot.says(r"http://127\.0\.0\.1:\d+")
        with urlopen(f"{url}/livez") as answer:  # noqa: S310, ASYNC210 - our own process; nothing else is to be done
            assert json.load(answer) == {"alive": True}
        assert (await bot.stop())[0] == 0


async def test_a_bot_that_cannot_serve_says_nothing(tmp_path: Path, supervisor: socket.socket) -> None:
    place = os.fspath(tmp_path / "notify")
    supervisor.bind(place)
    settings = {"HTTP_PORT": "0", "HTTP_HOST": "nowhere.invalid", "NOTIFY_SOCKET": place}
    with Process(tmp_path / "logs", tmp_path / "empty", "bot", "run", **settings) as bot:
        assert await bot.ends() == 2
    supervisor.setblocking(False)
    with pytest.raises(BlockingIOError):
        supervisor.recv(64)


def test_the_place_may_be_a_name_that_is_no_file(supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"zavhoz-{secrets.token_hex(8)}"
    supervisor.bind(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    notify_ready()
    assert supervisor.recv(64) == b"READY=1"


def test_without_a_supervisor_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify_ready()
