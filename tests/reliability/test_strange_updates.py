"""Whatever comes in, nothing breaks and nobody is stuck: the next word is answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conversation import Town
from tests.reliability.pace import SCALE
from tests.reliability.strange import pressed, shaped, spoken, with_each_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.compiled import CompiledFlows
    from tests.conversation import Actor

    Update = dict[str, Any]

BROKEN = "SELECT error, raw FROM poisonous_updates WHERE tries > 1"
GIVEN_UP = "SELECT method, last_error FROM outbox WHERE last_error NOT LIKE 'Bad Request%'"
MEGABYTE = 2**20
often = settings(
    max_examples=80 * SCALE,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass
class Street:
    """A town to which anything may come, on a loop of its own: hypothesis calls from outside of any."""

    loop: asyncio.Runner
    town: Town
    anna: Actor
    real: list[Update]
    """One update of each kind, as Telegram writes them."""

    def survives(self, updates: list[Update]) -> None:
        """Let updates come and see that Anna is answered after them as she always is."""
        self.loop.run(self._survives(updates))

    async def _survives(self, updates: list[Update]) -> None:
        for update in updates:
            self.town.emulator.push_raw({name: part for name, part in update.items() if name != "update_id"})
        await self.town.settle()
        before = self.anna.person.chat.last_id
        await self.anna.say("/menu")
        assert self.anna.screen.id > before
        assert self.anna.text.startswith("Здравствуйте") or "\n\nЗдравствуйте" in self.anna.text
        assert not self.town.emulator.updates.pending
        assert await self.town.query(BROKEN) == []
        assert await self.town.query(GIVEN_UP) == []


pytestmark = pytest.mark.filterwarnings("ignore:Detected unknown update type")


@pytest.fixture
def street(database_url: str, flows: CompiledFlows) -> Iterator[Street]:
    with asyncio.Runner() as loop:
        street = Street(loop, *loop.run(_met(Town(database_url, flows))))
        yield street
        loop.run(street.town.app.close())


async def _met(town: Town) -> tuple[Town, Actor, list[Update]]:
    anna = await town.arrive(1001, "Анна", "Петрова")
    await anna.submit()
    card = anna.card(1)
    await anna.say("/new")
    person, group = anna.person, town.emulator.group(-1001, "Учительская", [anna.person], topics=(5,))
    message = person.say("Течёт кран")
    person.say("/start request-1")
    person.say("Когда?", card)
    person.send_photo(None, "Фото", card)
    person.send_album((None, None), "Альбом")
    person.send_document("акт.pdf", caption="Акт")
    person.send_sticker()
    person.edit(message, "Течёт труба")
    person.press("Отмена")
    person.press_on(card, "💬 Комментарий")
    person.say_in(group, "/start", thread_id=5)
    return town, anna, town.emulator.updates.take()


def test_updates_with_parts_of_other_shapes_harm_nobody(street: Street) -> None:
    @often
    @given(st.lists(shaped(street.real), min_size=1, max_size=4))
    def survives(updates: list[Update]) -> None:
        street.survives(updates)

    survives()


def test_words_of_any_characters_harm_nobody(street: Street) -> None:
    @often
    @given(st.lists(spoken(street.real[0]), min_size=1, max_size=4))
    def survives(updates: list[Update]) -> None:
        street.survives([street.real[1], *updates])

    survives()


def test_presses_with_made_up_data_harm_nobody(street: Street, flows: CompiledFlows) -> None:
    press = next(each for each in street.real if "callback_query" in each)

    @often
    @given(st.lists(pressed(press, flows), min_size=1, max_size=4))
    def survives(updates: list[Update]) -> None:
        street.survives(updates)

    survives()


def test_a_megabyte_in_any_part_of_a_message_harms_nobody(street: Street) -> None:
    message = street.real[0]["message"]
    sender = message["from"]
    for part in (
        {"text": "ы" * MEGABYTE},
        {"text": "/" + "start " * (MEGABYTE // 6)},
        {"caption": "🦉" * MEGABYTE},
        {"from": sender | {"first_name": "&" * MEGABYTE}},
        {"from": sender | {"username": "u" * MEGABYTE}},
        {"entities": [{"type": "bot_command", "offset": 0, "length": 1}] * 20_000},
        {"media_group_id": "9" * MEGABYTE},
        {"document": {"file_id": "f" * MEGABYTE, "file_unique_id": "u" * MEGABYTE, "file_name": "n" * MEGABYTE}},
        {"whatever": [{"more": [0] * MEGABYTE}]},
    ):
        street.survives([{"message": message | part}])


def test_parts_within_parts_within_parts_harm_nobody(street: Street) -> None:
    message = street.real[0]["message"]
    for part in ("reply_to_message", "text", "whatever"):
        nested = message
        for _ in range(900):
            nested = message | {part: nested}
        street.survives([{"message": nested}])


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**63 - 1, 2**63])
def test_numbers_of_any_size_harm_nobody(street: Street, number: int) -> None:
    street.survives([spoilt for real in street.real for spoilt in with_each_number(real, number)])
