"""The JSON Schema takes what the bot takes, as far as a schema can tell."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from engine.introspection.json_schema import json_schema
from engine.language.file import FlowFile
from tests.conversation import SHIPPED
from tests.flow_editing import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.test_cli.conftest import Zavhoz

SCHEMA = Draft202012Validator(json_schema())
FLOWS = sorted(SHIPPED.glob("*.yaml"))
NO_NAME = "Не имя"
"""No key of the language, and no name either."""


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_the_shipped_flows_fit(path: Any) -> None:
    assert list(SCHEMA.iter_errors(yaml.safe_load(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("name", ["admin", "files", "main"])
def test_an_unknown_key_fits_nowhere(name: str) -> None:
    flow = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
    places = list(mappings(flow))
    assert len(places) > 5
    taken = []
    for place in places:
        changed = copy.deepcopy(flow)
        at(changed, place)[NO_NAME] = "nothing"
        assert not fits_language(changed), place
        if SCHEMA.is_valid(changed):
            taken.append(place)
    assert taken == []


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"start": "menu"}, True),
        ({"start": None}, True),
        ({"start": "no such name"}, False),
        ({"start": 1}, False),
        ({"steps": {"menu": {"text": "Да", "next": "help"}}}, True),
        ({"steps": {"menu": {"text": "Да", "next": {"go": "help"}}}}, True),
        ({"steps": {"menu": {"text": "Да", "next": ["help", {"go": "menu", "when": "crew"}]}}}, True),
        ({"steps": {"menu": {"text": "Да", "next": 5}}}, False),
        ({"steps": {"menu": {"text": "Да", "expect": {"photo": {"into": "a", "caption": "b"}}}}}, True),
        (
            {"steps": {"menu": {"text": "Да", "expect": {"photo": {"into": "a", "caption": {"into": "b", "max": 9}}}}}},
            True,
        ),
        ({"steps": {"menu": {"text": "Да", "expect": {"photo": {"into": "a", "caption": 5}}}}}, False),
        ({"steps": {"menu": {"text": ""}}}, False),
        ({"steps": {"menu": {}}}, False),
        ({"steps": {"menu": {"text": "Да", "source": {"my_requests": "active"}}}}, True),
        ({"steps": {"menu": {"text": "Да", "source": ["a", {"b": {"c": 1}}]}}}, True),
        ({"steps": {"menu": {"text": "Да", "source": {"a": 1, "b": 2}}}}, False),
        ({"steps": {"menu": {"text": "Да", "expect": {"text": {"into": "draft.a", "max": 5000}}}}}, False),
        ({"steps": {"menu": {"text": "Да", "buttons": [{"text": "A", "do": "act", "else": {"bad": "menu"}}]}}}, True),
        ({"anywhere": {"command": "start", "go": "menu"}}, True),
    ],
)
def test_the_schema_and_the_bot_agree(changes: dict[str, Any], fits: bool) -> None:
    flow = {"flow": "main", "version": 1, **changes}
    assert (SCHEMA.is_valid(flow), fits_language(flow)) == (fits, fits)


def fits_language(flow: dict[str, Any]) -> bool:
    try:
        FlowFile.model_validate(flow)
    except ValidationError:
        return False
    return True


def mappings(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Go through the places of all mappings."""
    if isinstance(value, dict):
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from mappings(inner, (*place, key))


def at(value: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


def test_the_command_writes_each_of_the_schemas(zavhoz: Zavhoz, folder: Path) -> None:
    Editor(folder / "flows")
    plain, named, tests = (
        json.loads(zavhoz("schema", *words).stdout) for words in ((), ("--flows", "flows"), ("--tests",))
    )
    assert plain == json_schema()
    assert named["$defs"]["main.Button"]["properties"]["go"]["enum"][:3] == ["help", "menu", "offered"]
    assert tests["title"] == "ScenarioFile"


def test_flows_with_mistakes_have_a_schema_all_the_same(zavhoz: Zavhoz, folder: Path) -> None:
    editor = Editor(folder / "flows")
    editor.replace("main.yaml", "❓ Помощь, go: help}", "❓ Помощь, go: hlep}")
    written = zavhoz("schema", "--flows", "flows")
    assert written.exit_code == 0
    assert not Draft202012Validator(json.loads(written.stdout)).is_valid(
        yaml.safe_load((editor.path / "main.yaml").read_text("utf-8"))
    )


def test_a_folder_that_cannot_be_read_is_said_so(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "flows").mkdir()
    refused = zavhoz("schema", "--flows", "flows", "--lang", "ru")
    assert refused.exit_code == 1
    assert refused.stderr == "flows:1:1: flows: в папке нет ни одного файла .yaml; укажите папку со сценариями\n"
