"""Spans of time: what they mean, and what is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.durations import parse_duration, write_duration


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(weeks=1)),
        ("99999d", timedelta(days=99999)),
    ],
)
def test_a_span_is_a_number_and_its_unit(written: str, span: timedelta) -> None:
    assert parse_duration(written) == span


@pytest.mark.parametrize(
    ("written", "shown"), [("90s", "90s"), ("120s", "2m"), ("90m", "90m"), ("24h", "1d"), ("36h", "36h"), ("7d", "7d")]
)
def test_a_span_is_written_in_the_largest_unit_that_serves(written: str, shown: str) -> None:
    assert write_duration(parse_duration(written)) == shown


def test_a_span_that_is_one_already_stays_as_it_is() -> None:
    assert parse_duration(timedelta(hours=2)) == timedelta(hours=2)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "7",
        "d",
        "0d",
        "07d",
        "-7d",
        "7 d",
        "7D",
        "7d ",
        "7d\n",
        "1.5h",
        "1h30m",
        "7w",
        "٧d",
        "9" * 30 + "d",
        7,
        None,
    ],
)
def test_anything_else_is_explained(written: object) -> None:
    with pytest.raises(ValueError, match="such as 30s, 15m, 24h or 7d"):
        parse_duration(written)


@given(st.text(alphabet="0123456789smhd -.", max_size=12) | st.integers() | st.floats() | st.booleans())
def test_a_span_is_positive_or_refused(written: object) -> None:
    try:
        span = parse_duration(written)
    except ValueError:
        return
    assert span > timedelta(0)
