"""How fast the bot may send: never faster than Telegram allows, never slower than that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.delivery.rate_limits import GROUP, PRIVATE, TOTAL, Limits, Pace, Slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.scenarios.clock import ManualClock

START = datetime(2026, 3, 2, tzinfo=UTC)
GAPS = st.lists(st.integers(0, 3000), max_size=200)


def _turns(pace: Pace, gaps: list[int]) -> list[datetime]:
    """Ask for turns, so many milliseconds after each other, each no earlier than the one before was given."""
    slots, given_out, now = Slots(pace), [], START
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        given_out.append(slots.next(now))
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
@example(gaps=[0] * 200)
def test_no_stretch_of_time_holds_more_turns_than_allowed(
    pace: Pace, most: int, window: timedelta, gaps: list[int]
) -> None:
    slots = _turns(pace, gaps)
    assert all(sum(slot <= other < slot + window for other in slots) <= most for slot in slots)


def test_a_burst_goes_at_once_and_the_rest_at_an_even_pace() -> None:
    slots = _turns(Pace(3, timedelta(seconds=1)), [0] * 6)
    assert [(slot - START).total_seconds() for slot in slots] == [0, 0, 0, 1, 2, 3]


@given(gaps=st.lists(st.integers(1000, 5000), max_size=50))
def test_whoever_sends_slowly_enough_never_waits(gaps: list[int]) -> None:
    slots, now = Slots(Pace(1, timedelta(seconds=1))), START
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        assert slots.next(now) == now


@pytest.fixture
def slept(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleep by the clock, at once; the seconds that were slept."""
    seconds: list[float] = []

    async def sleep(pause: float) -> None:
        seconds.append(pause)
        clock.advance(seconds=pause)

    monkeypatch.setattr("bot.delivery.rate_limits.asyncio.sleep", sleep)
    return seconds


async def made_at(clock: ManualClock, chats: Sequence[int], *, paced: bool = True) -> list[float]:
    """Call these chats one after the other; return the seconds after the first call at which each was made."""
    limits, start, made = Limits(clock, paced=paced), clock.now, []
    for chat in chats:
        await limits.wait_for_slot(chat)
        made.append(round((clock.now - start).total_seconds(), 3))
    return made


@pytest.mark.usefixtures("slept")
async def test_a_person_gets_ten_messages_soon_and_then_one_a_second(clock: ManualClock) -> None:
    made = await made_at(clock, [1001] * 13)
    assert max(made[:10]) < 1
    assert made[10:] == [1, 2, 3]


@pytest.mark.usefixtures("slept")
async def test_a_group_gets_five_messages_at_once_and_then_one_in_four_seconds(clock: ManualClock) -> None:
    assert await made_at(clock, [-1001] * 8) == [0, 0, 0, 0, 0, 4, 8, 12]


@pytest.mark.usefixtures("slept")
async def test_all_chats_together_get_five_messages_at_once_and_then_25_a_second(clock: ManualClock) -> None:
    made = await made_at(clock, range(1001, 1056))
    assert made[:7] == [0, 0, 0, 0, 0, 0.04, 0.08]
    # The thirtieth and the thirty-first in all.
    assert made[29:31] == [1, 1.04]
    assert made[54] == 2


async def test_nobody_waits_where_no_pace_is_to_be_kept(clock: ManualClock, slept: list[float]) -> None:
    await made_at(clock, [1001] * 200, paced=False)
    assert slept == []


def test_a_chat_rests_for_as_long_as_telegram_asks_and_no_other_does(clock: ManualClock) -> None:
    limits = Limits(clock, paced=True)
    limits.pause(1001, 40)
    clock.advance(seconds=39)
    assert limits.paused_until(1001) == clock.now + timedelta(seconds=1)
    assert limits.paused_until(1002) is None
    clock.advance(seconds=1)
    assert limits.paused_until(1001) is None


async def test_a_crowd_of_chats_is_not_kept_for_ever(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.rate_limits.FORGOTTEN", 3)
    limits = Limits(clock, paced=True)
    for number in range(3):
        await limits.wait_for_slot(number + 1)
    assert len(limits._chats) == 3
    for number in range(20):
        await limits.wait_for_slot(number + 1)
        clock.advance(seconds=5)
    assert len(limits._chats) <= 4
