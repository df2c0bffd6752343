"""`python -m bench`: our bot beside aiogram-dialog and plain aiogram, on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import structlog

from bench.dialogs import AiogramDialog
from bench.inserts import Inserts
from bench.ours import Ours
from bench.plain import PlainAiogram
from bench.redis_server import redis_server
from bench.report import table
from bench.rounds import Course, compete
from storage.database.migrate import upgrade
from tests.postgres_server import PostgresServer


def main(words: list[str] | None = None) -> int:
    """Run the bench and print its table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count, after one that does not")
    parser.add_argument("--dialogs", type=int, default=200, help="requests that each contender files in a round")
    parser.add_argument("--in-flight", type=int, default=16, help="dialogs at the same time")
    given = parser.parse_args(words)
    # Every contender writes its warnings; what an update leaves in the log costs none of them anything.
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        print(run(Course(given.rounds, given.dialogs, given.in_flight)))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(course: Course) -> str:
    """Set up the databases and Redis, run the bench, return its table; RuntimeError where something is missing."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(redis_server())
        server = PostgresServer(durable=True)
        stack.callback(server.stop)
        server.start()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = {
            "SQLite": [f"sqlite:///{folder / name}.db" for name in ("ours", "dialog", "plain")],
            "PostgreSQL": [server.url(server.create_database()) for _ in range(3)],
        }
        for ours, *_ in databases.values():
            upgrade(ours)
        return asyncio.run(_bench(databases, redis_url, course))


async def _bench(databases: dict[str, list[str]], redis_url: str, course: Course) -> str:
    contenders = []
    for place, (ours, dialog, plain) in databases.items():
        contenders += [
            Ours(f"ZAVhoz, {place}", ours),
            AiogramDialog(f"aiogram-dialog, Redis, {place}", redis_url, await Inserts.open(dialog)),
            PlainAiogram(f"aiogram, Redis, {place}", redis_url, await Inserts.open(plain)),
        ]
    gc.freeze()
    try:
        scores = await compete(contenders, course)
    finally:
        for contender in contenders:
            await contender.close()
    return table([(scores[index], scores[index + 1 : index + 3]) for index in range(0, len(scores), 3)], course)


if __name__ == "__main__":
    sys.exit(main())
