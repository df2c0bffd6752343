"""The reference page is what the schema, the filters and the hooks say."""

import re
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.main import app
from bot.helpdesk.hooks.registry import build_hooks
from engine.introspection.json_schema import json_schema
from engine.introspection.reference import reference
from engine.templates.filters import SHAPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "flow-reference.md"


def _written() -> str:
    result = CliRunner().invoke(app, ["reference"])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_page_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == _written(), "run: zavhoz reference > docs/flow-reference.md"


def test_the_reference_names_every_key_of_the_json_schema() -> None:
    schema = json_schema()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", ())}
    named = set(re.findall(r"^\| `(\w+)` \|", reference(), re.MULTILINE))
    assert keys - named == set()


def test_the_reference_shows_every_filter_at_work() -> None:
    filters = reference().partition("## Filters")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", filters, re.MULTILINE)) == set(SHAPES)


def test_every_named_hook_is_in_the_reference() -> None:
    hooks, written = build_hooks(), _written().partition("## Hooks")[2]
    names = {*hooks.guards, *hooks.actions, *hooks.sources, *hooks.file_sources, *hooks.audiences}
    assert {name for name in names if f"| `{name}` |" not in written} == set()


def test_links_inside_the_reference_lead_to_sections() -> None:
    written = _written()
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", written, re.MULTILINE)}
    links = set(re.findall(r"\(#([\w-]+)\)", written))
    assert links
    assert links <= sections
