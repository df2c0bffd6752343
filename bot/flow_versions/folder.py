"""The folder of flows on the disk: read when the bot starts, and again when a file in it changes."""

import asyncio
import os
from contextlib import aclosing, suppress
from datetime import tzinfo
from hashlib import sha256
from pathlib import Path

import structlog
from watchfiles import awatch

from engine.compiled import CompiledFlows
from engine.flows import load_flows
from engine.hooks.registry import Hooks
from engine.reading.files import UnreadableError, flow_paths, read_bytes

DEBOUNCE = 300
"""Milliseconds without a change after which a folder that is being written counts as complete."""
POLL_INTERVAL = 5.0
"""Seconds after which the files are compared anyway: not every file system reports changes, nor a new folder."""

log = structlog.get_logger(__name__)


class FlowFolder:
    """Reads the flows of a folder, and detects when the files are no longer those it has read."""

    def __init__(self, path: Path, hooks: Hooks, zone: tzinfo) -> None:
        self.path = path
        self._hooks = hooks
        self._zone = zone
        self._read = b""

    def read(self) -> CompiledFlows:
        """Read, check and compile; blocks for a tenth of a second. Raises FlowError with every mistake."""
        # Before the files are read: what changes while they are is detected as a change.
        self._read = self._fingerprint()
        return load_flows(self.path, self._hooks, self._zone)

    def has_changed(self) -> bool:
        """Return whether the files differ from those read last, successfully or not."""
        return self._fingerprint() != self._read

    async def change(self, asked: asyncio.Event) -> None:
        """Wait until a file may have changed: when the system reports it, after a while, or when `asked` is set."""
        try:
            watching = awatch(
                self.path,
                debounce=DEBOUNCE,
                step=50,
                stop_event=asked,
                rust_timeout=int(POLL_INTERVAL * 1000),
                yield_on_timeout=True,
                recursive=False,
            )
            async with aclosing(watching) as changes:
                async for _ in changes:
                    return
        except Exception as error:
            # The folder is missing at the moment, or the system has no watch left: polling serves as well.
            log.debug("folder_not_watched", reason=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), POLL_INTERVAL)

    def _fingerprint(self) -> bytes:
        digest = sha256()
        with suppress(OSError):
            for path in flow_paths(self.path):
                digest.update(os.fsencode(path.name) + b"\0" + _fingerprint_of(path))
        return digest.digest()


def _fingerprint_of(path: Path) -> bytes:
    """Return a hash of a file's content; of the reason where it cannot be read, so that it differs once it can."""
    try:
        return sha256(read_bytes(path)).digest()
    except UnreadableError as error:
        return str(error.what).encode()
