"""The shipped flows are walked through by every role, and nothing of them may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.hooks.registry import build_hooks
from engine.book import Book, Place, turns
from engine.compiler import compile_flows
from engine.loader import load
from tests.conversation import SHIPPED, Town
from tests.walker import Walker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

COMMANDS = ("start", "help", "cancel", "my", "queue", "nonsense")


@pytest.fixture(scope="module")
def traced() -> set[str]:
    """Collects what the walks of this module took."""
    return set()


@pytest.fixture
async def walked(town: Town, traced: set[str]) -> Town:
    """A town whose bot tells what it takes, with a request in every status."""
    town.trace = traced.add
    await town.restart()
    return town


async def _seed(author: Actor, manager: Actor, plumber: Actor) -> None:
    """File nine open requests and one in every other status; the manager and the plumber have one in work each."""
    for number in range(15):
        author.town.clock.advance(minutes=5, seconds=1)
        await author.submit(f"Поломка {number}")
    await manager.press_on(manager.card(10), "🔧 Взять")
    await manager.press_on(manager.card(11), "🔧 Взять")
    await manager.press_on(manager.card(11), "⏸ Отложить")
    await manager.say("нет деталей")
    await manager.press_on(manager.card(12), "🔧 Взять")
    await manager.press_on(manager.card(12), "✅ Выполнено")
    await manager.photo("как новый")
    await manager.press_on(manager.card(13), "🚫 Отклонить")
    await manager.say("это не к нам")
    await author.press_on(author.card(14), "✖️ Отменить заявку")
    await plumber.say("/queue")
    await plumber.press("Дальше ›", "№15", "Взять")
    for each in (author, manager, plumber):
        await each.say("/menu")
    author.town.clock.advance(minutes=5, seconds=1)


async def _walk(actor: Actor) -> int:
    walker = Walker(actor.town, actor.person.id, COMMANDS)
    await walker.walk()
    return walker.actions


async def test_the_author_walks_everywhere(walked: Town, anna: Actor, sergey: Actor, pyotr: Actor) -> None:
    await _seed(anna, sergey, pyotr)
    assert await _walk(anna) > 100
