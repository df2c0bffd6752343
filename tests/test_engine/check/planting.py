"""One mistake planted in the shipped flows, and all that the check says of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import check_folder
from tests.conversation import MOSCOW, SHIPPED
from tests.flow_editing import Editor

if TYPE_CHECKING:
    from pathlib import Path

HOOKS = build_hooks()


@dataclass(frozen=True, slots=True)
class Mistake:
    """An edit: in `file` the words `before`, which stand there once, become `after`. `messages` are exact."""

    name: str
    file: str
    before: str
    after: str
    messages: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def said_of(mistake: Mistake, folder: Path) -> tuple[str, ...]:
    """Return what the check says of the shipped flows with the mistake in them, with paths inside their folder."""
    editor = Editor(folder / "flows")
    editor.replace(mistake.file, mistake.before, mistake.after)
    return tuple(str(each).replace(f"{editor.path}/", "") for each in check_folder(editor.path, HOOKS, MOSCOW))


def block(file: str, key: str) -> str:
    """Return a key of a shipped flow, written with the spaces before it, and all that stands below it."""
    lines = (SHIPPED / file).read_text("utf-8").splitlines(keepends=True)
    start = lines.index(f"{key}:\n")
    depth = len(key) - len(key.lstrip())
    inside = takewhile(lambda line: not line.strip() or line.startswith(" " * (depth + 1)), lines[start + 1 :])
    return "".join([lines[start], *inside])
