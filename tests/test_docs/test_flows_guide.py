"""The guide to the flows is true: its examples pass the check, its traps are caught, no message is missing."""

from __future__ import annotations

import ast
import re
from itertools import groupby
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest

from engine.i18n.languages import translations
from tests.test_docs.guide import (
    GUIDE,
    ROOT,
    Example,
    Trap,
    apply,
    complaints,
    copy_of_shipped,
    examples,
    put,
    traps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECTIONS = {section: list(changes) for section, changes in groupby(examples(), lambda each: each.section)}
REPORTERS = {"report": 1, "Problem": 1, "_problem": 1, "fault": 1, "Fault": 0, "UnfitError": 0}
"""Who takes a message for the person that edits flows, and as which argument."""
CHECKERS = [
    "check/*.py",
    "language/*.py",
    "templates/check.py",
    "reading/fitting.py",
    "reading/loader.py",
    "reading/misfits.py",
    "reading/yaml_reader.py",
    "durations.py",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the shipped flows."""
    return copy_of_shipped(tmp_path)


@pytest.mark.parametrize("changes", SECTIONS.values(), ids=SECTIONS)
def test_every_change_of_a_section_passes_the_check(changes: list[Example], folder: Path) -> None:
    for change in changes:
        before = (folder / change.file).read_text(encoding="utf-8")
        apply(change, folder)
        assert (folder / change.file).read_text(encoding="utf-8") != before
        assert complaints(folder) == []


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.lines.partition("\n")[0])
def test_a_trap_of_yaml_is_caught_and_its_way_out_is_not(trap: Trap, folder: Path) -> None:
    put(trap, folder)
    said = complaints(folder)
    if trap.message is None:
        assert said == []
    else:
        assert any(trap.message in line for line in said), said


def test_the_guide_has_examples_of_every_kind_of_change() -> None:
    wanted = ["текст", "шаг и кнопку", "команду", "вопрос", "причину", "статус и переход", "уведомление"]
    assert set(SECTIONS) >= {f"Добавить {what}" for what in wanted}
    assert len(traps()) == 12


def test_every_message_of_the_check_is_explained() -> None:
    table = GUIDE.partition("## Что говорит проверка")[2]
    rows = [cell for line in table.splitlines() if line.startswith("|") for cell in re.findall(r"`([^`]+)`", line)]
    explained = [re.compile(".*".join(map(re.escape, row.split("…")))) for row in rows]
    given = {message for message in _messages() if message.strip("… :;,«»")}
    missing = {message for message in given if not any(row.match(message) for row in explained)}
    assert len(given) > 50
    assert missing == set()


def _messages() -> Iterator[str]:
    """Go through the messages that the checks can give, with … for what is known only when they are given."""
    for pattern in CHECKERS:
        for path in sorted((ROOT / "engine").glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield from _said(node)


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "what":
        yield from _text(node.value)
    if isinstance(node, ast.Call):
        name: Any = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
        position = REPORTERS.get(name)
        if position is not None and len(node.args) > position:
            yield from _text(node.args[position])


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_text(node.body), *_text(node.orelse))
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "message":
        parts = Formatter().parse(translations("ru").gettext(ast.literal_eval(node.args[0])))
        yield "".join(text + ("" if value is None else "…") for text, value, *_ in parts)
