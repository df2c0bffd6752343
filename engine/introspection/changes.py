"""The differences between two versions of the flows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.i18n import Message, message
from engine.language.base import Call
from engine.language.file import FlowFile
from engine.reading.catalog import Catalog, cause_of, full_name

_KINDS = {
    "flow": message("flow"),
    "step": message("step"),
    "status": message("status"),
    "transition": message("transition"),
    "notice": message("notice"),
    "command": message("command"),
    "draft": message("time of the draft"),
    "anywhere": message("way from anywhere"),
    "list": message("list"),
    "phrases": message("phrases"),
    "hook": message("hook"),
}
"""The kinds of pieces, in the order in which their changes are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """A piece that was added (`+`), removed (`-`) or changed (`~`), with a `note`."""

    sign: str
    kind: str
    name: str
    note: Message | None = None

    @property
    def written(self) -> Message:
        """The change as one line."""
        piece = message("{sign} {kind} {name}", sign=self.sign, kind=_KINDS[self.kind], name=self.name)
        return message("{piece}, {note}", piece=piece, note=self.note) if self.note else piece


def changes(old: Catalog, new: Catalog) -> list[Change]:
    """Return the differences by kind of piece; the note of a removed piece is its replacement."""
    before, after, moved = _pieces(old), _pieces(new), _moved(new)
    found: list[Change] = []
    for kind in _KINDS:
        found += _compared(kind, before[kind], after[kind], moved)
    return found


def _compared(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], moved: Mapping[tuple[str, str], str]
) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        if name not in before:
            yield Change("+", kind, name)
        elif name not in after:
            target = moved.get((kind, name))
            yield Change("-", kind, name, message("moved to {target}", target=target) if target else None)
        elif before[name] != after[name]:
            version = message("version {number}", number=after[name]) if kind == "flow" else None
            yield Change("~", kind, name, version)


def _pieces(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Return the pieces of each kind by their names."""
    files = list(catalog.files())
    lifecycles = list(catalog.statuses())
    return {
        "flow": {file.flow: file.version for file in files},
        "step": {name: at.step for name, at in catalog.steps().items()},
        "status": {
            f"{file.subject}.{name}": each for file, lifecycle in lifecycles for name, each in lifecycle.states.items()
        },
        "transition": {
            f"{file.flow}.{each.name}": each for file, lifecycle in lifecycles for each in lifecycle.transitions
        },
        "notice": {f"{file.flow}.{name}": notice for file, name, notice, _ in catalog.notices()},
        "command": {f"/{name}": branches for name, branches in _open(files, "command:").items()},
        "draft": {file.flow: file.draft for file in files if file.draft},
        "anywhere": _open(files, ""),
        "list": {name: items for file in files for name, items in file.lists.items()},
        "phrases": {file.flow: file.phrases for file in files if file.phrases},
        "hook": dict.fromkeys(_hooks(catalog)),
    }


def _open(files: list[FlowFile], prefix: str) -> dict[str, list[Any]]:
    """Return the branches open anywhere by what opens them: those with a prefix, or those that are no commands."""
    found: dict[str, list[Any]] = {}
    for file in files:
        for branch in file.anywhere:
            key = cause_of(branch)
            if key.startswith("command:") == bool(prefix):
                found.setdefault(key.removeprefix(prefix), []).append(branch)
    return found


def _moved(catalog: Catalog) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for file in catalog.files():
        found |= {("step", f"{file.flow}.{old}"): full_name(file.flow, new) for old, new in file.moved.items()}
        moved = file.status.moved if file.status else {}
        found |= {("status", f"{file.subject}.{old}"): f"{file.subject}.{new}" for old, new in moved.items()}
    return found


def _hooks(catalog: Catalog) -> set[str]:
    """Return the names of the roles, guards, actions and sources that flows use."""
    return {name for file in catalog.files() for name in _called(file)} - catalog.labels().keys()


def _called(value: Any) -> Iterator[str]:
    if isinstance(value, Call):
        yield value.name
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _called(getattr(value, name))
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _called(each)
