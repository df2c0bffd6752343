"""Read a folder of flow files into the models of the language, gathering every mistake on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.language.file import FlowFile
from engine.problems import FlowError, Mark, Problem, did_you_mean
from engine.reader import Document, Location, read

ROUNDS = 8
"""How often a file is tried again without its pieces that do not fit."""


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """One flow file, with the marks of everything in it; pieces that do not fit are left out unless it is `whole`."""

    file: FlowFile
    document: Document
    whole: bool = True


def load(folder: Path) -> tuple[list[LoadedFlow], list[Problem]]:
    """Return the flows of `folder` that could be read, and every mistake found in reading them.

    Raises FlowError when the folder is missing or holds no flow at all.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        what = "holds no *.yaml file" if folder.is_dir() else "is no folder"
        raise FlowError(
            [Problem(Mark(str(folder), 1, 1), f"{folder.name or folder} {what}", "name the folder of flows")]
        )
    documents = [read(_shown(path), path.read_text(encoding="utf-8-sig")) for path in paths]
    return fit(documents)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def fit(documents: Iterable[Document]) -> tuple[list[LoadedFlow], list[Problem]]:
    """Hold each document against the schema."""
    flows: list[LoadedFlow] = []
    problems: list[Problem] = []
    for document in documents:
        problems += document.problems
        if document.data is not None:
            file, found = _fit(document)
            problems += found
            flows += [LoadedFlow(file, document, whole=not found)] if file else []
    problems += _twice(flows)
    return flows, problems


def _fit(document: Document) -> tuple[FlowFile | None, list[Problem]]:
    """Return the file, without its pieces that do not fit, so that the rest of it is checked in the same run."""
    data = document.data
    problems: list[Problem] = []
    for _ in range(ROUNDS):
        try:
            return FlowFile.model_validate(data), problems
        except ValidationError as error:
            problems = problems or [_problem(document, detail) for detail in error.errors()]
            for place in {document.find(detail["loc"]) for detail in error.errors()}:
                data = _without(data, _removable(place))
    return None, problems


def _removable(place: Location) -> Location:
    """Return the place of the key to leave out: taking one item out of a list would move the marks of the others."""
    while place and isinstance(place[-1], int):
        place = place[:-1]
    return place


def _without(data: Any, place: Location) -> Any:
    """Return the data without the piece at `place`, which ends in a key."""
    if not place:
        return data
    step, rest = place[0], place[1:]
    if isinstance(data, dict):
        return {
            key: _without(value, rest) if key == step else value for key, value in data.items() if rest or key != step
        }
    return [_without(value, rest) if index == step else value for index, value in enumerate(data)]


def _twice(flows: list[LoadedFlow]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for flow in flows:
        name, document = flow.file.flow, flow.document
        if name in seen:
            yield Problem(document.mark(("flow",)), f'the flow "{name}" stands in two files', f"see {seen[name]}")
        seen.setdefault(name, document.path)


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    location: Location = detail["loc"]
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(document, location, detail["input"])
    mark = document.mark(location)
    if _split_by_comma(document, location):
        return _comma(mark, str(document.find(location)[-1]))
    if kind == "missing":
        return Problem(mark, f'"{location[-1]}" is missing here')
    return Problem(mark, *_explain(kind, detail))


def _unknown_key(document: Document, location: Location, value: Any) -> Problem:
    parent, key = location[:-1], str(location[-1])
    mark = document.mark(location, key=True)
    if value is None and document.find(parent) in document.inline:
        return _comma(mark, key)
    return Problem(mark, f'unknown key "{key}"', did_you_mean(key, _keys_at(parent)))


def _split_by_comma(document: Document, location: Location) -> bool:
    """Tell whether the piece is a key without a value inside { }: most likely the rest of words with a comma."""
    found = document.find(location)
    if not found or found[:-1] not in document.inline:
        return False
    value = document.data
    for step in found:
        value = value[step]
    return value is None


def _comma(mark: Mark, key: str) -> Problem:
    return Problem(mark, f'"{key}" became a key of its own', "a comma ends words inside { }: put them in quotes")


def _keys_at(location: Location) -> set[str]:
    """Return the keys that the schema knows at `location`."""
    model: Any = FlowFile
    for step in location:
        model = _inside(model, step)
    return _keys_of(model) if model else set()


def _keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _inside(model: Any, step: str | int) -> Any:
    """Follow one step of an error's location through the models' annotations."""
    if model is None or isinstance(step, int):
        return model
    for name, field in model.model_fields.items():
        if step in (name, field.alias):
            return _model_in(field.annotation)
    return model


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


_EXPECTED = {
    "string_type": ("expected words or a name", "put it in quotes"),
    "int_type": ("expected a whole number", ""),
    "bool_type": ("expected true or false", ""),
    "dict_type": ("expected keys with values", 'write "key: value" lines, indented'),
    "model_type": ("expected keys with values", 'write "key: value" lines, indented'),
    "list_type": ("expected a list", 'begin each line with "- "'),
    "string_too_short": ("these words are empty", "say something"),
}


def _explain(kind: str, detail: ErrorDetails) -> tuple[str, str]:
    value, context = detail["input"], detail.get("ctx", {})
    if kind in _EXPECTED:
        what, hint = _EXPECTED[kind]
        given = "nothing" if value is None else repr(value) if not isinstance(value, dict | list) else "a block"
        return f"{what}, got {given}", hint
    if kind == "string_pattern_mismatch":
        return f"{value!r} is no name", "names are lower-case Latin letters, digits and _"
    if kind == "literal_error":
        return f"{value!r} does not serve here", f"expected {context['expected']}"
    if kind == "string_too_long":
        return f"these words are longer than {context['max_length']} characters", "shorten them"
    if kind == "value_error":
        return str(context["error"]), ""
    return detail["msg"][:1].lower() + detail["msg"][1:], ""
