"""Drawings of flows, as Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine.introspection.graph import mermaid
from engine.reading.catalog import Catalog
from engine.reading.loader import load
from tests.conversation import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
flow: {flow}
version: 1
subject: thing
card: card
notices:
  card: {{to: everybody, text: Look, buttons: [{{text: Open, go: card}}]}}
anywhere:
  - {{command: card, go: card}}
status:
  initial: new
  states:
    new: {{label: new, stage: waiting}}
    old: {{label: old, stage: done}}
  transitions:
    - {{name: age, label: Age, from: new, to: old, by: somebody, ask: {{why: b_c.d}}}}
steps:
  card:
    about: thing
    text: A card
    buttons:
      - {{status: all}}
      - {{text: Call, call: other.step, into: answer}}
      - {{text: Act, do: act, go: card, else: {{failed: b}}}}
  b:
    text: Back
    next: [{{go: card, when: early}}, card]
"""


@pytest.fixture
def drawing(tmp_path: Path) -> list[str]:
    (tmp_path / "a.yaml").write_text(FLOW.format(flow="a"), "utf-8")
    flows, problems = load(tmp_path)
    assert problems == []
    return mermaid(Catalog.of(flows)).splitlines()


def test_each_kind_of_way_has_its_arrow(drawing: list[str]) -> None:
    assert '    a__card -. call .-> other__step(["other.step"])' in drawing
    assert '    a__card -->|"act"| a__card' in drawing
    assert '    a__card -->|"act: failed"| a__b' in drawing
    assert '    a__card -. age asks .-> b_c__d(["b_c.d"])' in drawing


def test_two_ways_along_one_arrow_are_drawn_once(drawing: list[str]) -> None:
    assert drawing.count('    a__b -->|"next"| a__card') == 1


def test_a_notice_and_a_command_named_as_a_step_are_nodes_of_their_own(drawing: list[str]) -> None:
    assert '    notice__a__card(("notice card")) --> a__card' in drawing
    assert '    anywhere__command__card(("/card")) --> a__card' in drawing


def test_a_status_that_nobody_leaves_is_an_end(drawing: list[str]) -> None:
    life = drawing[drawing.index("stateDiagram-v2") :]
    assert life[1:-1] == ["    [*] --> new", "    new: new", "    old: old", "    new --> old: age", "    old --> [*]"]


def test_every_step_of_the_shipped_flows_is_reached_by_an_arrow() -> None:
    flows, _ = load(SHIPPED)
    drawn = mermaid(Catalog.of(flows))
    steps = {f"{flow.file.flow}__{step}" for flow in flows for step in flow.file.steps}
    assert steps == steps & set(re.findall(r"(?:-->|\.->)(?:\|[^|]*\|)? (\w+)", drawn))
