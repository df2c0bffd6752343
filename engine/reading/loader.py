"""Loading a folder of flow files into the models of the language, and collecting all mistakes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.i18n import Message, message
from engine.language.base import model_in
from engine.language.file import FlowFile
from engine.problems import FlowError, Position, Problem, did_you_mean
from engine.reading.files import flow_paths, read_file
from engine.reading.misfits import misfit
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
    fitting, problems = document, []
    for number in range(ROUNDS):
        try:
            file = FlowFile.model_validate(fitting.data)
        except ValidationError as error:
            details = error.errors()
            if not number:
                problems = [_problem(document, detail) for detail in details if not _is_reported(document, detail)]
            locations = {fitting.find(_invalid_location(detail)) for detail in details}
            if () in locations:
                break
            fitting = fitting.without(locations)
        else:
            return LoadedFlow(file, fitting, document.data, complete=not number), problems
    return None, problems


def _invalid_location(detail: ErrorDetails) -> Location:
    """Return the location of the piece that does not fit; where a required key is missing, that is the whole block."""
    location = detail["loc"]
    return location[:-1] if detail["type"] == "missing" or location[-1:] == ("[key]",) else location


def _is_reported(document: Document, detail: ErrorDetails) -> bool:
    """Return whether the reader has already reported the piece."""
    location = document.find(detail["loc"])
    return any(location[: len(reported)] == reported for reported in document.reported)


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
        return _unknown_key(document, location, detail["input"])
    if location[-1:] == ("[key]",):
        return Problem(document.position(location[:-1], key=True), *misfit(detail))
    position = document.position(location)
    if _split_by_comma(document, location):
        return _comma_problem(position, str(document.find(location)[-1]))
    return Problem(position, *misfit(detail))


def _unknown_key(document: Document, location: Location, value: Any) -> Problem:
    parent, key = location[:-1], str(location[-1])
    position = document.position(location, key=True)
    if glued := _MISSING_SPACE.match(key):
        after = Position(position.path, position.line, position.column + glued.end() - 1)
        return Problem(after, *missing_space())
    if value is None and document.find(parent) in document.inline:
        return _comma_problem(position, key)
    return Problem(position, message('unknown key "{key}"', key=key), did_you_mean(key, _keys_at(parent)))


def _split_by_comma(document: Document, location: Location) -> bool:
    """Return whether the piece is a key without a value inside { }: most likely the rest of a text with a comma."""
    found = document.find(location)
    if not found or found[:-1] not in document.inline:
        return False
    value = document.data
    for step in found:
        value = value[step]
    return value is None


def _comma_problem(position: Position, key: str) -> Problem:
    return Problem(
        position,
        message('"{key}" became a key of its own', key=key),
        message("a comma ends words inside {{ }}: put them in quotes"),
    )


def _keys_at(location: Location) -> set[str]:
    """Return the keys that the schema has at `location`."""
    model: Any = FlowFile
    for step in location:
        model = _model_at(model, step)
    return _keys_of(model) if model else set()


def _keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _model_at(model: Any, step: str | int) -> Any:
    """Follow one step of an error's location through the models' annotations."""
    if model is None or isinstance(step, int):
        return model
    for name, field in model.model_fields.items():
        if step in (name, field.alias):
            return model_in(field.annotation)
    return model
