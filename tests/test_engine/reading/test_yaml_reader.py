"""How flow files are read: what scalars mean, where everything stands, what YAML is told not to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.problems import Position
from engine.reading import yaml_nodes
from engine.reading.yaml_reader import Document, read

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcя_", min_size=1, max_size=4), inner),
    max_leaves=8,
)


def value(written: str) -> Any:
    document = read("f.yaml", f"a: {written}\n")
    assert document.problems == []
    return document.data["a"]


def said(text: str) -> list[str]:
    return [str(problem) for problem in read("f.yaml", text).problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("2e3", 2000.0),
        ("-0.5E-2", -0.005),
        ("9" * 18, 10**18 - 1),
    ],
)
def test_scalars_of_json_mean_what_they_mean_in_json(written: str, meant: object) -> None:
    found = value(written)
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    "written",
    [
        *("yes", "no", "on", "off", "True", "FALSE", "Null", "NULL"),
        *("9:30", "2026-03-02", "007", "0x1F", "0o17", "1_000", "+1", ".5", "1.", ".inf", "=", "<<"),
        *("9" * 19, "9" * 5000, "1e999", "Заявка#12"),
    ],
)
def test_everything_else_is_text(written: str) -> None:
    assert value(written) == written


@pytest.mark.parametrize("scalar", ["true", "12", "null", "", "# нет"])
def test_what_stands_in_quotes_is_text(scalar: str) -> None:
    assert (value(f'"{scalar}"'), value(f"'{scalar}'")) == (scalar, scalar)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("f.yaml", "on: 1\n12: 2\ntrue: 3\n").data == {"on": 1, "12": 2, "true": 3}


@given(PLAIN)
def test_json_is_read_as_json(data: Any) -> None:
    document = read("f.yaml", json.dumps(data, ensure_ascii=False, indent=1))
    assert (document.data, document.problems) == (data, []) if data is not None else not document.problems


@given(st.text(alphabet=st.sampled_from("ab:-?#&*!|>'\"{}[],%@` \n\t\x07я0~"), max_size=40) | st.text(max_size=30))
def test_no_text_makes_the_reader_fail_and_every_mistake_stands_in_the_file(text: str) -> None:
    document = read("f.yaml", text)
    rows = text.count("\n") + text.count("\r") + sum(text.count(each) for each in "\x85\u2028\u2029") + 1
    for problem in document.problems:
        assert (problem.position.path, problem.position.column >= 1) == ("f.yaml", True)
        assert 1 <= problem.position.line <= rows
    assert document.data is not None or document.problems or document.values


TEXT = """\
flow: desk
steps:
  ask:
    text: |
      Один
        {{ два }} и {{ два }}
    buttons:
      - {text: "Да, беру", go: lend}
      - text: Нет
