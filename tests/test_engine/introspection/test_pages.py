"""What the engine writes about flows for people: drawings and reference pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.introspection.graph import mermaid
from engine.introspection.hooks_reference import hooks_reference
from engine.introspection.reference import reference
from engine.language.dialog import Branch, Button
from engine.reading.catalog import Catalog
from engine.reading.loader import load
from tests.test_engine.laptops import FOLDER, build_hooks

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_the_laptop_flows_are_drawn(transcripts: SnapshotAssertion) -> None:
    flows, problems = load(FOLDER)
    assert problems == []
    assert mermaid(Catalog.of(flows)) == transcripts


def test_the_hooks_of_laptops_are_written_up(transcripts: SnapshotAssertion) -> None:
    assert hooks_reference(build_hooks()) == transcripts


def test_the_reference_has_a_row_for_every_key_of_a_way_and_a_button() -> None:
    page = reference()
    for model in (Branch, Button):
        for name, field in model.model_fields.items():
            assert f"\n| `{field.alias or name}` |" in page, name
