"""Bots and stands as real processes that live for a second or two: the tester's end of `victim`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tests.processes import ROOT, until

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Victim:
    """A process that was born; `boundary` is where it killed itself, `died_at` in seconds since the epoch."""

    logs: Path
    pid: int = 0
    boundary: str = ""
    died_at: float = 0.0
    code: int = 0
    born: asyncio.Event = field(default_factory=asyncio.Event)
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        if not self.died.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would, if it still lives."""
        self.send(signal.SIGKILL)

    async def stop(self) -> tuple[int, float]:
        """Ask it to stop and wait for its end; return the exit code and the seconds it took."""
        started = time.monotonic()
        self.send(signal.SIGTERM)
        await self.died.wait()
        return self.code, time.monotonic() - started

    async def dies_within(self, seconds: float) -> bool:
        """Wait for its end; False when it still lives after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.died.wait()
        except TimeoutError:
            return False
        return True

    async def starts_or_dies(self) -> None:
        """Wait until it says that it is running, has ended before, or takes too long."""
        with suppress(AssertionError, TimeoutError):
            await self.says("The bot is running")

    async def says(self, pattern: str) -> str:
        """Wait until it prints this; return what the pattern matched."""

        async def said() -> str:
            if self.died.is_set():
                raise AssertionError(f"it has ended:\n{(self.logs / 'stderr.txt').read_text('utf-8')}")
            found = re.search(pattern, (self.logs / "stdout.txt").read_text("utf-8"))
            return found[0] if found else ""

        return await until(said)


class Nursery:
    """The process that bears victims; they end with its `async with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[Victim] = []
        self._living: dict[int, Victim] = {}
        self._births = 0

    async def __aenter__(self) -> Self:
        # Who is killed writes nothing down: counting for coverage would only take twice the time.
        uncounted = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.victim",
            cwd=ROOT,
            env=uncounted,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    async def bear(self, what: str, *words: str, boundary: str = "", passes: int = 0, **settings: str) -> Victim:
        """Start a bot, or a stand; one with a boundary kills itself there, at its so-manieth passing."""
        self._births += 1
        logs = self._folder / f"{what}-{self._births}"
        empty = self._folder / "empty"
        for path in (logs, empty):
            path.mkdir(parents=True, exist_ok=True)
        for name in ("stdout.txt", "stderr.txt"):
            (logs / name).touch()
        victim = Victim(logs)
        self._waiting.append(victim)
        wish = {"what": what, "words": words, "boundary": boundary, "passes": passes, "settings": settings}
        assert self._process.stdin
        self._process.stdin.write(json.dumps({**wish, "logs": str(logs), "folder": str(empty)}).encode() + b"\n")
        await victim.born.wait()
        return victim

    async def _listen(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            self._hear(json.loads(line))

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "born":
            victim = self._living[event["pid"]] = self._waiting.pop(0)
            victim.pid = event["pid"]
            victim.born.set()
        elif event["event"] == "passed":
            self._living[event["pid"]].boundary = event["boundary"]
        else:
            victim = self._living.pop(event["pid"])
            victim.died_at, victim.code = event["at"], event["code"]
            victim.died.set()