"""


@pytest.fixture
def document() -> Document:
    return read("f.yaml", TEXT)


@pytest.mark.parametrize(
    ("location", "value_at", "key_at"),
    [
        (("flow",), (1, 7), (1, 1)),
        (("steps",), (3, 3), (2, 1)),
        (("steps", "ask", "text"), (4, 11), (4, 5)),
        (("steps", "ask", "buttons", 0), (8, 9), (8, 9)),
        (("steps", "ask", "buttons", 0, "go"), (8, 32), (8, 28)),
        (("steps", "ask", "buttons", 1, "text"), (9, 15), (9, 9)),
    ],
)
def test_keys_and_values_have_positions(
    document: Document, location: tuple[str | int, ...], value_at: tuple[int, int], key_at: tuple[int, int]
) -> None:
    assert document.position(location) == Position("f.yaml", *value_at)
    assert document.position(location, key=True) == Position("f.yaml", *key_at)


def test_what_is_missing_in_the_file_has_the_position_of_its_parent(document: Document) -> None:
    assert document.position(("steps", "ask", "choose", "into")) == document.position(("steps", "ask"))
    assert document.position(("status",)) == Position("f.yaml", 1, 1)


def test_union_members_in_a_location_are_skipped_when_its_position_is_looked_up(document: Document) -> None:
    assert document.find(("steps", "ask", "list[Turn]", "buttons", 0, "Button")) == ("steps", "ask", "buttons", 0)


@pytest.mark.parametrize(
    ("line", "needle", "at"),
    [
        (1, "Один", (5, 7)),
        (2, "два", (6, 12)),
        (2, "три", (6, 9)),
        (2, "", (6, 9)),
        (9, "два", (4, 11)),
    ],
)
def test_a_name_inside_a_text_has_its_position(document: Document, line: int, needle: str, at: tuple[int, int]) -> None:
    assert document.text_position(("steps", "ask", "text"), line, needle) == Position("f.yaml", *at)


@pytest.mark.parametrize(("needle", "column"), [("беру", 21), ("нет", 16), ("text", 16)])
def test_a_name_inside_a_text_of_one_line_is_searched_for_behind_its_beginning(
    document: Document, needle: str, column: int
) -> None:
    assert document.text_position(("steps", "ask", "buttons", 0, "text"), 1, needle) == Position("f.yaml", 8, column)


def test_braces_and_blocks_are_remembered(document: Document) -> None:
    assert document.inline == {("steps", "ask", "buttons", 0)}
    assert document.blocks == {("steps", "ask", "text")}


NO_ANCHORS = "anchors and aliases are not part of the language; write it out"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ['1:1: the file is empty; start with "flow: name"']),
        ("# ничего\n", ['1:1: the file is empty; start with "flow: name"']),
        ("a: 1\nb: 2\na: 3\n", ['3:1: the key "a" stands here twice; the first is in line 1']),
        ("a: &x да\nb: *x\n", [f"1:4: {NO_ANCHORS}"]),
        ("a: &x [1]\nb: *x\nc: *x\n", [f"1:4: {NO_ANCHORS}"]),
        ("a: &x [*x]\n", [f"1:4: {NO_ANCHORS}"]),
        ("a: &x да\n", [f"1:4: {NO_ANCHORS}"]),
        ("&x a: да\n", [f"1:1: {NO_ANCHORS}"]),
        ("a: !take x\n", ['1:4: the tag "!take" is not part of the language; leave it out']),
        ("a: !!str 5\n", ['1:4: the tag "!!str" is not part of the language; leave it out']),
        ("a: !!set {b}\n", ['1:4: the tag "!!set" is not part of the language; leave it out']),
        ("a: 1\n? [b]\n: 2\n", ["2:3: a key must be one word; put words with braces in quotes"]),
        ("a: {{ b }}\n", ["1:5: a key must be one word; put words with braces in quotes"]),
        ("a: Заявка #12\n", ['1:4: everything after "Заявка" is a comment to YAML; put the words in quotes']),
        ("a: 1\nb: да\x07нет\n", ["2:6: this is no YAML: an invisible character (U+0007) stands here; take it out"]),
        ("a:\n\tb: 1\n", ["2:1: this is no YAML: a tab stands here; indent with spaces, not with tabs"]),
        ("a: Да: нет\n", ["1:6: this is no YAML: a colon inside words begins a new key; put words that hold a colon"]),
        ("a: [1\nb: 2\n", ['1:4: this is no YAML: the bracket "[" is never closed; close it with "]"']),
        (
            "a: 1\n---\nb: 2\n",
            ['2:1: this is no YAML: a second document begins here; take the line "---" out'],
        ),
    ],
)
def test_a_mistake_is_reported_with_its_position_and_a_hint(text: str, problems: list[str]) -> None:
    found = said(text)
    assert len(found) == len(problems)
    for line, beginning in zip(found, problems, strict=True):
        assert line.startswith(f"f.yaml:{beginning}"), line


@pytest.mark.parametrize("text", ["a: да # и ещё\n", "a: 1 # 2\n", 'a: "Заявка #12"\n', "#12\na: 1\n"])
def test_a_comment_that_looks_like_one_is_a_comment(text: str) -> None:
    assert said(text) == []


def test_words_in_braces_may_end_in_a_question_mark() -> None:
    assert value("{text: Какой?}") == {"text": "Какой?"}


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[3].glob("flows/*.yaml")), ids=lambda path: path.stem)
def test_flows_read_the_same_where_yaml_has_no_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    fast = read("f.yaml", text)
    monkeypatch.setattr(yaml_nodes, "FAST_LOADER", yaml_nodes.SlowLoader)
    assert read("f.yaml", text) == fast
