"""What the pages name exists: files, functions, packages, buttons, pictures."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from engine.reading.loader import load

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MANAGERS = (ROOT / "docs" / "managers.ru.md").read_text(encoding="utf-8")

_NAMED = re.compile(r"`([\w/]+\.py)`((?:\s+(?:and )?`[\w.]+`)*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_every_file_and_name_of_the_architecture_page_exists() -> None:
    named = [(path, re.findall(r"`([\w.]+)`", names)) for path, names in _NAMED.findall(ARCHITECTURE)]
    assert len(named) > 40
    missing = {(path, name) for path, names in named for name in names if name not in _defined(path)}
    assert missing == set()


def _defined(path: str) -> set[str]:
    """Return the names that a module defines, methods as Class.method."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if hasattr(each, "name")}
    return found


def test_the_architecture_page_says_of_every_package_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[=<>~!\[]", line)[0] for line in project["dependencies"]}
    table = ARCHITECTURE.partition("## Packages")[2]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == needed


def test_every_button_that_the_managers_page_names_exists() -> None:
    files = [flow.file for flow in load(ROOT / "flows")[0]]
    shown = [
        *chain.from_iterable(each.buttons for file in files for each in (*file.steps.values(), *file.notices.values()))
    ]
    labels = [each.label for file in files if file.status for each in file.status.transitions]
    known = [*labels, *(button.text for button in shown if button.text)]
    named = set(re.findall(r"\*\*([^*]+)\*\*", MANAGERS)) - {"ответьте на сообщение с заявкой"}
    assert {name for name in named if not any(label.startswith(name) for label in known)} == set()
