"""`python -m bench.waiting`: how fast a chat is served in which thousands of messages wait, Telegram's pace aside."""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bench.ours import Ours
from storage.outbox import messages
from storage.outbox.links import Link
from storage.outbox.messages import Outgoing
from tests.databases import Databases, count_statements

if TYPE_CHECKING:
    from storage.database.transaction import Transaction

CHAT = 1001


def main(words: list[str] | None = None) -> None:
    """Run the bench on both databases, with everything written through to the disk, and print its table."""
    parser = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    parser.add_argument("--messages", type=int, default=3000, help="messages that wait for the chat")
    count = parser.parse_args(words).messages
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print("| database | messages | messages/s | statements for each |", "| --- " * 4 + "|", sep="\n")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = Databases(folder, durable=True)
        stack.callback(databases.close)
        urls = {
            "SQLite": databases.sqlite(folder / "zavhoz.db"),
            "PostgreSQL": stack.enter_context(databases.postgresql()),
        }
        for name, url in urls.items():
            rate, statements = asyncio.run(drain(url, count))
            print(f"| {name} | {count} | {rate:,.0f} | {statements:.1f} |", flush=True)


async def drain(database_url: str, count: int) -> tuple[float, float]:
    """Let so many notices wait for one chat and send them; return messages a second and statements for each."""
    ours = Ours("ZAVhoz", database_url)
    bot_id = ours.app.bot.id

    def put(tx: Transaction) -> None:
        for number in range(count):
            call = {"text": f"Заявка №{number} выполнена", "parse_mode": "HTML"}
            link = Link("notice", "request.completed", "request", number)
            messages.put(tx, Outgoing(bot_id, CHAT, "sendMessage", {"call": call, "mark": ""}, link=link))

    await ours.app.runner.run(put)
    with count_statements(ours.app.runner) as counted:
        started = time.perf_counter()
        await ours.app.delivery.flush()
        seconds = time.perf_counter() - started
    sent = ours.telegram.chats[CHAT].screens
    await ours.close()
    if sent != count:
        raise RuntimeError(f"{sent} messages came instead of {count}")
    return count / seconds, len(counted.statements) / count


if __name__ == "__main__":
    main()
