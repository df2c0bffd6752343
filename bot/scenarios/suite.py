"""The scenarios of a folder of flows, each played on a database of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.scenarios.player import play
from storage.database.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from bot.scenarios.outcomes import Outcome
    from engine.compiled import CompiledFlows
    from engine.reading.scenarios import LoadedScenario

MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108 - a folder of its own is made in it
"""Where Linux keeps files in memory (https://docs.kernel.org/filesystems/tmpfs.html)."""


def select(scenarios: Sequence[LoadedScenario], words: str) -> list[LoadedScenario]:
    """Return the scenarios whose title or file name has these words in it, in any case."""
    wanted = words.casefold()
    return [each for each in scenarios if wanted in f"{each.file.scenario}\n{each.path.stem}".casefold()]


class Stage:
    """Gives each scenario an empty, migrated database in memory, where the system has a folder for that."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        self._folder = folder
        upgrade(f"sqlite:///{self._template}")

    def play(self, scenario: LoadedScenario, flows: CompiledFlows, zone: tzinfo) -> Outcome:
        """Play a scenario to its end; not to be called where an event loop runs."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / "scenario.db"
            shutil.copyfile(self._template, path)
            return asyncio.run(play(scenario, flows, f"sqlite:///{path}", zone))


@contextmanager
def staged() -> Iterator[Stage]:
    """Give a stage; what it has written is deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="zavhoz-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Stage(Path(folder))
