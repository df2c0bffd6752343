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


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """One flow file that fits the schema, with the marks of everything in it."""

    file: FlowFile
    document: Document


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
        if document.data is None:
            continue
        try:
            flows.append(LoadedFlow(FlowFile.model_validate(document.data), document))
        except ValidationError as error:
            problems += [_problem(document, detail) for detail in error.errors()]
    problems += _twice(flows)
    return flows, problems


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
    if kind == "missing":
        return Problem(mark, f'"{location[-1]}" is missing here')
    return Problem(mark, *_explain(kind, detail))


def _unknown_key(document: Document, location: Location, value: Any) -> Problem:
    parent, key = location[:-1], str(location[-1])
    mark = document.mark(location, key=True)
    if value is None and document.find(parent) in document.inline:
        return Problem(mark, f'"{key}" became a key of its own', "a comma ends words inside { }: put them in quotes")
    return Problem(mark, f'unknown key "{key}"', did_you_mean(key, _keys_at(parent)))


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
