"""Any text, and any shipped flow that somebody has damaged, is read in time, and every mistake stands in the file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import check_loaded
from engine.reading.loader import validate
from engine.reading.yaml_nodes import SlowLoader
from engine.reading.yaml_reader import read
from tests.conversation import MOSCOW, SHIPPED

HOOKS = build_hooks()
FILES = {path.name: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}
PIECES = [
    *("", '"', "'", "{", "}", "[", "]", "{{", "}}", "{%", "%}", "{#", "#", " #1", ":", " : ", "- ", "?", "&", "*", "!"),
    *(
        "|",
        ">",
        "\n",
        "  ",
        "\u00a0",
        "\t",
        "\u2028",
        "\x85",
        "\x00",
        "\\ud83d",
        "\\",
        "%",
        "@",
        "`",
        "=",
        "if",
        "endif",
    ),
    *("(" * 90, "{% if a %}" * 60, "[" * 90, "- " * 90, "a or " * 500, "\ufeff", "е\u0301", "😀"),
]
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES)), min_size=1, max_size=4)
LIBRARY_WORDS = (
    "<block",
    "expected token",
    "while parsing",
    "while scanning",
    "statement block",
    "flow mapping",
    "Jinja",
)


def checked(name: str, text: str) -> list[str]:
    """Check the shipped flows with `text` in the place of a file; every mistake of it stands in it."""
    documents = [read(each, text if each == name else FILES[each]) for each in FILES]
    flows, problems = validate(documents)
    problems = [*problems, *check_loaded(flows, problems, HOOKS, MOSCOW)]
    lines = text.split("\n")
    for problem in problems:
        if problem.position.path == name:
            assert 1 <= problem.position.line <= len(lines)
            assert 1 <= problem.position.column <= len(lines[problem.position.line - 1]) + 1
    return [str(problem) for problem in problems]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FILES)), DAMAGE)
def test_a_damaged_flow_is_checked_whatever_the_damage(name: str, damage: list[tuple[float, int, str]]) -> None:
    text = FILES[name]
    for share, length, piece in damage:
        begin = int(share * len(text))
        text = text[:begin] + piece + text[begin + length :]
    said = checked(name, text)
    assert [line for line in said if any(words in line for words in LIBRARY_WORDS)] == []


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*PIECES, "a", "я", "a: ", "flow: a"]), max_size=12).map("".join)
)
def test_any_text_is_read(text: str) -> None:
    assert read("a.yaml", text).problems == read("a.yaml", text).problems


@pytest.mark.parametrize(
    "words",
    [
        "x" * 900_000,
        "[" * 900_000,
        "- " * 400_000,
        "{a: " * 200_000,
        '"' + "{{ a }}" * 100_000 + '"',
        '"' + "{% if a %}" * 90_000 + '"',
        '"' + "{{ " * 300_000 + '"',
        "|\n" + "    {%\n" * 100_000,
        "|\n" + "    {{ a b }} <b>\n" * 40_000,
        '"' + "\\ud83d" * 100_000 + '"',
    ],
    ids=lambda words: words[:12],
)
def test_a_file_as_large_as_may_be_is_checked_within_seconds(words: str) -> None:
    begin = time.monotonic()
    assert checked("main.yaml", FILES["main.yaml"].replace("Секунду…", words))
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize("words", ["Как это работает?", "a?b=1", "да ? нет", "http://x.y/a?b=1&c=d", "Что?!"])
@pytest.mark.parametrize("loader", ["libyaml", "slow"])
def test_a_question_mark_ends_no_words_in_braces(words: str, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "slow":
        monkeypatch.setattr("engine.reading.yaml_nodes.FAST_LOADER", SlowLoader)
    document = read("a.yaml", f"a: {{text: {words}, go: help}}\n")
    assert (document.data, document.problems) == ({"a": {"text": words, "go": "help"}}, [])


def test_two_halves_of_a_character_as_json_writes_them_are_one() -> None:
    document = read("a.yaml", 'a: "\\ud83d\\udd27 да"\nb: "{{ c"\n')
    assert (document.data, document.problems) == ({"a": "\U0001f527 да", "b": "{{ c"}, [])
    assert document.text_position(("a",), 1, "да").column == 18
