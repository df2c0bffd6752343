"""Loading a folder of flow files into the models of the language, and collecting all mistakes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.i18n import Message, message
from engine.language.file import FlowFile
from engine.problems import FlowError, Position, Problem, did_you_mean
from engine.reading.empty_keys import without_empty_keys
from engine.reading.files import flow_paths, read_file
from engine.reading.misfits import misfit
from engine.reading.spelling import keys_at, respelled
from engine.reading.yaml_errors import missing_space
from engine.reading.yaml_reader import Document, Location

_MISSING_SPACE = re.compile(r"[a-z_]+:(?=[^\s/])")
ROUNDS = 8
"""How often a file is validated, each time without the pieces that did not fit."""


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow file with its positions; pieces that do not fit the schema are left out, unless it is `complete`.

    `raw` is the data of the file with those pieces.
    """

    file: FlowFile
    document: Document
    raw: Any
    complete: bool = True


def load(folder: Path) -> tuple[list[LoadedFlow], list[Problem]]:
    """Return the flows of `folder` that could be read, and all mistakes found in reading them.

    FlowError when the folder is missing, cannot be read, or has no flow files.
    """
    try:
        paths = flow_paths(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise _unusable(folder, message("is no folder"), message("name the folder of flows")) from None
    except OSError as error:
        raise _unusable(
            folder, message("cannot be read: {reason}", reason=error.strerror), message("let the bot's user read it")
        ) from None
    if not paths:
        raise _unusable(folder, message("holds no *.yaml file"), message("name the folder of flows"))
    return validate(map(read_file, paths))


def _unusable(folder: Path, what: Message, hint: Message) -> FlowError:
    return FlowError(
        [
            Problem(
                Position(str(folder), 1, 1),
                message("{folder} {what}", folder=folder.name or str(folder), what=what),
                hint,
            )
        ]
    )


def validate(documents: Iterable[Document]) -> tuple[list[LoadedFlow], list[Problem]]:
    """Validate each document against the schema."""
    flows: list[LoadedFlow] = []
    problems: list[Problem] = []
    for document in documents:
        problems += document.problems
        if document.data is not None:
            flow, found = _validated(document)
            problems += found
            flows += [flow] if flow else []
    problems += _duplicates(flows)
    return flows, problems


def _validated(document: Document) -> tuple[LoadedFlow | None, list[Problem]]:
    """Return the flow without the pieces that do not fit the schema, so that the rest of it can be checked too."""
    filled, empty, problems = without_empty_keys(document)
    meant, result, misspelt = _respelled(filled)
    fitting, problems = meant, [*problems, *misspelt]
    details = [] if isinstance(result, FlowFile) else [each for each in result if not _follows(meant, each, misspelt)]
    problems += [_problem(meant, detail) for detail in details if not _is_reported(meant, detail, empty)]
    for _ in range(ROUNDS):
        if isinstance(result, FlowFile):
            raw = document.data if empty else meant.data
            return LoadedFlow(result, fitting, raw, complete=fitting is meant and not empty), problems
        locations = {fitting.find(_invalid_location(detail)) for detail in result}
        if () in locations:
            break
        fitting = fitting.without(locations)
        result = _fit(fitting)
    return None, problems


def _follows(document: Document, detail: ErrorDetails, misspelt: Iterable[Problem]) -> bool:
    """Return whether a key is missing in a block whose own key is misspelt: it was perhaps meant as another."""
    location = document.find(detail["loc"][:-1])
    return detail["type"] == "missing" and document.keys.get(location) in {each.position for each in misspelt}


def _respelled(document: Document) -> tuple[Document, FlowFile | list[ErrorDetails], list[Problem]]:
    """Return the document with the names that were meant, how it fits the schema, and what is misspelt."""
    problems: list[Problem] = []
    # A key that is read as it was meant may hold another that is misspelt.
    for _ in range(ROUNDS):
        result = _fit(document)
        if isinstance(result, FlowFile):
            break
        document, found = respelled(document, result)
        problems += found
        if not found:
            break
    return document, result, problems


def _fit(document: Document) -> FlowFile | list[ErrorDetails]:
    """Return the flow, or how the document does not fit the schema."""
    try:
        return FlowFile.model_validate(document.data)
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


def _duplicates(flows: list[LoadedFlow]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for flow in flows:
        name, document = flow.file.flow, flow.document
        if name in seen:
            yield Problem(
                document.position(("flow",)),
                message('the flow "{name}" stands in two files', name=name),
                message("see {file}", file=seen[name]),
            )
        seen.setdefault(name, document.path)


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    location: Location = detail["loc"]
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(document, location)
    if location[-1:] == ("[key]",):
        return Problem(document.position(location[:-1], key=True), *misfit(detail))
    position = document.position(location)
    return Problem(position, *misfit(detail))


def _unknown_key(document: Document, location: Location) -> Problem:
    parent, key = location[:-1], str(location[-1])
    position = document.position(location, key=True)
    if glued := _MISSING_SPACE.match(key):
        after = Position(position.path, position.line, position.column + glued.end() - 1)
        return Problem(after, *missing_space())
    return Problem(position, message('unknown key "{key}"', key=key), did_you_mean(key, keys_at(parent)))
