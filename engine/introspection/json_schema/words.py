"""What a pattern can tell of words: braces that are closed, filters, tags and names that exist, words that are seen."""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from engine.introspection.json_schema.names import KnownNames
from engine.templates.filters import SHAPES

Schema: TypeAlias = dict[str, Any]

_TAGS = ("if", "elif", "else", "endif", "for", "endfor")
_CLOSED = r"^(?:[^{]|\{(?![{%])|\{\{[^{}]*\}\}|\{%[^%]*%\})*$"
_UNSEEN = r"^(?:[\s\u00a0\u200b-\u200f\u2060\u2800\ufeff]|<[^<>]*>)*$"
"""Blanks, characters that nobody sees, and tags around nothing."""
_BARE = ("capitalize", "date", "length", "lower", "moment", "time", "upper")
"""Filters that are given nothing."""
_SINGLE = r"(?:^|[^{%])\{\s*[a-z_]+(?:\.[a-z_]+)*\s*\}(?!\})"
"""A name in one pair of braces, which is printed as it is."""
_MARKUP = r"</?[a-z]"
SEEN: Schema = {"not": {"pattern": _UNSEEN}}
"""Something that people can see."""
PLAIN: Schema = {"not": {"anyOf": [{"pattern": _MARKUP}, {"pattern": _UNSEEN}]}}
"""Words without markup, such as those on a button."""
PLAIN_WORDS = frozenset(
    {
        ("Branch", "say"),
        ("Button", "text"),
        ("Choose", "label"),
        ("Rows", "label"),
        ("Transition", "label"),
        ("Transition", "say"),
        ("Transition", "late"),
    }
)
"""The keys whose words are shown in places where Telegram knows no markup."""
LABELS = frozenset({("State", "label"), ("ListItem", "label"), ("Anywhere", "label")})
"""The keys whose words are printed as they are, braces and all."""


def words_schema(names: KnownNames) -> Schema:
    """Return the schema of words with braces in them."""
    in_braces = r"(?:\{\{|\{%-?\s*(?:if|elif)\s)"
    wrong = [
        rf"\{{%(?!-?\s*(?:{_either(_TAGS)})\b)",
        rf"\{{\{{[^}}]*\|(?!\s*(?:{_either(SHAPES)})\b)",
        rf"{in_braces}(?!\s*(?:{_either(names.in_words)})\b)\s*[A-Za-z_]",
        rf"\{{\{{[^}}]*\|\s*(?:{_either(_BARE)})\s*\(\s*[^)\s]",
        r"\{\{\s*(?:''|\"\")?\s*\}\}",
        _SINGLE,
        _UNSEEN,
        *(_unknown(owner, fields) for owner, fields in names.printable.items()),
        *(rf"\|\s*{name}\(\s*'(?!(?:{_either(names.labels)})')" for name in ("label", "icon")),
    ]
    return {
        "type": "string",
        "minLength": 1,
        "pattern": _CLOSED,
        "not": {"anyOf": [{"pattern": each} for each in wrong]},
    }


def _unknown(owner: str, fields: Iterable[str]) -> str:
    """Return the pattern of a field that a record does not have, in braces."""
    return rf"\{{[{{%][^}}]*(?<![\w.'\"]){owner}\.(?!(?:{_either(fields)})\b)"


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names)))
