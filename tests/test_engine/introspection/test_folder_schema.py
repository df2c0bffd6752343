"""The schema of a folder knows its names: a validator in an editor finds what is misspelt, and alarms about nothing."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import read_what_fits
from engine.introspection.json_schema import folder_schema, scenario_schema
from engine.reading.yaml_reader import read
from storage.models.constants import Role
from tests.conversation import SHIPPED
from tests.flow_editing import Editor
from tests.test_engine import laptops
from tests.test_engine.check import (
    test_planted_lost,
    test_planted_names,
    test_planted_never,
    test_planted_no_way_out,
    test_planted_once,
    test_planted_words,
    test_valid_edits,
)
from tests.test_engine.check.planting import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

HOOKS = build_hooks()
LAPTOPS = Path(laptops.__file__).with_suffix("")
PLANTED = [
    mistake
    for module in (
        test_planted_lost,
        test_planted_names,
        test_planted_never,
        test_planted_no_way_out,
        test_planted_once,
        test_planted_words,
    )
    for table in vars(module).values()
    if isinstance(table, list)
    for mistake in table
    if isinstance(mistake, Mistake)
]
NAMING = frozenset(
    {"go", "edit", "call", "give", "do", "when", "by", "to", "tell", "status", "rows", "source", "reply_to", "about"}
    | {"may_see", "start", "card", "initial", "from", "set", "ask", "move", "else", "forget", "has", "is"}
    | {"subject", "any", "phrases", "needs"}
)
"""Keys whose values, and the keys in them, are names that stand for something elsewhere."""
FREE = frozenset({"text", "say", "label", "caption", "late", "unexpected", "empty", "icon"}) | {
    "name",
    "stage",
    "in",
    "repeat",
    "into",
    "with",
}
"""Keys whose values are words, or names that are given there."""


@cache
def schema_of(folder: Path) -> Draft202012Validator:
    """Return the validator of an editor that was given the schema of a folder."""
    return Draft202012Validator(folder_schema(read_what_fits(folder), HOOKS))


def data(path: Path) -> Any:
    """Return what an editor reads in a file."""
    return read(path.name, path.read_text("utf-8")).data


def leaf(error: Any) -> str:
    """Return where a validator finds an error at its deepest, and what it says."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def alarms(validator: Draft202012Validator, folder: Path) -> list[str]:
    """Return what a validator says of the files of a folder."""
    return [leaf(error) for path in sorted(folder.glob("*.yaml")) for error in validator.iter_errors(data(path))]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema_of(SHIPPED).schema)
    Draft202012Validator.check_schema(scenario_schema([*Role]))


def test_the_shipped_flows_fit() -> None:
    assert alarms(schema_of(SHIPPED), SHIPPED) == []


def test_flows_of_something_else_fit_the_schema_with_their_hooks() -> None:
    validator = Draft202012Validator(folder_schema(read_what_fits(LAPTOPS), laptops.build_hooks()))
    assert alarms(validator, LAPTOPS) == []


@pytest.mark.parametrize("edit", test_valid_edits.EDITS, ids=str)
def test_edits_that_are_in_order_raise_no_alarm(edit: Mistake, tmp_path: Path) -> None:
    editor = Editor(tmp_path / "flows")
    editor.replace(edit.file, edit.before, edit.after)
    if alarms(schema_of(SHIPPED), editor.path):
        # With a new name in it, the schema is made anew.
        assert alarms(Draft202012Validator(folder_schema(read_what_fits(editor.path), HOOKS)), editor.path) == []


def test_a_flow_that_is_not_in_the_folder_yet_is_held_against_the_language_alone() -> None:
    fresh = {"flow": "passes", "steps": {"ask": {"text": "{{ who }}", "buttons": [{"text": "Да", "go": "somewhere"}]}}}
    assert schema_of(SHIPPED).is_valid(fresh)
    assert not schema_of(SHIPPED).is_valid(fresh | {"stepz": {}})


