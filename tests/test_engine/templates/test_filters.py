"""The filters of words: what they print, and that they never print more than the check counts on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.markup import length
from engine.templates.filters import SHAPES, FilterError, counted, filters, plural_form, shorten
from engine.templates.shapes import Flag, Many, Moment, Number, Record, Shape, Text

LABELS = {"role": {"crew": ("мастер", "🛠"), "staff": ("сотрудник", "")}}
FILTERS = filters(ZoneInfo("Europe/Moscow"), LABELS)
NIGHT = datetime(2026, 3, 2, 21, 5, tzinfo=UTC)


def test_every_filter_has_its_shape() -> None:
    assert FILTERS.keys() == SHAPES.keys()


@pytest.mark.parametrize(
    ("numbers", "form"),
    [
        ((1, 21, 31, 101, 121, 1001, -1), "заявка"),
        ((2, 3, 4, 22, 24, 33, 102, 104, 1002), "заявки"),
        ((0, 5, 9, 10, 11, 12, 13, 14, 15, 19, 20, 25, 100, 111, 112, 114, 211, 1011), "заявок"),
    ],
)
def test_a_number_has_the_form_of_its_rule(numbers: tuple[int, ...], form: str) -> None:
    assert {plural_form(number, "заявка", "заявки", "заявок") for number in numbers} == {form}


@given(st.integers())
def test_the_form_depends_on_the_last_two_digits_alone(number: int) -> None:
    assert plural_form(number, "а", "б", "в") == plural_form(abs(number) % 100, "а", "б", "в")


@pytest.mark.parametrize(("number", "words"), [(1, "1 день"), (1.5, "1.5 дня"), (None, ""), ("", "")])
def test_a_broken_number_takes_the_word_of_two_and_no_number_says_nothing(number: Any, words: str) -> None:
    assert counted(number, "день", "дня", "дней") == words


@pytest.mark.parametrize(
    ("name", "value", "arguments", "printed"),
    [
        ("capitalize", "ёлка Зимой", (), "Ёлка Зимой"),
        ("capitalize", "ßtraße", (), "ßtraße"),
        ("capitalize", None, (), ""),
        ("date", NIGHT, (), "03.03.2026"),
        ("date", date(2026, 3, 2), (), "02.03.2026"),
        ("date", None, (), ""),
        ("default", "", ("нет",), "нет"),
        ("default", 0, ("нет",), 0),
        ("default", "да", ("нет",), "да"),
        ("icon", "crew", ("role",), "🛠"),
        ("icon", "boss", ("role",), ""),
        ("join", ["а", "б"], (), "а, б"),
        ("join", ["а", None, "б"], ("/",), "а//б"),
        ("join", None, (), ""),
        ("label", "crew", ("role",), "мастер"),
        ("label", "boss", ("role",), "boss"),
        ("label", None, ("role",), ""),
        ("length", [1, 2], (), 2),
        ("length", None, (), 0),
        ("lower", "ЁЛКА", (), "ёлка"),
        ("moment", NIGHT, (), "03.03 00:05"),
        ("short", "Течёт кран в кабинете", (12,), "Течёт кран…"),
        ("short", None, (12,), ""),
        ("time", NIGHT, (), "00:05"),
        ("upper", "straße", (), "STRAßE"),
    ],
)
def test_a_filter_prints(name: str, value: Any, arguments: tuple[Any, ...], printed: Any) -> None:
    assert FILTERS[name](value, *arguments) == printed


@given(st.text(max_size=60), st.integers(1, 60))
def test_shortened_text_fits_and_is_left_alone_when_it_does(text: str, limit: int) -> None:
    cut = shorten(text, limit)
    assert length(cut) <= limit
    assert cut == text if length(text) <= limit else cut.endswith("…")


def test_a_pair_of_surrogates_is_not_cut_in_two() -> None:
    assert shorten("🙂🙂🙂", 4) == "🙂…"


@given(
    st.sampled_from(["capitalize", "lower", "upper", "label", "default", "short"]),
    st.text(max_size=30) | st.integers(-(2**63), 2**63) | st.booleans() | st.none(),
)
def test_what_a_filter_prints_is_no_longer_than_its_shape_says(name: str, value: Any) -> None:
    arguments = {"label": ("role",), "default": ("не указано",), "short": (7,)}.get(name, ())
    given_shape = Number() if type(value) is int else Flag() if isinstance(value, bool) else Text(length(value or ""))
    shape = SHAPES[name](given_shape, arguments, LABELS)
    assert not isinstance(shape, Record)
    assert length(str(FILTERS[name](value, *arguments))) <= shape.max


@given(st.lists(st.text(max_size=5) | st.none(), max_size=6), st.text(max_size=3))
def test_joined_texts_are_no_longer_than_their_shape_says(items: list[str | None], mark: str) -> None:
    many = Many(Text(max((length(item or "") for item in items), default=0)), len(items))
    shape = SHAPES["join"](many, (mark,), LABELS)
    assert isinstance(shape, Text)
    assert length(FILTERS["join"](items, mark)) <= shape.max


@pytest.mark.parametrize(
    ("name", "value", "arguments", "message"),
    [
        ("date", Text(10), (), "serves points in time only"),
        ("upper", Many(Text(3), 2), (), "needs one value, not a list"),
        ("upper", Record("r"), (), "needs one value, not a record"),
        ("upper", Moment(), (), "needs one value, not a point in time"),
        ("label", Text(3), (), "needs the name of a list: role"),
        ("label", Text(3), ("rôle",), 'unknown list "rôle"'),
        ("join", Text(3), (), "needs a list of texts"),
        ("join", Many(Record("r"), 3), (), "needs a list of texts"),
        ("join", Many(Moment(), 3), (), "needs a list of texts"),
        ("length", Number(), (), "needs a list or a text"),
        ("plural", Text(3), ("а", "б", "в"), "needs a number and three words"),
        ("plural", Number(), ("а", "б"), "needs a number and three words"),
        ("short", Text(3), (), "needs a number of characters"),
        ("short", Text(3), (0,), "needs a number of characters"),
        ("short", Text(3), (True,), "needs a number of characters"),
        ("default", Text(3), (), "needs the words to say instead"),
        ("default", Many(Text(3), 2), ("нет",), "needs one value, not a list"),
    ],
)
def test_a_filter_that_does_not_serve_says_why(
    name: str, value: Shape, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(FilterError, match=message):
        SHAPES[name](value, arguments, LABELS)
