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

SETTLING = 300
"""Milliseconds without a change after which a folder that is being written counts as written."""
SAFETY_NET = 5.0
"""Seconds after which the files are compared anyway: not every file system tells of changes, nor of a new folder."""

log = structlog.get_logger(__name__)


class FlowFolder:
    """Reads the flows of a folder, and knows when what it read is no longer what stands there."""

    def __init__(self, path: Path, hooks: Hooks, zone: tzinfo) -> None:
        self.path = path
        self._hooks = hooks
        self._zone = zone
        self._read = b""

    def read(self) -> CompiledFlows:
        """Read, check and compile; blocks for a tenth of a second. Raises FlowError with every mistake."""
        # Before the files themselves: what changes meanwhile is a change.
        self._read = self._fingerprint()
        return load_flows(self.path, self._hooks, self._zone)

    def has_changed(self) -> bool:
        """Tell whether the files are others than those read last, whether that went well or not."""
        return self._fingerprint() != self._read

    async def change(self, asked: asyncio.Event) -> None:
        """Wait until a file may have changed: when the system says so, after a while, or when `asked` is set."""
        try:
            watching = awatch(
                self.path,
                debounce=SETTLING,
                step=50,
                stop_event=asked,
                rust_timeout=int(SAFETY_NET * 1000),
                yield_on_timeout=True,
                recursive=False,
            )
            async with aclosing(watching) as changes:
                async for _ in changes:
                    return
        except Exception as error:
            # No folder there at the moment, or no watch to be had from the system: looking now and then serves, too.
            log.debug("folder_not_watched", reason=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), SAFETY_NET)

    def _fingerprint(self) -> bytes:
        digest = sha256()
        with suppress(OSError):
            for path in sorted(self.path.glob("*.yaml")):
                digest.update(os.fsencode(path.name) + b"\0" + _fingerprint_of(path))
        return digest.digest()


def _fingerprint_of(path: Path) -> bytes:
    """Return what tells a file's content from another; one that cannot be read is like no other, until it can be."""
    try:
        return sha256(path.read_bytes()).digest()
    except OSError as error:
        return str(error.errno).encode()
