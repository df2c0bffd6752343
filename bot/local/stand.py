"""The emulator as a stand of its own, for a bot in another process: `python -m bot.local`.

It prints its address on one line. The bot comes with `BOT_API_URL` set to that address and any well-formed
token; the first token that comes is the bot's.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import TYPE_CHECKING

from bot.local.server import serve
from bot.local.telegram import Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_default_people(emulator: Emulator) -> None:
    """The two who stand on the chat page at first: a teacher (1001) and a manager (2001)."""
    emulator.person(1001, "Анна", "Петрова", about="учитель")
    emulator.person(2001, "Сергей", "Иванов", about="завхоз")


async def stand(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    emulator = Emulator(any_token=True)
    add_default_people(emulator)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    running = await serve(emulator, host, port)
    print(running.url, flush=True)
    await stopped.wait()
    await running.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.local", description="A strict Bot API emulator")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one (default: %(default)s)")
    asked = parser.parse_args(arguments)
    asyncio.run(stand(asked.host, asked.port))
