"""The bot and the stand as real processes, and people who talk to the bot from a third one: the test."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from bot.emulator.awaitable_verbs import AwaitableVerbs
from bot.emulator.client import EmulatorClient
from storage.database.runner import open_runner
from storage.outbox import queue, screens
from tests.forks import ROOT, fork_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.emulator.client import RemotePerson, Seen
    from bot.emulator.verbs import Verb
    from storage.database.runner import Runner
    from storage.database.transaction import Transaction

T = TypeVar("T")
BOT_ID = 4_200_000_001
TOKEN = f"{BOT_ID}:AAthe-token-of-the-process-tests-0001"
PATIENCE = 120.0
"""Seconds to wait for what takes one or two on a machine of one's own."""
PAUSE = 0.02
_SETTINGS = ("BOT_", "DATABASE_URL", "ADMIN_IDS", "FLOWS_DIR", "WEBHOOK_", "HTTP_", "TIMEZONE", "LOG_", "SENTRY_")


class Process:
    """`python -m <module> …` in a working directory; what it prints goes to files, which never fill up.

    It is forked from one that has imported everything. With `cold` an interpreter of its own starts it, as people do;
    `python` is another interpreter, which has to know the project by itself. The process is killed at the end of its
    `with` block if it still runs.
    """

    def __init__(
        self, logs: Path, folder: Path, *words: str, cold: bool = False, python: Path | None = None, **settings: str
    ) -> None:
        self._out, self._err = logs / "stdout.txt", logs / "stderr.txt"
        for path in (logs, folder):
            path.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
        environment = {**inherited, "PYTHONPATH": "" if python else str(ROOT), **settings}
        with self._out.open("wb") as out, self._err.open("ab") as err:
            self._process = (
                subprocess.Popen(  # noqa: S603 - our own words
                    [str(python or sys.executable), "-m", *words], cwd=folder, env=environment, stdout=out, stderr=err
                )
                if cold or python
                else fork_server.start(*words, folder=folder, out=self._out, err=self._err, environment=environment)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def out(self) -> str:
        """What it printed."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it printed to standard error, and what those before it did that had the same folder for logs."""
        return self._err.read_text("utf-8")

    async def says(self, pattern: str) -> str:
        """Wait until it prints this; return what the pattern matched."""

        async def said() -> str:
            if self._process.poll() is not None:
                raise AssertionError(f"ended with {self._process.returncode}:\n{self.err}")
            found = re.search(pattern, self.out)
            return found[0] if found else ""

        return await until(said)

    async def ends(self) -> int:
        """Wait for its end and return the exit code."""

        async def ended() -> bool:
            return self._process.poll() is not None

        await until(ended)
        return self._process.returncode

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to stop; return the exit code and the seconds it took."""
        started = time.monotonic()
        self._process.send_signal(number)
        return await self.ends(), time.monotonic() - started

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal that does not end it."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a crash would, if it still runs."""
        self._process.kill()
        self._process.wait()


class Far:
    """The stand, a bot that talks to it over HTTP, and a view of the bot's database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder / "empty"
        self._logs = folder / "logs"
        self._database_url = database_url
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        stand = self._start("stand", "bot.emulator", "--port", "0")
        self.url = await stand.says(r"http://\S+")
        self.client = await self._running.enter_async_context(EmulatorClient(self.url))
        self.runner: Runner = open_runner(self._database_url)
        self._running.push_async_callback(self.runner.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    @property
    def settings(self) -> dict[str, str]:
        """What a bot needs to be told to talk to the stand."""
        given = {"BOT_API_URL": self.url, "BOT_TOKEN": TOKEN, "DATABASE_URL": self._database_url, "ADMIN_IDS": "2001"}
        return given | {"HTTP_PORT": "0"}

    async def start_bot(self, name: str = "bot", **settings: str) -> Process:
        """Start a bot and wait until it says that it runs; of several at once each has a name of its own."""
        bot = self._start(name, "bot", "run", **(self.settings | settings))
        await bot.says("The bot is running")
        return bot

    async def person(self, id: int, first_name: str, last_name: str = "") -> Talker:  # noqa: A002 - Telegram's word
        """Let somebody in."""
        return Talker(self, first_name, await self.client.person(id, first_name, last_name))

    async def settled(self) -> None:
        """Wait until everything the bot committed is delivered."""
        await until(lambda: self.runner.run(is_everything_delivered))

    async def calls(self, *methods: str) -> int:
        """Count the calls the bot has made, those of some methods or all."""
        return len(await self.client.journal(*methods))

    async def called(self, before: int, *methods: str) -> None:
        """Wait until the bot has made another call than the so many before."""

        async def made() -> bool:
            return await self.calls(*methods) > before

        await until(made)

    def _start(self, name: str, *words: str, **settings: str) -> Process:
        return self._running.enter_context(Process(self._logs / name, self.folder, *words, **settings))


@dataclass(frozen=True, slots=True)
class Talker(AwaitableVerbs):
    """A person whose every action is answered, and every message it led to delivered, before it returns.

    Each verb takes `sees` besides, words that the bot's newest message is waited for to have.
    """

    far: Far
    name: str
    remote: RemotePerson

    async def act(self, verb: Verb, *arguments: Any, sees: str, **named: Any) -> Seen:
        """Do something and return what is seen then."""
        return await self._answered(self.remote.act(verb, *arguments, **named), sees)

    async def press(self, label: str, sees: str) -> Seen:
        """Press a button."""
        return await self._answered(self.remote.press(label, PATIENCE), sees)

    async def say_while_telegram_is_slow(self, text: str, seconds: float) -> None:
        """Type something and return while the answer is being sent, which takes so many seconds."""
        await self.far.client.do("faults", kind="slow", method="sendMessage", delay=seconds)
        # Not any call: a bot that has just started tells Telegram its commands besides.
        before = await self.far.calls("sendMessage")
        await self.remote.say(text)
        await self.far.called(before, "sendMessage")

    async def sees(self, words: str) -> Seen:
        """Look at the bot's newest message with these words."""
        return await self.remote.sees(words, PATIENCE)

    async def transcript(self) -> str:
        """Everything that happened in the private chat, without the hours; what a press is answered comes first."""
        return "\n───\n".join(map(_in_order, (await self.remote.transcript()).split("\n───\n")))

    async def _answered(self, action: Awaitable[object], sees: str) -> Seen:
        before = await self.far.calls()
        await action
        await self.far.called(before)
        seen = await self.sees(sees)
        await self.far.settled()
        return seen


async def until(look: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """Look again and again until there is something; return it. Raises TimeoutError when it does not come in time."""
    async with asyncio.timeout(seconds):
        while True:
            seen = await look()
            if seen:
                return seen
            await asyncio.sleep(PAUSE)


def is_everything_delivered(tx: Transaction) -> bool:
    """Tell whether no screen and no message waits for its delivery."""
    return screens.next_due_at(tx, BOT_ID) is None and queue.next_due_at(tx, BOT_ID) is None


def _in_order(turn: str) -> str:
    # The answer to a press and the new screen go out side by side.
    action, *rest = re.sub(r"\d\d\.\d\d \d\d:\d\d", "ДД.ММ ЧЧ:ММ", turn).split("\n")
    return "\n".join([action, *sorted(rest, key=lambda queue: not queue.startswith(("🔔", "❗")))])
