"""Every message to maintainers has its Russian words, and the catalogue holds no others."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import polib
import pytest

from engine.i18n import counted, joined_by_and, joined_by_or, language_of_locale, message

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CATALOGUE = polib.pofile((ROOT / "engine/i18n/ru.po").read_text(encoding="utf-8"))
CALLS = {"message": 1, "counted": 2}
"""What makes a message, and of how many patterns."""


def patterns() -> Iterator[tuple[str, ...]]:
    """Go through the patterns of all messages: one each, or two where a number chooses."""
    for path in sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("bot/**/*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "engine.i18n"]
        defined = (
            [node for node in tree.body if isinstance(node, ast.FunctionDef)] if path.name == "messages.py" else []
        )
        known = {alias.name for node in imports for alias in node.names} | {node.name for node in defined}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS.keys() & known:
                yield tuple(ast.literal_eval(each) for each in node.args[: CALLS[node.func.id]])


def placeholders(pattern: str) -> set[str]:
    """Return the names of the values in a pattern."""
    return {name for _, name, *_ in Formatter().parse(pattern) if name is not None}


USED = sorted(set(patterns()))
ENTRIES = {(entry.msgid, entry.msgid_plural) if entry.msgid_plural else (entry.msgid,): entry for entry in CATALOGUE}


def test_every_message_has_russian_words() -> None:
    assert [each for each in USED if each not in ENTRIES] == []
    assert [entry.msgid for entry in CATALOGUE if not entry.translated()] == []


def test_no_words_are_left_of_messages_that_are_gone() -> None:
    assert [each for each in ENTRIES if each not in USED] == []
    assert len(ENTRIES) == len(CATALOGUE) > 300


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.msgid)
def test_the_russian_words_have_the_values_of_the_english_ones(entry: polib.POEntry) -> None:
    translated = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    assert len(translated) == (3 if entry.msgid_plural else 1)
    assert [placeholders(each) for each in translated] == [placeholders(entry.msgid)] * len(translated)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 разговор"), (2, "2 разговора"), (5, "5 разговоров"), (11, "11 разговоров"), (21, "21 разговор")],
)
def test_a_number_takes_the_form_that_it_has_in_russian(number: int, words: str) -> None:
    said = counted("{number} conversation", "{number} conversations", number)
    assert said.render("ru") == words
    assert said.render("en") == f"{number} conversation{'' if number == 1 else 's'}"


def test_messages_inside_of_messages_are_put_into_the_same_language() -> None:
    inner = message("a block")
    outer = message("{expected}, got {found}", expected=message("expected a list"), found=inner)
    assert str(outer) == "expected a list, got a block"
    assert outer.render("ru") == "здесь нужен список, а стоит блок с ключами"
    assert message("expected {values}", values=joined_by_or(["a", "b", "c"])).render("ru") == "подходит: a или b или c"
    assert message("add {keys} to this flow", keys=joined_by_and(["a", "b"])).render("en") == "add a and b to this flow"


def test_the_values_of_a_message_are_taken_as_they_are() -> None:
    assert message('unknown key "{key}"', key="{key}").render("ru") == "неизвестный ключ «{key}»"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "de_DE", "LC_MESSAGES": "ru_RU"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": ""}, "ru"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of_locale(environment) == language
