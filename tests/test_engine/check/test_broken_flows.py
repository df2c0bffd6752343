"""Every kind of mistake in a flow file has a file here, and its messages a snapshot: where, what, what to try."""

from __future__ import annotations

import ast
import re
import shutil
from datetime import UTC
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from engine.flows import check_folder, load_flows
from engine.problems import FlowError
from tests.test_engine.laptops import build_hooks
from tests.transcripts import RussianSnapshot, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

    from engine.i18n import Language

HERE = Path(__file__).parent / "broken_flows"
BESIDE = HERE / "_beside" / "home.yaml"
CASES = sorted(path for path in HERE.iterdir() if not path.name.startswith("_"))
ENGINE = Path(__file__).parents[3] / "engine"
SPEAKERS = (
    "check/*.py",
    "templates/check.py",
    "templates/filters.py",
    "language/*.py",
    "reading/fitting.py",
    "reading/loader.py",
    "reading/yaml_reader.py",
)


def spread(case: Path, folder: Path) -> None:
    """Lay out one case: a folder of flows as it is, or one broken flow beside a good one."""
    if case.is_dir():
        shutil.copytree(case, folder, dirs_exist_ok=True)
    else:
        shutil.copy(case, folder / "broken.yaml")
        shutil.copy(BESIDE, folder)


UNREADABLE = {"cannot be read: {reason}", "let the bot's user read it"}
"""What is said of a folder that cannot be read, which root cannot make."""


def complaints(folder: Path, monkeypatch: pytest.MonkeyPatch, language: Language = "en") -> str:
    """Return what is said of the flows in `folder`, with paths as seen from inside it."""
    monkeypatch.chdir(folder)
    return "\n".join(each.render(language) for each in check_folder(folder, build_hooks(), UTC)) + "\n"


def refusal(folder: Path) -> str:
    """Return what is said of a folder that holds no flows."""
    with pytest.raises(FlowError) as refused:
        check_folder(folder, build_hooks(), UTC)
    return str(refused.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_mistake_is_reported_once_with_its_position(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    spread(case, tmp_path)
    assert complaints(tmp_path, monkeypatch) == snapshot(extension_class=TextSnapshot)
    assert complaints(tmp_path, monkeypatch, "ru") == snapshot(extension_class=RussianSnapshot)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_position_exists_in_its_file(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spread(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    problems = check_folder(tmp_path, build_hooks(), UTC)
    assert problems
    for problem in problems:
        lines = [*(tmp_path / problem.position.path).read_text(encoding="utf-8", errors="replace").splitlines(), ""]
        assert 1 <= problem.position.line <= len(lines)
        assert 1 <= problem.position.column <= len(lines[problem.position.line - 1]) + 1


def test_the_flow_beside_the_broken_ones_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(BESIDE, tmp_path)
    assert complaints(tmp_path, monkeypatch) == "\n"


def test_flows_with_a_mistake_are_not_loaded(tmp_path: Path) -> None:
    spread(HERE / "step_unreachable.yaml", tmp_path)
    with pytest.raises(FlowError, match="nothing leads to the step") as refused:
        load_flows(tmp_path, build_hooks(), UTC)
    assert len(refused.value.problems) == 2


def test_a_folder_without_flows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="holds no"):
        check_folder(tmp_path, build_hooks(), UTC)
    with pytest.raises(FlowError, match="is no folder"):
        check_folder(tmp_path / "nowhere", build_hooks(), UTC)


def test_every_message_the_check_can_give_is_given_by_a_broken_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for case in CASES:
        folder = tmp_path / case.stem
        folder.mkdir()
        spread(case, folder)
        said.append(complaints(folder, monkeypatch))
    # A repository holds no file that cannot be opened.
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable" / "folder.yaml").mkdir(parents=True)
    shutil.copy(BESIDE, tmp_path / "unreadable")
    said.append(complaints(tmp_path / "unreadable", monkeypatch))
    said += [refusal(tmp_path / "nowhere"), refusal(tmp_path / "empty")]
    everything = "".join(said)
    known = {pattern for path in SPEAKERS for pattern in _messages(path)} - UNREADABLE
    assert len(known) > 200
    assert sorted(pattern for pattern in known if not re.search(_expression(pattern), everything)) == []


def _messages(pattern: str) -> Iterator[str]:
    """Go through the patterns of the messages in the source of the checks."""
    # What is said of scenarios is held by their own tests.
    for path in sorted(each for each in ENGINE.glob(pattern) if each.stem not in {"scenario", "scenarios"}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "message":
                yield ast.literal_eval(node.args[0])


def _expression(pattern: str) -> str:
    """Return a regular expression for what a message may say."""
    return ".*".join(re.escape(text) for text, *_ in Formatter().parse(pattern))
