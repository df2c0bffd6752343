"""Letters that are not what they look like: of another alphabet, invisible, capital."""

import unicodedata

from engine.i18n import Message, message

_CYRILLIC = dict(zip("авеёкмнорстухіјѕԁгипь", "abeekmhopctyxijsdrunb", strict=True))
"""Cyrillic letters, with the Latin one that each looks like in some font, printed or written."""
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""


def is_blank(text: str) -> bool:
    """Return whether people see nothing of a text."""
    return all(unicodedata.category(letter)[0] in "CZ" or letter in _BLANK for letter in text)


def latin(name: str) -> str:
    """Return `name` in small Latin letters, as far as each letter looks like one; invisible characters are left out."""
    return "".join(_CYRILLIC.get(letter, letter) for letter in name.lower() if not _is_invisible(letter))


def disguise(name: str) -> Message | None:
    """Return what in `name` is other than it looks, or than people take it for; None where all is plain."""
    for letter in name:
        if _is_invisible(letter):
            return message("it holds an invisible character (U+{code})", code=f"{ord(letter):04X}")
        if plain := _CYRILLIC.get(letter.lower()):
            return message(
                'it has a Cyrillic letter "{letter}" that looks like Latin "{plain}"', letter=letter, plain=plain
            )
    return message("it has capital letters") if name != name.lower() else None


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cf", "Zs"} and letter != " "
