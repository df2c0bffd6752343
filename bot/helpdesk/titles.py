"""A request's title, made of its description where the author gave none."""

import re

from engine.templates.filters import shorten
from storage.models.limits import BOUNDS

_SENTENCE = re.compile(r"(.+?[.!?…])(?:\s|$)", re.DOTALL)


def title_of(description: str) -> str:
    """Return the first sentence of `description` on one line, cut at a word to the bound of a title."""
    line = " ".join(description.split())
    first = _SENTENCE.match(line)
    shortest, longest = BOUNDS["title"]
    sentence = first[1] if first and len(first[1]) > shortest else line
    return shorten(sentence.rstrip("."), longest) if len(sentence.rstrip(".")) >= shortest else line[:longest]
