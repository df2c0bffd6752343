"""Whatever pydantic finds wrong with a value is said in our own words."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic_core import ErrorDetails, PydanticKnownError
from pydantic_core.core_schema import ErrorType

from bot.helpdesk.hooks.registry import build_hooks
from engine.i18n import message
from engine.language.file import FlowFile
from engine.problems import UnfitError
from engine.reading.misfits import misfit
from tests.test_engine import laptops

UNKNOWN = "does not serve here; look into the reference"
STRUCTURE: frozenset[str] = frozenset(
    [
        "model-field",
        "model-fields",
        "default",
        "nullable",
        "no-info",
        "function-before",
        "function-after",
        "definition-ref",
        "definitions",
        "union",
        "any",
    ]
)
"""Kinds of schemas that find nothing wrong by themselves."""
OF_A_KIND: dict[str, set[str]] = {
    "str": {"string_type"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "bool": {"bool_type", "bool_parsing"},
    "list": {"list_type"},
    "dict": {"dict_type"},
    "model": {"model_type", "missing"},
    "literal": {"literal_error"},
    "timedelta": set(),  # a function before it gives a timedelta, or says what is wrong
}
OF_A_BOUND = {
    "min_length": "string_too_short",
    "max_length": "string_too_long",
    "pattern": "string_pattern_mismatch",
    "ge": "greater_than_equal",
    "le": "less_than_equal",
    "gt": "greater_than",
    "lt": "less_than",
}
CONTEXTS: dict[str, dict[str, Any]] = {
    "greater_than": {"gt": 5},
    "greater_than_equal": {"ge": 5},
    "less_than": {"lt": 5},
    "less_than_equal": {"le": 5},
    "string_too_short": {"min_length": 3},
    "string_too_long": {"max_length": 3},
    "string_pattern_mismatch": {"pattern": "^a$"},
    "literal_error": {"expected": "'a', 'b' or 'c'"},
    "enum": {"expected": "'a' or 'b'"},
}


def detail_of(kind: str) -> ErrorDetails:
    """Return an error of a kind, as pydantic gives it, of the value 7 at `most`."""
    context = CONTEXTS.get(kind, {})
    try:
        text = PydanticKnownError(kind, context).message()  # type: ignore[arg-type] # a name of pydantic's own list
    except (KeyError, TypeError):
        text = f"the words of {kind}"
    return ErrorDetails(type=kind, loc=("limits", "most"), msg=text, input=7, ctx=context)


def said(detail: ErrorDetails) -> str:
    what, hint = misfit(detail)
    return f"{what}; {hint}" if hint else str(what)


def raised_by(schema: Any) -> set[str]:
    """Return the kinds of errors that a schema, or a part of it, can raise."""
    if isinstance(schema, list | tuple):
        return set().union(*map(raised_by, schema))
    if not isinstance(schema, dict):
        return set()
    own: set[str] = set()
    kind = schema.get("type")
    if isinstance(kind, str) and kind not in STRUCTURE:
        own = OF_A_KIND[kind] | {OF_A_BOUND[bound] for bound in OF_A_BOUND.keys() & schema.keys()}
    return own.union(*(raised_by(value) for key, value in schema.items() if key not in {"metadata", "serialization"}))


def schemas() -> list[Any]:
    """Return the schemas of the language, and of the constants of every hook there is."""
    found: list[Any] = [FlowFile.__pydantic_core_schema__]
    for hooks in (build_hooks(), laptops.build_hooks()):
        known = (hooks.guards, hooks.actions, hooks.sources, hooks.file_sources)
        found += [hook.parameters.__pydantic_core_schema__ for each in known for hook in each.values()]
    return found


@pytest.mark.parametrize("kind", sorted(raised_by(schemas())))
def test_each_mistake_that_flows_can_have_has_words_of_its_own(kind: str) -> None:
    assert UNKNOWN not in said(detail_of(kind))


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_no_word_of_pydantic_is_said(kind: str) -> None:
    detail = detail_of(kind)
    assert detail["msg"] not in said(detail)
    assert "nput should" not in said(detail)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", '"most" is missing here'),
        ("int_parsing", "expected a whole number, got 7"),
        ("float_parsing", "expected a number, got 7"),
        ("greater_than", "expected more than 5, got 7"),
        ("less_than", "expected less than 5, got 7"),
        ("string_too_short", "these words are shorter than 3 characters; say more"),
        ("literal_error", "7 does not serve here; expected 'a', 'b' or 'c'"),
        ("enum", "7 does not serve here; expected 'a' or 'b'"),
        ("uuid_parsing", f"7 {UNKNOWN}"),
    ],
)
def test_it_is_said_what_is_wrong_and_what_to_try(kind: str, words: str) -> None:
    assert said(detail_of(kind)) == words


def test_a_mistake_that_a_hook_words_itself_is_said_as_it_words_it() -> None:
    error = UnfitError(message("expected an even number, got {number}", number=7))
    assert said({**detail_of("value_error"), "ctx": {"error": error}}) == "expected an even number, got 7"
    assert said({**detail_of("value_error"), "ctx": {"error": ValueError("a library's words")}}) == f"7 {UNKNOWN}"


def test_only_one_value_that_serves_is_named_alone() -> None:
    assert said({**detail_of("literal_error"), "ctx": {"expected": "'a'"}}) == "7 does not serve here; expected 'a'"


def test_numbers_that_serve_are_named() -> None:
    known = {**detail_of("literal_error"), "ctx": {"expected": "1, 2 or 3"}}
    assert said(known) == "7 does not serve here; expected 1, 2 or 3"
