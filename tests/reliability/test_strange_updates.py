"""Whatever comes in, nothing breaks and nobody is stuck: the next word is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reliability.strange import pressed, shaped, spoken, with_each_number
from tests.reliability.street import OFTEN

if TYPE_CHECKING:
    from engine.compiled import CompiledFlows
    from tests.reliability.street import Street, Update

MEGABYTE = 2**20
pytestmark = pytest.mark.filterwarnings("ignore:Detected unknown update type")


def test_updates_with_parts_of_other_shapes_harm_nobody(street: Street) -> None:
    @OFTEN
    @given(st.lists(shaped(street.real), min_size=1, max_size=4))
    def survives(updates: list[Update]) -> None:
        street.survives(updates)

    survives()


def test_words_of_any_characters_harm_nobody(street: Street) -> None:
    @OFTEN
    @given(st.lists(spoken(street.real[0]), min_size=1, max_size=4))
    def survives(updates: list[Update]) -> None:
        street.survives([street.real[1], *updates])

    survives()


def test_presses_with_made_up_data_harm_nobody(street: Street, flows: CompiledFlows) -> None:
    press = next(each for each in street.real if "callback_query" in each)

    @OFTEN
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
