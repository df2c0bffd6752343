"""Loading a folder of flow files into the models of the language, and collecting all mistakes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.i18n import Message, message
from engine.language.file import FlowFile
from engine.problems import FlowError, Position, Problem
from engine.reading.files import flow_paths, read_file
from engine.reading.fitting import fit
from engine.reading.yaml_reader import Document


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
            fitted = fit(document, FlowFile)
            problems += fitted.problems
            if fitted.model:
                flows.append(LoadedFlow(fitted.model, fitted.document, fitted.raw, fitted.complete))
    problems += _duplicates(flows)
    return flows, problems


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
