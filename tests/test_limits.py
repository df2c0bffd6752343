"""How fast the bot may send: never faster than Telegram allows, never slower than that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.limits import GROUP, PRIVATE, TOTAL, Limits, Pace, Turns

if TYPE_CHECKING:
    from tests.databases import ManualClock

START = datetime(2026, 3, 2, tzinfo=UTC)
GAPS = st.lists(st.integers(0, 3000), max_size=200)


def _turns(pace: Pace, gaps: list[int]) -> list[datetime]:
    """Ask for turns, so many milliseconds after each other, each no earlier than the one before was given."""
    turns, given_out, now = Turns(pace), [], START
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        given_out.append(turns.next(now))
        now = given_out[-1]
    return given_out


@pytest.mark.parametrize(
    ("pace", "most", "window"),
    [
        pytest.param(TOTAL, 30, timedelta(seconds=1), id="30 a second in all"),
        pytest.param(GROUP, 20, timedelta(minutes=1), id="20 a minute to a group"),
        pytest.param(PRIVATE, 70, timedelta(minutes=1), id="1 a second to a private chat, and a burst"),
    ],
)
@given(gaps=GAPS)
def test_no_stretch_of_time_holds_more_turns_than_allowed(
    pace: Pace, most: int, window: timedelta, gaps: list[int]
) -> None:
    turns = _turns(pace, gaps)
    assert all(sum(turn <= other < turn + window for other in turns) <= most for turn in turns)


def test_a_burst_goes_at_once_and_the_rest_at_an_even_pace() -> None:
    turns = _turns(Pace(3, timedelta(seconds=1)), [0] * 6)
    assert [(turn - START).total_seconds() for turn in turns] == [0, 0, 0, 1, 2, 3]


@given(gaps=st.lists(st.integers(1000, 5000), max_size=50))
def test_whoever_sends_slowly_enough_never_waits(gaps: list[int]) -> None:
    turns, now = Turns(Pace(1, timedelta(seconds=1))), START
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        assert turns.next(now) == now


def test_a_chat_rests_for_as_long_as_telegram_asks_and_no_other_does(clock: ManualClock) -> None:
    limits = Limits(clock, paced=True)
    limits.rest(1001, 40)
    clock.advance(seconds=39)
    assert limits.rests_until(1001) == clock.now + timedelta(seconds=1)
    assert limits.rests_until(1002) is None
    clock.advance(seconds=1)
    assert limits.rests_until(1001) is None


async def test_a_crowd_of_chats_is_not_kept_for_ever(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.limits.FORGOTTEN", 3)
    limits = Limits(clock, paced=True)
    for number in range(20):
        await limits.turn(number + 1)
        clock.advance(seconds=5)
    assert len(limits._chats) <= 4
