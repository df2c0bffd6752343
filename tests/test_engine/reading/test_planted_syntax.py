"""What is no YAML, planted in the shipped flows one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "a brace that is never closed",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text: ❓ Помощь, go: help\n",
        ('main.yaml:50:9: this is no YAML: the bracket "{" is never closed; close it with "}"',),
    ),
    Mistake(
        "a brace that is closed twice",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text: ❓ Помощь, go: help}}\n",
        (
            "main.yaml:50:35: this is no YAML: something follows words that are already complete; "
            "put all the words in one pair of quotes",
        ),
    ),
    Mistake(
        "a quote that is never closed",
        "main.yaml",
        '  stale: "Эта кнопка устарела. Вот что актуально сейчас."',
        '  stale: "Эта кнопка устарела. Вот что актуально сейчас.',
        ("main.yaml:20:10: this is no YAML: this quote is never closed; close it with the same quote",),
    ),
    Mistake(
        "a quote that is never opened",
        "main.yaml",
        '  stale: "Эта кнопка устарела. Вот что актуально сейчас."',
        '  stale: Эта кнопка устарела. Вот что актуально сейчас."',
        ("main.yaml:20:10: the quote at the end of these words was never opened; open it, too",),
    ),
    Mistake(
        "words behind a quote",
        "main.yaml",
        "  busy: Секунду…",
        '  busy: "Секунду" ещё…',
        (
            "main.yaml:24:19: this is no YAML: something follows words that are already complete; "
            "put all the words in one pair of quotes",
        ),
    ),
    Mistake(
        "a number sign in braces",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text: Помощь #1, go: help}\n",
        ("main.yaml:50:23: this is no YAML: everything after a # is a comment; put the words in quotes",),
    ),
    Mistake(
        "a colon in words",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: Секунду: ещё…",
        (
            "main.yaml:24:16: this is no YAML: a colon inside words begins a new key; "
            "put words that hold a colon in quotes, or below after a |",
        ),
    ),
    Mistake(
        "a colon in words in braces",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text: Помощь: здесь, go: help}\n",
        (
            "main.yaml:50:22: this is no YAML: a colon inside words begins a new key; "
            "put words that hold a colon in quotes, or below after a |",
        ),
    ),
    Mistake(
        "no space after a colon",
        "main.yaml",
        "  busy: Секунду…",
        "  busy:Секунду…",
        ('main.yaml:24:7: this is no YAML: a space is missing after this colon; write "key: value"',),
    ),
    Mistake(
        "no space after the first colon of a block",
        "admin.yaml",
        "  pick:\n    about: request\n",
        "  pick:\n    about:request\n",
        ('admin.yaml:27:10: this is no YAML: a space is missing after this colon; write "key: value"',),
    ),
    Mistake(
        "no space after a colon in braces",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text:Помощь, go: help}\n",
        ('main.yaml:50:14: a space is missing after this colon; write "key: value"',),
    ),
    Mistake(
        "a tab that indents",
        "admin.yaml",
        "    next: {give: chosen}\n",
        "\t  next: {give: chosen}\n",
        ("admin.yaml:33:1: this is no YAML: a tab stands here; indent with spaces, not with tabs",),
    ),
    Mistake(
        "no-break spaces that indent",
        "admin.yaml",
        "    next: {give: chosen}\n",
        "\xa0\xa0\xa0\xa0next: {give: chosen}\n",
        ("admin.yaml:33:1: this is no YAML: a no-break space indents this line; indent with ordinary spaces",),
    ),
    Mistake(
        "one space too many",
        "admin.yaml",
        "    next: {give: chosen}\n",
        "     next: {give: chosen}\n",
        (
            "admin.yaml:33:6: this is no YAML: this line does not begin where the lines it belongs to begin; "
            "look at its indentation, and at the quotes of the line above",
        ),
    ),
    Mistake(
        "one space too few",
        "admin.yaml",
        "    next: {give: chosen}\n",
        "   next: {give: chosen}\n",
        (
            "admin.yaml:33:4: this is no YAML: this line does not begin where the lines it belongs to begin; "
            "look at its indentation, and at the quotes of the line above",
        ),
    ),
    Mistake(
        "a dash that is forgotten",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      {text: ❓ Помощь, go: help}\n",
        (
            "main.yaml:50:7: this is no YAML: this line is neither a key nor an item of a list; "
            'write "key: value", or begin the line with "- "',
        ),
    ),
    Mistake(
        "a dash that is forgotten before keys",
        "main.yaml",
        "  - {command: help, label: Как пользоваться, go: help}\n",
        "  command: help\n",
        (
            "main.yaml:34:3: this is no YAML: an item of a list begins with a dash; "
            'begin the line with "- ", or indent it under the item above',
        ),
    ),
    Mistake(
        "a dash behind a key",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: - Секунду…",
        (
            "main.yaml:24:9: this is no YAML: an item of a list cannot begin here; "
            "begin a line with the dash, or put the words in quotes",
        ),
    ),
    Mistake(
        "words that begin with a star",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: *Секунду…",
        ('main.yaml:24:9: this is no YAML: words cannot begin with "*"; put them in quotes',),
    ),
    Mistake(
        "words that begin with an at sign",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: @завхоз",
        ('main.yaml:24:9: this is no YAML: words cannot begin with "@"; put them in quotes',),
    ),
    Mistake(
        "words that begin with a percent sign",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: %секунду",
        ('main.yaml:24:9: this is no YAML: words cannot begin with "%"; put them in quotes',),
    ),
    Mistake(
        "words that begin with a backtick",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: `секунду`",
        ('main.yaml:24:9: this is no YAML: words cannot begin with "`"; put them in quotes',),
    ),
    Mistake(
        "words that begin with a question mark",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: ? Секунду",
        ('main.yaml:24:9: this is no YAML: words cannot begin with "?"; put them in quotes',),
    ),
    Mistake(
        "words that begin with braces",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: {{ min }} секунд",
        ("main.yaml:24:9: this is no YAML: words that begin with braces need quotes; put the words in quotes",),
    ),
    Mistake(
        "words behind the sign of a block",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: | Секунду…",
        ('main.yaml:24:9: this is no YAML: words stand behind the "|"; begin them in the line below, indented',),
    ),
    Mistake(
        "a backslash in double quotes",
        "main.yaml",
        "  busy: Секунду…",
        '  busy: "Секунду\\."',
        (
            "main.yaml:24:17: this is no YAML: this \\ begins no character that YAML knows; "
            "write \\\\ for a backslash, or put the words in single quotes",
        ),
    ),
    Mistake(
        "half a character as JSON writes it",
        "main.yaml",
        "  busy: Секунду…",
        '  busy: "\\ud83d Секунду"',
        (
            "main.yaml:24:9: these words hold half a character; "
            "write the character itself, or both its halves: \\ud83d\\udd27",
        ),
    ),
    Mistake(
        "a second document",
        "main.yaml",
        "steps:\n",
        "---\nsteps:\n",
        ('main.yaml:37:1: this is no YAML: a second document begins here; take the line "---" out',),
    ),
    Mistake(
        "a comma that is forgotten",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        '      - {text: "Помощь" go: help}\n',
        (
            "main.yaml:50:25: this is no YAML: a comma is missing before this; "
            "put words with quotes or brackets in quotes",
        ),
    ),
    Mistake(
        "a missing value",
        "main.yaml",
        "      - {text: ❓ Помощь, go: help}\n",
        "      - {text: ], go: help}\n",
        ("main.yaml:50:16: this is no YAML: a value is missing here; write it, or put a sign that is meant in quotes",),
    ),
    Mistake(
        "a line separator from a word processor",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: Секунду\u2028ещё…",
        (
            "main.yaml:24:16: this is no YAML: an invisible line separator (U+2028) stands here; "
            "take it out, or begin a new line with Enter",
        ),
    ),
    Mistake(
        "a next-line character",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: Секунду\x85ещё…",
        (
            "main.yaml:24:16: this is no YAML: an invisible line separator (U+0085) stands here; "
            "take it out, or begin a new line with Enter",
        ),
    ),
    Mistake(
        "a NUL",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: Секунду\x00",
        ("main.yaml:24:16: this is no YAML: an invisible character (U+0000) stands here; take it out",),
    ),
    Mistake(
        "six hundred brackets",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: " + "[" * 600 + "]" * 600,
        (
            "main.yaml:24:57: this is no YAML: more than 50 blocks or brackets stand inside each other; "
            "look for brackets that are never closed",
        ),
    ),
    Mistake(
        "six hundred dashes",
        "main.yaml",
        "  busy: Секунду…",
        "  busy:\n    " + "- " * 600 + "x",
        (
            "main.yaml:25:101: this is no YAML: more than 50 blocks or brackets stand inside each other; "
            "look for brackets that are never closed",
        ),
    ),
    Mistake(
        "a line that is neither key nor item",
        "main.yaml",
        "  busy: Секунду…\n",
        "  busy\n",
        (
            "main.yaml:24:3: this is no YAML: this line is neither a key nor an item of a list; "
            'write "key: value", or begin the line with "- "',
        ),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_is_no_yaml_is_reported_once_where_it_begins(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
