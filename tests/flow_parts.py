"""The parts of flows that a walk through a bot has to cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.flows import read_catalog
from engine.introspection.parts import parts
from engine.reading.catalog import KeyPath

if TYPE_CHECKING:
    from pathlib import Path

    from engine.compiled import CompiledFlows


def missing(folder: Path, flows: CompiledFlows, met: set[str]) -> list[str]:
    """Return a line with file and line for every part of the flows in `folder` that is not among those `met`.

    A notice with words of its own must also be shown to somebody. Phrases are left to other tests.
    """
    catalog = read_catalog(folder)
    wanted = [(part.position, part.name) for part in parts(catalog, flows) if part.kind != "phrase"]
    for file, name, notice, _ in catalog.notices():
        if notice.text:
            wanted.append((catalog.position(KeyPath(file.flow, ("notices", name))), f"shown:{file.flow}!{name}"))
    return [f"{mark.path}:{mark.line}: {name}" for mark, name in sorted(wanted) if name not in met]
