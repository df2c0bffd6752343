"""What a hook takes of variables: which shapes fit an input, and which values it gets."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from engine.events import KeptFile
from engine.hooks.inputs import (
    Choice,
    IncompleteInputsError,
    Inputs,
    check_declared,
    field_value,
    input_of,
    inputs_of,
    read,
    takes_nothing,
)
from engine.templates.shapes import Flag, IdOf, Many, Moment, Number, Record, Shape, Text, Unknown

PersonId = Annotated[int, IdOf("person")]
FILE = Record("file", {"kind": Text(10)})
KEPT = {"kind": "photo", "ref": "AgAC", "unique": "AQAD", "size": 3, "caption": ""}


class Colour(StrEnum):
    """A closed list as an enumeration."""

    RED = "red"
    BLUE = "blue"


class Row(Choice[PersonId | None]):
    """A row, or words of 2 to 5 characters in its place."""

    typed: ClassVar = (2, 5)


class Everything(Inputs):
    """One field of every kind."""

    text: str = Field(default="", min_length=2, max_length=5)
    nickname: Annotated[str, Field(max_length=5)] | None = None
    colour: Colour = Colour.RED
    shelf: Literal["free", "every"] = "every"
    person: PersonId | None = None
    number: int = 0
    since: datetime | None = None
    row: Row | None = None
    chosen: Choice[PersonId] | None = None
    rows: list[Choice[PersonId]] = Field(default=[])
    people: list[PersonId] = Field(default=[])
    files: list[KeptFile] = Field(default=[])


def choice(value: Shape, typed: Text | None = None) -> Record:
    """Return the shape of a row that was chosen."""
    return Record("choice", {"value": value, "label": Text(60)}, typed)


PERSON = choice(Number(of="person"))
WORDS_OR_ROW = "a chosen row: a person or words of 2 to 5 characters"

FITTING: list[tuple[str, Shape]] = [
    ("text", Text(5, 2)),
    ("text", Text(3, 3)),
    ("text", choice(Text(5, 2))),
    ("nickname", Text(5)),
    ("colour", Text(4, 3, frozenset({"red", "blue"}))),
    ("colour", choice(Text(3, 3, frozenset({"red"})))),
    ("shelf", Text(4, 4, frozenset({"free"}))),
    ("person", Number(of="person")),
    ("person", PERSON),
    ("number", Number()),
    ("since", Moment()),
    ("row", PERSON),
    ("row", choice(Number(of="person"), Text(5, 2))),
    ("chosen", PERSON),
    ("rows", Many(PERSON, 50)),
    ("people", Many(PERSON, 50)),
    ("people", Many(Number(of="person"), 50)),
    ("files", Many(FILE, 10)),
    *((name, Unknown()) for name in Everything.model_fields),
    ("text", choice(Unknown())),
    ("people", Many(Unknown(), 3)),
]

MISFITTING: list[tuple[str, Shape, str]] = [
    ("text", Text(6, 2), "words of 2 to 5 characters"),
    ("text", Text(5, 1), "words of 2 to 5 characters"),
    ("text", Number(), "words of 2 to 5 characters"),
    ("text", choice(Text(6, 2)), "words of 2 to 5 characters"),
    ("text", choice(Text(5, 2), Text(5, 2)), "words of 2 to 5 characters"),
    ("text", Many(Text(5, 2), 3), "words of 2 to 5 characters"),
    ("nickname", Text(6), "words of at most 5 characters"),
    ("colour", Text(4), "one of blue, red"),
    ("colour", Text(5, 3, frozenset({"red", "green"})), "one of blue, red"),
    ("colour", Number(), "one of blue, red"),
    ("shelf", choice(Text(6, 6, frozenset({"broken"}))), "one of every, free"),
    ("person", Number(), "a person"),
    ("person", Number(of="place"), "a person"),
    ("person", Text(5), "a person"),
    ("person", choice(Number(of="person"), Text(5, 2)), "a person"),
    ("number", Number(of="person"), "a number"),
    ("number", Flag(), "a number"),
    ("since", Text(32), "a moment"),
    ("row", choice(Number(of="place")), WORDS_OR_ROW),
    ("row", choice(Number(of="person"), Text(6, 2)), WORDS_OR_ROW),
    ("row", choice(Number(of="person"), Text(5, 1)), WORDS_OR_ROW),
    ("row", Number(of="person"), WORDS_OR_ROW),
    ("row", Text(5, 2), WORDS_OR_ROW),
    ("chosen", choice(Number(of="person"), Text(5, 2)), "a chosen row: a person"),
    ("chosen", Record("row", {"value": Number(of="person")}), "a chosen row: a person"),
    ("rows", PERSON, "several of a choice: a chosen row: a person"),
    ("rows", Many(Number(of="person"), 50), "several of a choice: a chosen row: a person"),
    ("people", Many(Text(5), 50), "several of a choice: a person"),
    ("files", FILE, "files"),
    ("files", Many(PERSON, 10), "files"),
]


@pytest.mark.parametrize(("name", "shape"), FITTING)
def test_a_shape_fits_an_input_that_takes_all_its_values(name: str, shape: Shape) -> None:
    assert inputs_of(Everything)[name].misfit(shape) is None


@pytest.mark.parametrize(("name", "shape", "wanted"), MISFITTING)
def test_a_shape_with_a_value_too_many_does_not_fit_and_it_is_said_what_does(
    name: str, shape: Shape, wanted: str
) -> None:
    assert str(inputs_of(Everything)[name].misfit(shape)) == wanted


def test_the_rows_of_a_list_that_an_input_does_not_take_are_known() -> None:
    colour, text = inputs_of(Everything)["colour"], inputs_of(Everything)["text"]
    green = choice(Text(5, 3, frozenset({"red", "green"})))
    assert colour.values_too_many(green) == {"green"}
    assert colour.values_too_many(choice(Text(5))) == frozenset()
    assert colour.values_too_many(Number()) == frozenset()
    assert text.values_too_many(green) == frozenset()


def test_only_words_are_of_the_kind_of_words_and_only_known_ones_of_a_closed_list() -> None:
    colour, text, person = (inputs_of(Everything)[name] for name in ("colour", "text", "person"))
    assert text.is_of_kind(Text(4000))
    assert text.is_of_kind(choice(Text(4000)))
    assert not text.is_of_kind(Number())
    assert colour.is_of_kind(Text(5, 5, frozenset({"green"})))
    assert not colour.is_of_kind(Text(5))
    assert not person.is_of_kind(Text(5))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"text": "аб"}, {"text": "аб"}),
        ({"text": "абвгд"}, {"text": "абвгд"}),
        ({"text": {"value": "аб", "label": "А и Б"}}, {"text": "аб"}),
        ({"colour": {"value": "blue", "label": "синий"}}, {"colour": Colour.BLUE}),
        ({"person": {"value": 7, "label": "Анна"}}, {"person": 7}),
        ({"row": {"value": None, "label": "аб"}}, {"row": Row(value=None, label="аб")}),
        (
            {"row": {"value": 7, "label": "Очень длинное название"}},
            {"row": Row(value=7, label="Очень длинное название")},
        ),
        ({"rows": [{"value": 7, "label": "Анна"}]}, {"rows": [Choice[PersonId](value=7, label="Анна")]}),
        ({"people": [{"value": 7, "label": "Анна"}, {"value": 8, "label": "Борис"}]}, {"people": [7, 8]}),
        *(({name: empty}, {}) for name in ("text", "row", "files", "person") for empty in (None, "", [], {})),
        ({"number": 0}, {"number": 0}),
        ({"person": {"value": None, "label": "Анна"}}, {}),
    ],
)
def test_a_hook_gets_typed_values_and_defaults_for_what_is_empty(
    given: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert read(Everything, given) == Everything.model_construct(**expected)


@pytest.mark.parametrize(
    "given",
    [
        {"text": "а"},
        {"text": "абвгде"},
        {"nickname": "абвгде"},
        {"colour": "green"},
        {"shelf": "broken"},
        {"person": "Анна"},
        {"row": {"value": None, "label": "а"}},
        {"row": {"value": None, "label": "абвгде"}},
        {"row": 7},
        {"chosen": {"value": None, "label": "Анна"}},
        {"files": [{"kind": "photo"}]},
    ],
)
def test_a_value_that_an_input_cannot_take_counts_as_missing_it(given: dict[str, Any]) -> None:
    name = next(iter(given))
    with pytest.raises(IncompleteInputsError) as missing:
        read(Everything, given)
    assert missing.value.names == {name}


class Draft(Inputs):
    """Two required inputs."""

    model: str
    owner: PersonId


class Remark(Inputs):
    """One of two inputs, or both."""

    one_of: ClassVar = ("text", "files")

    text: str = ""
    files: list[KeptFile] = Field(default=[])


def test_all_missing_inputs_are_named() -> None:
    with pytest.raises(IncompleteInputsError, match=r"^model, owner$") as missing:
        read(Draft, {"model": "", "owner": None})
    assert missing.value.names == {"model", "owner"}


def test_of_several_inputs_one_is_enough_and_none_too_few() -> None:
    assert read(Remark, {"text": "Да", "files": []}) == Remark(text="Да")
    assert len(read(Remark, {"text": None, "files": [KEPT]}).model_dump()["files"]) == 1
    with pytest.raises(IncompleteInputsError, match="files, text"):
        read(Remark, {"text": "", "files": []})


class Fields(BaseModel):
    """What a status transition may set."""

    assignee: PersonId | None
    until: Row | None
    reason: str = Field(max_length=9)


def test_a_field_is_set_to_the_value_of_a_row_or_to_the_row_where_it_takes_one() -> None:
    assert field_value(Fields, "assignee", {"value": 7, "label": "Анна"}) == 7
    assert field_value(Fields, "assignee", None) is None
    assert field_value(Fields, "until", {"value": None, "label": "аб"}) == Row(value=None, label="аб")
    assert field_value(Fields, "until", None) is None
    assert field_value(Fields, "reason", "шум") == "шум"
    assert takes_nothing(Fields.model_fields["until"])
    assert not takes_nothing(Fields.model_fields["reason"])


def declaring(annotation: Any, **config: Any) -> type[Inputs]:
    """Return a model with one input."""
    return type("Declared", (Inputs,), {"__annotations__": {"it": annotation}, "it": Field(default=None, **config)})


@pytest.mark.parametrize(
    "annotation",
    [
        bool,
        float,
        dict[str, str],
        list,
        KeptFile,
        Annotated[int, Field(ge=1)],
        Annotated[str, Field(pattern="а+")],
        Annotated[str, IdOf("person")],
        list[bool],
        Annotated[list[KeptFile], Field(max_length=3)],
        Choice[float],
        list[Choice[Annotated[int, Field(ge=1)]]],
    ],
)
def test_an_input_that_the_check_could_not_compare_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeError, match='no variable can be compared with the input "it"'):
        check_declared(declaring(annotation))


def test_an_input_of_two_kinds_is_refused() -> None:
    with pytest.raises(TypeError, match=r"int \| str is of several kinds, and a variable of one"):
        check_declared(declaring(int | str))


@pytest.mark.parametrize("names", [("model",), ("txt",)])
def test_one_of_several_inputs_that_is_required_or_unknown_is_refused(names: tuple[str, ...]) -> None:
    model = type("Declared", (Draft,), {"one_of": names, "__annotations__": {"one_of": ClassVar[tuple[str, ...]]}})
    with pytest.raises(TypeError, match=f'"{names[0]}" is one of several inputs: declare it, with a default'):
        check_declared(model)


@pytest.mark.parametrize("model", [Everything, Draft, Remark])
def test_every_kind_of_input_that_hooks_use_may_be_declared(model: type[Inputs]) -> None:
    check_declared(model)


# What the check promises: where it has nothing to say of a shape, no value of that shape comes to nothing.

bound = st.integers(1, 8)
people = st.just(Number(of="person")) | st.just(Number(of="place")) | st.just(Number())
closed = st.frozensets(st.sampled_from(["red", "blue", "free", "every", "green"]), min_size=1)
texts = st.builds(lambda least, more: Text(least + more, least), bound, bound)
listed = closed.map(lambda values: Text(max(map(len, values)), min(map(len, values)), values))
single = texts | listed | people
chosen = st.builds(choice, single, st.none() | texts)
shapes = single | chosen | st.builds(Many, single | chosen, st.just(3))


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Return what a conversation may keep in a variable of a shape."""
    if isinstance(shape, Text):
        if shape.values is not None:
            return st.sampled_from(sorted(shape.values))
        return st.text(st.characters(codec="utf-8", categories=["L"]), min_size=shape.min, max_size=shape.max)
    if isinstance(shape, Number):
        return st.integers(1, 2**40)
    if isinstance(shape, Many):
        return st.lists(values(shape.item), min_size=1, max_size=shape.max)
    assert isinstance(shape, Record)
    row = st.fixed_dictionaries({"value": values(shape.fields["value"]), "label": st.text(max_size=60)})
    if shape.typed is None:
        return row
    return row | st.fixed_dictionaries({"value": st.none(), "label": values(shape.typed)})


@given(st.data(), st.sampled_from(sorted(Everything.model_fields.keys() - {"files", "since"})), shapes)
def test_what_fits_an_input_is_always_taken(data: st.DataObject, name: str, shape: Shape) -> None:
    if inputs_of(Everything)[name].misfit(shape) is None:
        value = data.draw(values(shape))
        taken = getattr(read(Everything, {name: value}), name)
        assert taken is not None


@given(bound, bound, bound, bound)
def test_words_fit_exactly_where_their_shortest_and_their_longest_are_taken(
    least: int, more: int, shortest: int, longer: int
) -> None:
    model = declaring(str, min_length=least, max_length=least + more)
    longest = shortest + longer

    def takes(value: str) -> bool:
        try:
            read(model, {"it": value})
        except IncompleteInputsError:
            return False
        return True

    fits = input_of("it", model.model_fields["it"]).misfit(Text(longest, shortest)) is None
    assert fits == (takes("я" * shortest) and takes("я" * longest))
