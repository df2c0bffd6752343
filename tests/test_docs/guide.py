"""The guide for those who edit flows, taken apart: its examples, its traps, the messages that it explains."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import check_folder
from engine.reading.yaml_reader import read

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "flows.ru.md").read_text(encoding="utf-8")
ANCHOR = "      - {text: ❓ Помощь, go: help}\n"
"""A button of the shipped menu; the traps of the guide are put in its place."""

_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# my_flows/(\w+\.yaml)\n")
_SCENARIO = re.compile(r"# my_flows/tests/(\w+\.yaml)\n")
_TRAP = re.compile(r"# так (нельзя|можно)(?:: (.+))?\n")


@dataclass(frozen=True)
class Example:
    """A change of one flow file that the guide shows, and the section that shows it."""

    section: str
    file: str
    change: dict[str, Any]


@dataclass(frozen=True)
class Trap:
    """A button of the menu as somebody writes it; `message` is what the check says of it, if anything."""

    lines: str
    message: str | None


def examples() -> list[Example]:
    """Return the changes of the guide in their order."""
    found = []
    for section in re.split(r"^## ", GUIDE, flags=re.MULTILINE)[1:]:
        for block in _BLOCK.findall(section):
            file = _FILE.match(block)
            if file:
                document = read(file[1], block)
                assert document.problems == []
                found.append(Example(section.partition("\n")[0], file[1], document.data))
    return found


def scenarios() -> dict[str, str]:
    """Return the scenarios of the guide, by the names of their files."""
    found = ((_SCENARIO.match(block), block) for block in _BLOCK.findall(GUIDE))
    return {file[1]: block for file, block in found if file}


def traps() -> list[Trap]:
    """Return what the guide shows of YAML's traps, wrong and right."""
    found = []
    for block in _BLOCK.findall(GUIDE):
        trap = _TRAP.match(block)
        if trap:
            found.append(Trap(block[trap.end() :], trap[2]))
    return found


def copy_of_shipped(folder: Path) -> Path:
    """Copy the shipped flows and return the folder."""
    for path in (ROOT / "flows").glob("*.yaml"):
        shutil.copy(path, folder)
    return folder


def apply(example: Example, folder: Path) -> None:
    """Make the change in the copy of the flows."""
    path = folder / example.file
    merged = _merged(read(example.file, path.read_text(encoding="utf-8")).data, example.change)
    path.write_text(yaml.safe_dump(merged, allow_unicode=True, sort_keys=False), encoding="utf-8")


def put(trap: Trap, folder: Path) -> None:
    """Write the trap among the buttons of the menu."""
    path = folder / "main.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(ANCHOR) == 1
    indented = "".join(f"      {line}\n" for line in trap.lines.splitlines())
    path.write_text(text.replace(ANCHOR, indented), encoding="utf-8")


def complaints(folder: Path) -> list[str]:
    """Return what the check says of the flows in `folder`, in Russian."""
    return [problem.render("ru") for problem in check_folder(folder, build_hooks(), ZoneInfo("Europe/Moscow"))]


def _merged(before: Any, change: Any) -> Any:
    """Return what a reader of the guide makes of `before`: keys are added, list items are found by their names."""
    if isinstance(before, dict) and isinstance(change, dict):
        return before | {key: _merged(before.get(key), value) for key, value in change.items()}
    if isinstance(before, list) and isinstance(change, list) and all(isinstance(item, dict) for item in change):
        return _with_items(before, change)
    return change


def _with_items(before: list[Any], change: list[dict[str, Any]]) -> list[Any]:
    named = {item["name"]: item for item in change if "name" in item}
    kept = [_merged(item, named.pop(item["name"], {})) if "name" in item else item for item in before]
    return [*kept, *(item for item in change if item.get("name") in (None, *named))]
