"""What words may print of a pydantic model, and how long it can be."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from engine.templates.shapes import (
    FLOAT_LENGTH,
    Flag,
    Many,
    Moment,
    Number,
    Record,
    Shape,
    Text,
    Unknown,
    fits,
    join,
    kind_of,
    of_model,
)

Name = Annotated[str, Field(max_length=40)]


class Remark(BaseModel):
    text: Name
    at: datetime


class Laptop(BaseModel):
    """One field of every kind."""

    model: str = Field(max_length=80)
    owner: Name | None
    either: Name | int
    number: int
    weight: float | None
    is_lent: bool
    bought: date
    last: Remark | None
    remarks: list[Remark] = Field(max_length=3)
    tags: Annotated[list[Name], Field(max_length=5)]
    pair: tuple[Name, ...] = Field(max_length=2)


REMARK = Record("Remark", {"text": Text(40), "at": Moment()})


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("model", Text(80)),
        ("owner", Text(40)),
        ("either", Text(40)),
        ("number", Number(20)),
        ("weight", Number(FLOAT_LENGTH)),
        ("is_lent", Flag()),
        ("bought", Moment()),
        ("last", REMARK),
        ("remarks", Many(REMARK, 3)),
        ("tags", Many(Text(40), 5)),
        ("pair", Many(Text(40), 2)),
    ],
)
def test_a_field_of_a_model_has_a_shape(name: str, shape: Shape) -> None:
    assert of_model(Laptop).fields[name] == shape


def test_the_longest_numbers_fit() -> None:
    longest = [-(2**63), -1.7976931348623157e308, -2.2250738585072014e-308]
    assert len(str(longest[0])) <= Number().max
    assert max(len(str(number)) for number in longest) <= FLOAT_LENGTH


class Endless(BaseModel):
    text: str


class EndlessList(BaseModel):
    tags: list[Name]


class EndlessItems(BaseModel):
    tags: list[str] = Field(max_length=3)


class Bytes(BaseModel):
    content: bytes = Field(max_length=3)


class Nested(BaseModel):
    inner: list[Endless] = Field(max_length=3)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Endless, r"Endless\.text: declare the greatest length"),
        (EndlessList, r"EndlessList\.tags: declare the greatest length"),
        (EndlessItems, r"EndlessItems\.tags: declare the greatest length"),
        (Nested, r"Endless\.text: declare the greatest length"),
        (Bytes, r"Bytes\.content: words cannot print a bytes"),
    ],
)
def test_a_model_without_a_greatest_length_is_refused(model: type[BaseModel], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        of_model(model)


@pytest.mark.parametrize(
    ("first", "second", "wide"),
    [
        (Text(3), Text(5), Text(5)),
        (Number(), Text(5), Text(20)),
        (Flag(), Flag(), Flag()),
        (Many(Text(3), 9), Many(Text(5), 2), Many(Text(5), 9)),
        (Unknown(), REMARK, REMARK),
        (Unknown(), Unknown(), Unknown()),
        (
            Record("a", {"label": Text(3), "icon": Text(2)}),
            Record("b", {"label": Text(9), "at": Moment()}),
            Record("a", {"label": Text(9)}),
        ),
    ],
)
def test_two_shapes_are_joined_to_one_that_holds_both(first: Shape, second: Shape, wide: Shape) -> None:
    assert join(first, second) == wide
    assert join(second, first) in (wide, Record("b", wide.fields) if isinstance(wide, Record) else wide)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (Many(Text(3), 2), Text(3), "a list cannot stand for words"),
        (Text(3), REMARK, "words cannot stand for a choice"),
        (REMARK, Many(Text(3), 2), "a choice cannot stand for a list"),
    ],
)
def test_what_words_cannot_treat_alike_is_not_joined(first: Shape, second: Shape, message: str) -> None:
    assert message.startswith(str(kind_of(first)))
    with pytest.raises(ValueError, match=message):
        join(first, second)


CHOICE = Record("choice", {"value": Number(), "label": Text(5)})


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("12345", Text(5)),
        (None, Text(5)),
        ("🦉", Text(2)),
        (7, Number(1)),
        (True, Flag()),
        ({"value": 7, "label": "Глеб", "more": "than needed"}, CHOICE),
        ({"value": None, "label": "Глеб"}, CHOICE),
        ([], Many(CHOICE, 1)),
        ([{"value": 7, "label": "Глеб"}], Many(CHOICE, 1)),
        ({"anything": []}, Unknown()),
    ],
)
def test_a_value_of_its_shape_fits(value: object, shape: Shape) -> None:
    assert fits(value, shape)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("123456", Text(5)),
        ("🦉", Text(1)),
        (["1"], Text(5)),
        ({"label": "1"}, Text(50)),
        (12, Number(1)),
        ("Глеб", CHOICE),
        ({"value": 7, "label": "Глеб <Ж>"}, CHOICE),
        ([{"value": 7, "label": "Глеб"}] * 2, Many(CHOICE, 1)),
        ([7], Many(CHOICE, 1)),
        ({"value": 7, "label": "Глеб"}, Many(CHOICE, 1)),
        (7, Text(5)),
        ("да", Text(5, 3)),
        ("high", Text(5, 0, frozenset({"low"}))),
        ("7", Number()),
        (True, Number()),
        (1, Flag()),
        (7, Moment()),
    ],
)
def test_a_value_of_another_shape_or_too_long_does_not(value: object, shape: Shape) -> None:
    assert not fits(value, shape)
