"""Trouble for a bot: an action that does whatever a test says, and a receiver of what is reported of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.hooks.registry import build_hooks
from engine.running.context import Context
from tests.conversation import SHIPPED, Town, shipped_flows
from tests.sentry_receiver import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


Trouble = Callable[[Callable[[Context], None]], Awaitable[None]]
TROUBLE = "flow: trouble\nanywhere:\n  - {command: explode, do: explode}\n"


@pytest.fixture
def received() -> Iterator[tuple[str, list[bytes]]]:
    """A DSN of Sentry, and the envelopes that came for it."""
    with receiver() as given:
        yield given


@pytest.fixture
def trouble(town: Town, tmp_path: Path) -> Trouble:
    """Restart the bot with one more command, /explode, that calls what it is given."""
    folder = tmp_path / "flows"
    folder.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "trouble.yaml").write_text(TROUBLE, encoding="utf-8")

    async def restart(action: Callable[[Context], None]) -> None:
        hooks = build_hooks()
        hooks.action("explode")(action)
        await town.restart(shipped_flows(folder, hooks))

    return restart
