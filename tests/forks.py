"""Processes that a fork server starts for the tests; see `fork_server`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent


class ForkServer:
    """The server's client, for one thread; the server starts when the first process is asked for."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def start(
        self, module: str, *words: str, folder: Path, out: Path, err: Path, environment: Mapping[str, str]
    ) -> Forked:
        """Run `python -m <module> <words>` in a folder, with no more environment than is given."""
        place = {"folder": str(folder.absolute()), "out": str(out.absolute()), "err": str(err.absolute())}
        return Forked(self, self.ask(module=module, words=words, environment=dict(environment), **place))

    def ask(self, **what: Any) -> Any:
        """Send a question to the server and return its answer."""
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps(what), file=self._server.stdin, flush=True)
        return json.loads(self._server.stdout.readline())

    def close(self) -> None:
        """End the server, if it ever ran, and wait until it has written down what coverage counted."""
        if self._server is not None:
            self._server.communicate()
            self._server = None


class Forked:
    """A process of the server, with as much of `subprocess.Popen` as the tests use."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.wait(wait=False)

    def wait(self, *, wait: bool = True) -> int | None:
        """Wait for its end and return the exit code."""
        if self.returncode is None:
            self.returncode = self._server.ask(pid=self.pid, wait=wait)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            # It may have ended since, but has its number until it is waited for.
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


fork_server = ForkServer()
"""The server of this test process."""
