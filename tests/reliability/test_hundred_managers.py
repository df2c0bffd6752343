"""A hundred managers press «Взять» on one request at the same moment."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.consistency import assert_consistent
from tests.conversation import MOSCOW, Town
from tests.reliability.pace import feed_at_once, run_down

if TYPE_CHECKING:
    from bot.emulator.callback_queries import CallbackQuery
    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

MANAGERS = range(20_001, 20_101)


async def test_one_of_a_hundred_managers_gets_the_request_and_the_others_are_told_who(
    database_url: str, flows: CompiledFlows
) -> None:
    town = Town(database_url, flows, owners=frozenset(MANAGERS))
    managers = [town.person(number, f"Завхоз-{number}") for number in MANAGERS]
    for manager in managers:
        manager.person.say("/start")
    await run_down(town)
    anna = await town.arrive(1001, "Анна")
    await anna.submit()
    await run_down(town)

    at = town.clock.now.astimezone(MOSCOW).strftime("%H:%M")
    presses = [manager.person.press_on(manager.card(1), "🔧 Взять") for manager in managers]
    await feed_at_once(town, town.emulator.updates.take())
    await run_down(town)

    (taker,) = await town.query("SELECT u.full_name FROM requests r JOIN users u ON u.id = r.assignee_id")
    told = {
        manager.person.user.full_name: _told(manager, press) for manager, press in zip(managers, presses, strict=True)
    }
    assert told.pop(taker.full_name) == "Заявка №1 теперь ваша."
    assert Counter(told.values()) == {f"Заявку уже взял(а) {taker.full_name} в {at}.": 99}
    assert await town.value("SELECT count(*) FROM events WHERE name = 'take'") == 1
    await assert_consistent(town)
    await town.app.close()


def _told(manager: Actor, press: CallbackQuery) -> str:
    """Return what a press was answered, in a message where the machine was too slow for a toast."""
    return next(words for words in (press.text, *reversed(manager.texts)) if words.startswith("Заявк"))
