"""Many messages in many chats: all are answered, in each chat in the order in which they were written."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest_asyncio

from tests.conversation import Town
from tests.reliability.pace import SCALE, run_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.scenarios.clock import ManualClock
    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

CHATS, MESSAGES = (10, 500) if SCALE == 1 else (50, 5000)
COMMENTS = "SELECT text FROM comments JOIN users ON users.id = user_id WHERE telegram_id = :id ORDER BY comments.id"


@pytest_asyncio.fixture
async def town(database_url: str, flows: CompiledFlows, clock: ManualClock) -> AsyncIterator[Town]:
    """Give a town without managers, where a comment is answered and told nobody."""
    town = Town(database_url, flows, clock=clock, owners=frozenset())
    yield town
    await town.app.close()


async def test_messages_of_each_chat_are_all_answered_in_their_order(town: Town) -> None:
    people = [await town.arrive(5001 + number, f"Учитель-{number}") for number in range(CHATS)]
    cards = {}
    for number, person in enumerate(people, 1):
        await person.submit(f"Поломка {number}")
        cards[person.person.id] = person.card(number)
    await run_down(town)

    written: dict[int, list[int]] = {person.person.id: [] for person in people}
    chance = random.Random(1)  # noqa: S311 - reproducible, not secret
    for number in range(MESSAGES):
        person = chance.choice(people).person
        written[person.id].append(person.say(f"Слово {number}", cards[person.id]).id)
    await run_down(town)

    for person in people:
        assert _answered(town, person) == written[person.person.id]
        told = [row.text for row in await town.query(COMMENTS, id=person.person.id)]
        assert told == [person.person.chat.messages[each].body.text for each in written[person.person.id][: len(told)]]
        assert len(told) >= 10


def _answered(town: Town, person: Actor) -> list[int]:
    """Return which messages the bot has answered, in the order of its answers; each answer quotes its message."""
    sent = town.emulator.journal.calls("sendMessage", chat_id=person.person.id, accepted=True)
    return [call.params["reply_parameters"]["message_id"] for call in sent if "reply_parameters" in call.params]
