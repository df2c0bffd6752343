"""Fitting a document to a model of the language: what does not fit is reported, and left out of the result."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.i18n import message
from engine.language.base import Model
from engine.problems import Position, Problem, did_you_mean
from engine.reading.empty_keys import without_empty_keys
from engine.reading.misfits import misfit
from engine.reading.spelling import keys_at, respelled
from engine.reading.yaml_errors import missing_space
from engine.reading.yaml_reader import Document, Location

M = TypeVar("M", bound=Model)

_MISSING_SPACE = re.compile(r"[a-z_]+:(?=[^\s/])")
ROUNDS = 8
"""How often a file is validated, each time without the pieces that did not fit."""


@dataclass(frozen=True, slots=True)
class Fitted(Generic[M]):
    """A document as a model, None where nothing of it fits; `problems` are what does not fit, and what is misspelt.

    Pieces that do not fit are left out of the model and of `document`, unless it is `complete`; `raw` is the data of
    the file with those pieces.
    """

    model: M | None
    document: Document
    raw: Any
    complete: bool
    problems: list[Problem]


def fit(document: Document, model: type[M]) -> Fitted[M]:
    """Fit a document that could be read to a model, without the pieces that do not fit it."""
    filled, empty, problems = without_empty_keys(document)
    meant, result, misspelt = _respelled(filled, model)
    fitting, problems = meant, [*problems, *misspelt]
    raw = document.data if empty else meant.data
    details = [each for each in result if not _follows(meant, each, misspelt)] if isinstance(result, list) else []
    problems += [_problem(meant, detail, model) for detail in details if not _is_reported(meant, detail, empty)]
    for _ in range(ROUNDS):
        if not isinstance(result, list):
            return Fitted(result, fitting, raw, fitting is meant and not empty, problems)
        locations = {fitting.find(_invalid_location(detail)) for detail in result}
        if () in locations:
            break
        fitting = fitting.without(locations)
        result = _validated(fitting, model)
    return Fitted(None, fitting, raw, False, problems)


def _follows(document: Document, detail: ErrorDetails, misspelt: Iterable[Problem]) -> bool:
    """Return whether a key is missing in a block whose own key is misspelt: it was perhaps meant as another."""
    location = document.find(detail["loc"][:-1])
    return detail["type"] == "missing" and document.keys.get(location) in {each.position for each in misspelt}


def _respelled(document: Document, model: type[M]) -> tuple[Document, M | list[ErrorDetails], list[Problem]]:
    """Return the document with the names that were meant, how it fits the model, and what is misspelt."""
    problems: list[Problem] = []
    # A key that is read as it was meant may hold another that is misspelt.
    for _ in range(ROUNDS):
        result = _validated(document, model)
        if not isinstance(result, list):
            break
        document, found = respelled(document, result, model)
        problems += found
        if not found:
            break
    return document, result, problems


def _validated(document: Document, model: type[M]) -> M | list[ErrorDetails]:
    """Return the model, or how the document does not fit it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        return error.errors()


def _invalid_location(detail: ErrorDetails) -> Location:
    """Return the location of the piece that does not fit; where a required key is missing, that is the whole block."""
    location = detail["loc"]
    return location[:-1] if detail["type"] == "missing" or location[-1:] == ("[key]",) else location


def _is_reported(document: Document, detail: ErrorDetails, empty: set[Location]) -> bool:
    """Return whether the piece has already been reported: in reading it, or as a key with nothing behind it."""
    is_missing = detail["type"] == "missing" and (*document.find(detail["loc"][:-1]), detail["loc"][-1]) in empty
    return is_missing or document.is_reported(document.find(detail["loc"]))


def _problem(document: Document, detail: ErrorDetails, model: type[Model]) -> Problem:
    location: Location = detail["loc"]
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(document, location, model)
    if location[-1:] == ("[key]",):
        return Problem(document.position(location[:-1], key=True), *misfit(detail))
    position = document.position(location)
    return Problem(position, *misfit(detail))


def _unknown_key(document: Document, location: Location, model: type[Model]) -> Problem:
    parent, key = location[:-1], str(location[-1])
    position = document.position(location, key=True)
    if glued := _MISSING_SPACE.match(key):
        after = Position(position.path, position.line, position.column + glued.end() - 1)
        return Problem(after, *missing_space())
    return Problem(position, message('unknown key "{key}"', key=key), did_you_mean(key, keys_at(parent, model)))
