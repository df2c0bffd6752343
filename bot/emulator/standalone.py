"""The emulator as a process of its own, for a bot in another one: `python -m bot.emulator`.

It prints its address on one line. The bot comes with `BOT_API_URL` set to that address and any well-formed
token; the first token that comes is the bot's.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from bot.emulator.chat_store import ChatStore
from bot.emulator.server import serve
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence


MANAGER_IDS = range(2001, 3000)
"""Ids that the chat page gives to managers."""
DEFAULT_PEOPLE = ((1001, "Анна", "Петрова", "учитель"), (2001, "Сергей", "Иванов", "завхоз"))


def add_default_people(emulator: Emulator) -> None:
    """Register the two people of a new chat page, a teacher and a manager, unless they are there."""
    for identifier, first_name, last_name, about in DEFAULT_PEOPLE:
        if identifier not in emulator.people:
            emulator.person(identifier, first_name, last_name, about=about)


async def run(host: str, port: int, directory: Path | None = None) -> None:
    """Serve until SIGINT or SIGTERM; with a directory, chats are kept there for the next time."""
    emulator = Emulator(any_token=True)
    store = ChatStore(emulator, directory) if directory else None
    add_default_people(emulator)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    running = await serve(emulator, host, port)
    print(running.url, flush=True)
    await stopped.wait()
    await running.close()
    if store:
        store.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.emulator", description="A strict Bot API emulator")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--memory", type=Path, help="directory to keep the chats in (default: they are forgotten)")
    asked = parser.parse_args(arguments)
    asyncio.run(run(asked.host, asked.port, asked.memory))
