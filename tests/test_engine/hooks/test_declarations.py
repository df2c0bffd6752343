"""What a function declares by its arguments, and what it is called with."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - the annotations are read
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from engine.hooks.declarations import (
    Action,
    Guard,
    Hook,
    NoInputs,
    NoParameters,
    Parameters,
    answer_of,
    default_variable_of,
    wanted_by,
)
from engine.hooks.inputs import INCOMPLETE, IncompleteInputsError, Inputs
from engine.hooks.paging import PageQuery


class Words(Inputs):
    """A required input and one with a default."""

    text: str
    title: str = "без названия"


class Either(Inputs):
    """One of two inputs."""

    one_of: ClassVar = ("text", "title")

    text: str = ""
    title: str = ""


class Limits(Parameters):
    """A constant without a default, and one with."""

    most: int
    least: int = 0


class Clash(Parameters):
    """A constant that is called as an input is."""

    text: str = ""


def everything(context: Any, subject: Any, before: Any, words: Words, limits: Limits, query: PageQuery) -> Any:
    """Ask for all there is."""
    return context, subject, before, words, limits, query


def context(subject: Any = None, before: Any = None, **variables: Any) -> SimpleNamespace:
    """Return as much of a context as hooks are called with."""
    return SimpleNamespace(subject=subject, before=before, get=variables.get)


def test_a_function_says_by_annotations_and_names_what_it_is_called_with() -> None:
    places = ("context", "subject", "before", "inputs", "parameters", "query")
    assert wanted_by(everything) == (places, Words, Limits)


def test_a_function_that_asks_for_nothing_declares_nothing() -> None:
    assert wanted_by(lambda: True) == ((), NoInputs, NoParameters)
    assert Guard("always", lambda: True, ()).bind(None)(context()) is True


def test_a_page_is_known_by_its_name_too_and_any_other_argument_is_the_context() -> None:
    assert wanted_by(lambda _context, query: (_context, query))[0] == ("context", "query")
    assert wanted_by(lambda anything: anything)[0] == ("context",)


def a_default(_context: Any, limit: int = 5) -> int:
    return limit


def by_name(_context: Any, *, subject: Any) -> Any:
    return subject


def any_number(*everything: Any) -> Any:
    return everything


def any_names(**everything: Any) -> Any:
    return everything


def a_slip(context: Any, subjet: Any) -> Any:
    return context, subjet


def two_models(words: Words, either: Either) -> Any:
    return words, either


def two_pages(query: Any, page: PageQuery) -> Any:
    return query, page


def one_name_twice(words: Words, clash: Clash) -> Any:
    return words, clash


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (a_default, '"limit" is never passed: arguments are positional, and have no default'),
        (by_name, '"subject" is never passed'),
        (any_number, '"everything" is never passed'),
        (any_names, '"everything" is never passed'),
        (a_slip, '"context" and "subjet" are both the context'),
        (two_models, '"words" and "either" are both the inputs'),
        (two_pages, '"query" and "page" are both the query'),
        (one_name_twice, '"text" is both an input and a constant'),
    ],
)
def test_a_function_with_an_argument_that_nothing_supplies_is_refused(call: Callable[..., Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        wanted_by(call)


def test_a_hook_gets_each_argument_in_its_place() -> None:
    bound = Hook("all", everything, *wanted_by(everything)).bind({"most": 3, "title": "draft.name"})
    given = context("заявка", "прежняя", **{"text": "течёт", "draft.name": "кран"})
    page = PageQuery(limit=1)
    words, limits = Words(text="течёт", title="кран"), Limits(most=3)
    assert bound(given, page) == (given, "заявка", "прежняя", words, limits, page)


def test_a_variable_is_named_by_the_flow_or_else_after_the_input() -> None:
    hook = Hook("all", everything, *wanted_by(everything))
    assert hook.variables({"text": "remark", "most": 1}, str) == {"text": "remark", "title": "title"}
    assert hook.variables(5, answer_of) == {"text": "answer.text", "title": "answer.title"}
    made, changed = Action("make", everything, (), gives="request"), Action("change", everything, ())
    assert (default_variable_of(made)("text"), default_variable_of(changed)("text")) == ("draft.text", "text")


def test_constants_come_by_name_or_alone_beside_the_names_of_inputs() -> None:
    hook = Hook("all", everything, *wanted_by(everything))
    assert hook.constants(5) == Limits(most=5)
    assert hook.constants({"most": 5, "least": 1, "text": "remark"}) == Limits(most=5, least=1)
    assert Hook("bare", lambda: True, ()).constants(None) == NoParameters()


@pytest.mark.parametrize("arguments", [None, {}, "пять", {"most": 5, "leest": 1}, {"least": 1}])
def test_wrong_constants_are_refused_before_anybody_talks(arguments: Any) -> None:
    with pytest.raises(ValidationError):
        Hook("all", everything, *wanted_by(everything)).bind(arguments)


@pytest.mark.parametrize("arguments", [5, {"most": 5}])
def test_a_hook_without_constants_takes_none(arguments: Any) -> None:
    with pytest.raises(ValidationError):
        Hook("bare", lambda: True, ()).constants(arguments)


def about(subject: Any) -> Any:
    return subject


def saying(words: Words) -> str:
    return words.text


@pytest.mark.parametrize("call", [about, saying])
def test_without_what_it_needs_an_action_is_incomplete_a_guard_closed_and_a_source_stopped(
    call: Callable[..., Any],
) -> None:
    declared = wanted_by(call)
    assert Action("act", call, *declared).bind(None)(context()) == INCOMPLETE
    assert Guard("may", call, *declared).bind(None)(context()) is False
    with pytest.raises(IncompleteInputsError):
        Hook("show", call, *declared).bind(None)(context())


@pytest.mark.parametrize("call", [about, saying])
def test_with_it_an_action_returns_its_outcome_and_a_guard_whether_it_holds(call: Callable[..., Any]) -> None:
    declared, given = wanted_by(call), context("full", text="full")
    assert Action("act", call, *declared).bind(None)(given) == "full"
    assert Guard("may", call, *declared).bind(None)(given) is True


def test_an_error_of_the_hook_itself_is_not_taken_for_a_missing_input() -> None:
    def fails(context: Any) -> None:
        raise KeyError(context)

    with pytest.raises(KeyError):
        Action("act", fails, *wanted_by(fails)).bind(None)(context())


@pytest.mark.parametrize(("inputs", "demanding"), [(Words, True), (Either, True), (NoInputs, False)])
def test_an_action_is_demanding_where_an_input_may_be_missing(inputs: type[Inputs], demanding: bool) -> None:
    assert Action("act", about, (), inputs).is_demanding is demanding
