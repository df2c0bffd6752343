"""What flows may name: registered once, with functions that get all they ask for."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - the annotations are read
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, Field

from engine.hooks.declarations import Parameters
from engine.hooks.inputs import Inputs
from engine.hooks.paging import Page, PageQuery
from engine.hooks.registry import HAS, Hooks
from tests.test_engine.laptops import LaptopPort


class Named(BaseModel):
    """What words may print."""

    name: str = Field(max_length=60)


class Required(Inputs):
    """An input without a default."""

    text: str


class Either(Inputs):
    """One of two inputs."""

    one_of: ClassVar = ("text", "title")

    text: str = ""
    title: str = ""


class Weighed(Inputs):
    """An input of a kind that no variable has."""

    weight: float = 0.0


@pytest.fixture
def hooks() -> Hooks:
    return Hooks(Named, lambda person: Named(name=person.name))


def pages(query: PageQuery) -> Page:
    return Page([], str(query.limit))


def free(context: Any) -> bool:
    return bool(context)


REGISTRATIONS: dict[str, Callable[[Hooks], Any]] = {
    "guard": lambda hooks: hooks.guard("one")(free),
    "action": lambda hooks: hooks.action("one", "full")(free),
    "source": lambda hooks: hooks.source("one", Named)(free),
    "rows": lambda hooks: hooks.rows("one", Named)(pages),
    "files": lambda hooks: hooks.files("one")(free),
    "audience": lambda hooks: hooks.audience("one", free, free),
}


@pytest.mark.parametrize("kind", REGISTRATIONS)
def test_a_name_is_registered_once(hooks: Hooks, kind: str) -> None:
    REGISTRATIONS[kind](hooks)
    with pytest.raises(ValueError, match='"one" is registered twice'):
        REGISTRATIONS[kind](hooks)


def test_sources_of_values_and_of_rows_share_their_names(hooks: Hooks) -> None:
    REGISTRATIONS["source"](hooks)
    with pytest.raises(ValueError, match='"one" is registered twice'):
        REGISTRATIONS["rows"](hooks)


def test_the_guards_of_the_engine_are_taken(hooks: Hooks) -> None:
    with pytest.raises(ValueError, match=f'"{HAS}" is registered twice'):
        hooks.guard(HAS)(free)


def test_a_kind_of_subject_is_registered_once(hooks: Hooks) -> None:
    hooks.subject(LaptopPort())
    with pytest.raises(ValueError, match='"laptop" is registered twice'):
        hooks.subject(LaptopPort())


def test_registering_gives_the_function_back_and_keeps_what_it_declares(hooks: Hooks) -> None:
    assert hooks.action("lend", "full", about="laptop", gives="loan")(free) is free
    lend = hooks.actions["lend"]
    assert (lend.name, lend.about, lend.gives, lend.outcomes) == ("lend", "laptop", "loan", {"full"})
    assert hooks.rows("shelf", Named)(pages) is pages
    assert hooks.sources["shelf"].rows
    assert set(hooks.sources["shelf"].shape.fields) == {"name"}


def of_a_subject(context: Any, subject: Any) -> Any:
    return context, subject


ASKING = {
    "guard": lambda hooks, call, **about: hooks.guard("one", **about)(call),
    "action": lambda hooks, call, **about: hooks.action("one", **about)(call),
    "source": lambda hooks, call, **about: hooks.source("one", Named, **about)(call),
    "files": lambda hooks, call, **about: hooks.files("one", **about)(call),
    "role": lambda hooks, call, **about: hooks.audience("one", call, **about),
    "audience": lambda hooks, call, **about: hooks.audience("one", free, call, **about),
}


@pytest.mark.parametrize("kind", ASKING)
def test_a_hook_that_asks_for_a_subject_says_of_which_kind(hooks: Hooks, kind: str) -> None:
    with pytest.raises(TypeError, match='"one" asks for a subject: say of which kind it is "about"'):
        ASKING[kind](hooks, of_a_subject)
    ASKING[kind](hooks, of_a_subject, about="laptop")


@pytest.mark.parametrize("kind", ASKING)
def test_only_sources_of_rows_are_asked_for_a_page(hooks: Hooks, kind: str) -> None:
    with pytest.raises(TypeError, match='"one": a source of rows asks for the query of a page'):
        ASKING[kind](hooks, pages)


def test_sources_of_rows_are_asked_for_nothing_but_a_page(hooks: Hooks) -> None:
    with pytest.raises(TypeError, match='"one": a source of rows asks for the query of a page'):
        hooks.rows("one", Named)(free)


def required(words: Required) -> Any:
    return words


def either(words: Either) -> Any:
    return words


def weighed(words: Weighed) -> Any:
    return words


def a_slip(context: Any, subjet: Any) -> Any:
    return context, subjet


@pytest.mark.parametrize("call", [required, either])
@pytest.mark.parametrize("kind", ["source", "files"])
def test_what_is_drawn_can_do_without_its_inputs(hooks: Hooks, kind: str, call: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match='the inputs of the source "one" need defaults'):
        ASKING[kind](hooks, call)


@pytest.mark.parametrize(("call", "words"), [(a_slip, '"context" and "subjet" are both'), (weighed, '"weight"')])
@pytest.mark.parametrize("kind", ["guard", "action", "source", "files"])
def test_a_refusal_names_the_hook(hooks: Hooks, kind: str, call: Callable[..., Any], words: str) -> None:
    with pytest.raises(TypeError, match=f'^"one": .*{words}'):
        ASKING[kind](hooks, call)


class Constant(Parameters):
    """A constant."""

    most: int = 1


def bounded(constant: Constant) -> Any:
    return constant


@pytest.mark.parametrize("call", [either, bounded])
@pytest.mark.parametrize("kind", ["role", "audience"])
def test_a_role_takes_neither_inputs_nor_constants(hooks: Hooks, kind: str, call: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match='"one": a role takes neither inputs nor constants'):
        ASKING[kind](hooks, call)


def test_an_audience_without_members_cannot_be_told(hooks: Hooks) -> None:
    hooks.audience("stranger", free)
    assert hooks.audiences["stranger"].members is None
    assert hooks.audiences["stranger"].includes("кто угодно")


def context(**variables: Any) -> Any:
    """Return as much of a context as the guards of the engine look at."""
    return SimpleNamespace(get=variables.get, opened=variables.get("opened", True))


@pytest.mark.parametrize(("value", "holds"), [("да", True), ("", False), (None, False), ([], False), ([1], True)])
def test_a_variable_has_a_value_unless_it_is_empty(hooks: Hooks, value: Any, holds: bool) -> None:
    assert hooks.guards["has"].bind("words")(context(words=value)) is holds


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        ({"sort": "broken"}, True),
        ({"sort": ["free", "broken"]}, True),
        ({"sort": "free"}, False),
        ({"sort": "broken", "words": "да"}, True),
        ({"sort": "broken", "words": "нет"}, False),
        ({"missing": "да"}, False),
        ({}, True),
    ],
)
def test_variables_are_compared_with_their_values_and_of_a_row_its_value(
    hooks: Hooks, arguments: dict[str, Any], holds: bool
) -> None:
    given = context(sort={"value": "broken", "label": "сломанные"}, words="да")
    assert hooks.guards["is"].bind(arguments)(given) is holds


@pytest.mark.parametrize("opened", [True, False])
def test_a_step_is_opened_or_drawn_beside_the_dialog(hooks: Hooks, opened: bool) -> None:
    assert hooks.guards["opened"].bind(None)(context(opened=opened)) is opened
