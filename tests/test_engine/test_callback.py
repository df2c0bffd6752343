"""The data behind buttons: it survives the way through Telegram, and garbage is told from it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.callback import LARGEST, LIMIT, SUBJECT_LIMIT, Callback, base36

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
PLACES = st.builds("{}{}{}".format, NAMES, st.sampled_from(".!"), NAMES)
TOKENS = st.text(alphabet="0123456789abcdefghijklmnopqrstuvwxyz", max_size=7)
VALUES = st.text(max_size=6).filter(lambda value: len(value.encode("utf-8", "replace")) <= 16)
CALLBACKS = st.builds(
    Callback, PLACES, NAMES, st.none() | st.integers(0, LARGEST), VALUES.filter(str.isprintable), TOKENS
)


def fits(callback: Callback) -> bool:
    subject_id = "" if callback.subject_id is None else base36(callback.subject_id)
    parts = (callback.owner, callback.button, subject_id, callback.value, callback.token)
    return len("".join(parts).encode()) + 4 <= LIMIT


@given(CALLBACKS.filter(fits))
@example(Callback("a.b", "c", 0, "1:2~3", "x"))
@example(Callback("a.b", "c", LARGEST, "", ""))
def test_what_was_written_is_read_back(callback: Callback) -> None:
    assert Callback.decode(callback.encode()) == callback


def test_the_data_can_be_read_by_people() -> None:
    assert Callback("request.card", "do:take", 46655, "v", "a1").encode() == "request.card:do:take:zzz:v~a1"


@pytest.mark.parametrize(("number", "digits"), [(0, "0"), (35, "z"), (36, "10"), (LARGEST, "1y2p0ij32e8e7")])
def test_ids_are_written_in_base_36(number: int, digits: str) -> None:
    assert base36(number) == digits
    assert len(digits) <= SUBJECT_LIMIT


def test_the_64th_byte_still_fits_and_the_65th_does_not() -> None:
    frame = len(Callback("f.s", "b").encode())
    assert len(Callback("f.s", "b", value="v" * (LIMIT - frame)).encode()) == LIMIT
    with pytest.raises(ValueError, match="passes 64 bytes"):
        Callback("f.s", "b", value="v" * (LIMIT - frame + 1)).encode()


def test_bytes_count_and_not_letters() -> None:
    with pytest.raises(ValueError, match="passes 64 bytes"):
        Callback("f.s", "b", value="я" * 30).encode()


@pytest.mark.parametrize(
    "data",
    [
        "",
        "~",
        "take",
        "a.b:c::v",
        "a.b:c:1~t",
        "a.b:c:-1:v~t",
        "a.b:c: 1:v~t",
        "a.b:c:1_0:v~t",
        "a.b:c:١:v~t",
        "a.b:c:²:v~t",
        "a.b:c:я:v~t",
        f"a.b:c:{base36(LARGEST + 1)}:v~t",
        "a.b:c:zzzzzzzzzzzzz:v~t",
        f"a.b:c:{'0' * 14}:v~t",
    ],
)
def test_what_no_button_holds_is_no_callback(data: str) -> None:
    assert Callback.decode(data) is None


@given(st.text(alphabet="ab.!:~019z-_я ", max_size=LIMIT) | st.text(max_size=LIMIT))
def test_whatever_comes_in_is_read_the_same_way_or_not_at_all(data: str) -> None:
    callback = Callback.decode(data)
    if callback and fits(callback):
        assert callback.subject_id is None or 0 <= callback.subject_id <= LARGEST
        assert Callback.decode(callback.encode()) == callback