def named(value: Any, place: tuple[str | int, ...] = (), *, naming: bool = False) -> Iterator[tuple[str | int, ...]]:
    """Go through the places of the names that stand for something elsewhere."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from named(inner, (*place, key), naming=(naming or key in NAMING) and key not in FREE)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from named(inner, (*place, index), naming=naming)
    elif naming and isinstance(value, str) and not {"phrases", "needs", "lists"} & {*place}:
        yield place


def misspelt(whole: Any, place: tuple[str | int, ...]) -> Any:
    """Return a file with the name at a place misspelt."""
    changed = copy.deepcopy(whole)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = f"{inner[place[-1]]}x"
    return changed


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_misspelt_name_is_found(path: Path) -> None:
    whole, validator = data(path), schema_of(SHIPPED)
    places = list(named(whole))
    # What hooks are given as constants may be of any kind: `{within: 7d}`; a span with a letter more is none.
    assert len(places) >= {"admin": 10, "files": 3, "main": 15, "request": 150}[path.stem]
    assert [place for place in places if validator.is_valid(misspelt(whole, place))] == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("request.yaml", "{add_comment: {text: remark}}", "{add_comment: {texd: remark}}"),
        ("request.yaml", "{add_comment: {text: remark}}", "{add_comment: {text: remarq}}"),
        ("request.yaml", "{my_requests: active}", "{my_requests: activ}"),
        ("request.yaml", "{within: 7d}", "{within: soon}"),
        ("request.yaml", "{within: 7d}", "within"),
        ("request.yaml", "else: {too_many: wait,", "else: {too_mani: wait,"),
        ("request.yaml", "priority: high}, tell", "priority: hihg}, tell"),
        ("request.yaml", "| icon('priority') }} {{ request.priority", "| ikon('priority') }} {{ request.priority"),
        ("request.yaml", "{{ request.details }}", "{{ request.detials }}"),
        ("request.yaml", "{% if request.assignee %}\n      🔧", "{% iff request.assignee %}\n      🔧"),
        ("main.yaml", "«{{ words | short(300) }}»", "«{{ wordz | short(300) }}»"),
        ("main.yaml", "«{{ words | short(300) }}»", "«{{ words | short(300) }»"),
        ("main.yaml", "{text: ❓ Помощь, go: help}", "{text: <b>Помощь</b>, go: help}"),
        ("main.yaml", "{text: ❓ Помощь, go: help}", "{text: ❓ Помощь, go: help, back: true}"),
        ("main.yaml", "{text: ❓ Помощь, go: help}", "{text: ❓ Помощь, into: words}"),
        ("main.yaml", "{command: help, label", "{label"),
        ("admin.yaml", "when: insider}\n", "when: [insider, not insider]}\n"),
        ("admin.yaml", "when: insider}\n", "when: []}\n"),
    ],
)
def test_what_else_is_wrong_is_found(file: str, before: str, after: str) -> None:
    text = (SHIPPED / file).read_text("utf-8")
    assert before in text
    changed = read(file, text.replace(before, after, 1)).data
    assert isinstance(changed, dict)
    assert not schema_of(SHIPPED).is_valid(changed)


@pytest.mark.no_cover
def test_more_than_half_of_what_the_check_finds_is_found_by_an_editor() -> None:
    shipped = {path.name: path.read_text("utf-8") for path in SHIPPED.glob("*.yaml")}
    edited = [read(each.file, shipped[each.file].replace(each.before, each.after)).data for each in PLANTED]
    found = [not schema_of(SHIPPED).is_valid(flow) for flow in edited if flow is not None]
    assert len(found) > 200
    assert sum(found) / len(found) > 0.55


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"talk": ["restart", {"Анна": ["Взять"], "sees": "Да"}, {"wait": "1d"}, {"telegram": 429}]}, True),
        ({"talk": [{"Анна": {"photo": "a.jpg", "caption": "Течёт"}}, {"sees": {"Анна": ["Да", 5]}}]}, True),
        ({"talk": [{"Анна": {"foto": "a.jpg"}}]}, False),
        ({"talk": [{"wait": "soon"}]}, False),
        ({"people": {"Анна": "teacher"}}, False),
        ({"at": "завтра"}, False),
        ({"talk": []}, False),
    ],
)
def test_a_scenario_has_a_schema_too(change: dict[str, Any], fits: bool) -> None:
    scenario = {"scenario": "Проба", "people": {"Анна": "staff"}, "talk": [{"Анна": "/start"}], **change}
    assert Draft202012Validator(scenario_schema([*Role])).is_valid(scenario) == fits


def test_the_shipped_scenarios_fit() -> None:
    validator = Draft202012Validator(scenario_schema([*Role]))
    assert alarms(validator, SHIPPED / "tests") == []
