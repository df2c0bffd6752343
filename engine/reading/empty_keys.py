"""Keys with nothing behind them: whoever wrote one meant to say something."""

from collections.abc import Iterator
from typing import Any

from engine.i18n import message
from engine.problems import Problem
from engine.reading.yaml_reader import Document, Location

_CALLS = {"when", "do", "by", "to", "may_see", "source", "rows", "from"}
"""Keys below which hooks are called: `has_files:` without arguments is one with nothing to be said."""


def without_empty_keys(document: Document) -> tuple[Document, set[Location], list[Problem]]:
    """Return the document without its empty keys, these keys, and what is wrong with them."""
    empty: set[Location] = set()
    problems: list[Problem] = []
    for location in _empty(document.data, ()):
        problem = _problem(document, location)
        if problem:
            empty.add(location)
            problems.append(problem)
    return (document.without(empty) if empty else document), empty, problems


def _empty(data: Any, location: Location) -> Iterator[Location]:
    if isinstance(data, dict):
        for key, value in data.items():
            if value is None:
                yield (*location, key)
            elif key not in _CALLS:
                yield from _empty(value, (*location, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _empty(value, (*location, index))


def _problem(document: Document, location: Location) -> Problem | None:
    """Return what is wrong with an empty key; None where something else is, which is reported as such."""
    key, position = str(location[-1]), document.keys.get(location)
    if position is None or document.is_reported(location):
        return None
    rest = document.lines[position.line - 1][position.column - 1 :].removeprefix(key)
    if rest.lstrip("\"' ").startswith(":"):
        what = message('nothing stands behind "{key}"', key=key)
        return Problem(position, what, message("write it, or take the key out"))
    if ":" in key or location[:-1] not in document.inline:
        return None
    what = message('"{key}" became a key of its own', key=key)
    return Problem(position, what, message("a comma ends words inside {{ }}: put them in quotes"))
