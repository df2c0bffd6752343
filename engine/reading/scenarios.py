"""Loading the scenarios of a folder of flows, and collecting all mistakes in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.language.scenario import ScenarioFile
from engine.problems import Position, Problem
from engine.reading.files import flow_paths, read_file
from engine.reading.fitting import fit
from engine.reading.yaml_reader import Document, Location

FOLDER = "tests"
"""The folder in that of the flows."""


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario with its positions; `path` is its file."""

    path: Path
    file: ScenarioFile
    document: Document

    @property
    def transcript(self) -> Path:
        """Where its transcript is kept."""
        return self.path.with_suffix(".txt")

    def position(self, location: Location, *, key: bool = False) -> Position:
        """Return the position of a piece of the file, as the models of the language locate it."""
        return self.document.position(location, key=key)


def load_scenarios(flows: Path) -> tuple[list[LoadedScenario], list[Problem]]:
    """Return the scenarios beside the flows of a folder, by file name, and the mistakes found in reading them.

    Those that do not fit the language are left out; where the folder holds no scenarios, there are none.
    """
    loaded: list[LoadedScenario] = []
    problems: list[Problem] = []
    for path in _paths(flows / FOLDER):
        document = read_file(path)
        problems += document.problems
        if document.data is not None:
            fitted = fit(document, ScenarioFile)
            problems += fitted.problems
            if fitted.model and fitted.complete:
                loaded.append(LoadedScenario(path, fitted.model, fitted.document))
    return loaded, problems


def _paths(folder: Path) -> Sequence[Path]:
    try:
        return flow_paths(folder)
    except (FileNotFoundError, NotADirectoryError):
        return ()
