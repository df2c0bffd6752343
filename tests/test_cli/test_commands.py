"""`zavhoz check`, `run` on flows with mistakes, `graph`, `schema`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conversation import SHIPPED
from tests.processes import ROOT, TOKEN
from tests.transcripts import TextSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.test_cli.conftest import Zavhoz


@pytest.fixture
def broken(folder: Path) -> Path:
    """The shipped flows with a mistake in each of two files."""
    copy = folder / "broken"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, right, wrong in (
        ("main.yaml", "go: request.mine}", "go: request.mien}"),
        ("request.yaml", "do: create_request,", "do: create_reqest,"),
    ):
        text = (copy / name).read_text("utf-8")
        assert text.count(right) == 1
        (copy / name).write_text(text.replace(right, wrong), "utf-8")
    return copy


def test_the_shipped_flows_are_in_order(zavhoz: Zavhoz) -> None:
    result = zavhoz("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "The flows are in order.\n", "")


def test_a_folder_of_ones_own_is_checked_by_its_name(zavhoz: Zavhoz) -> None:
    assert zavhoz("check", str(SHIPPED)).exit_code == 0


@pytest.mark.parametrize("words", ["check broken", "run"])
def test_every_mistake_of_every_file_is_told_at_once(zavhoz: Zavhoz, broken: Path, words: str) -> None:
    result = zavhoz(*words.split(), FLOWS_DIR="broken", BOT_TOKEN=TOKEN)

    assert result.exit_code == 1
    assert result.stdout == ""
    told = [re.fullmatch(r"(\S+):(\d+):(\d+): (.*)", line) for line in result.stderr.splitlines()]
    assert [line and line.group(1, 4) for line in told] == [
        ("broken/main.yaml", 'unknown step "request.mien"; did you mean "request.mine"?'),
        ("broken/request.yaml", 'unknown action "create_reqest"; did you mean "create_request"?'),
    ]
    assert list(broken.parent.iterdir()) == [broken]


@pytest.mark.parametrize("words", ["check broken", "graph broken", "run"])
def test_a_file_that_cannot_be_opened_is_a_mistake_like_another(zavhoz: Zavhoz, broken: Path, words: str) -> None:
    (broken / "d.yaml").symlink_to("nowhere.yaml")
    result = zavhoz(*words.split(), FLOWS_DIR="broken", BOT_TOKEN=TOKEN)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[0] == (
        "broken/d.yaml:1:1: this file cannot be read: it is a link that leads nowhere; "
        "take the link out of the folder, or make it lead to a file"
    )


def test_flows_that_do_not_fit_the_schema_are_not_drawn(zavhoz: Zavhoz, broken: Path) -> None:
    (broken / "main.yaml").write_text("flow: main\nstpes: {}\n", "utf-8")

    result = zavhoz("graph", "broken")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == 'broken/main.yaml:2:1: unknown key "stpes"; did you mean "steps"?\n'


@pytest.mark.parametrize("command", ["check", "graph"])
def test_a_missing_folder_is_named(zavhoz: Zavhoz, command: str) -> None:
    result = zavhoz(command, "nowhere")
    assert result.exit_code == 1
    assert result.stderr == "nowhere:1:1: nowhere is no folder; name the folder of flows\n"


def test_a_folder_without_flows_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "empty").mkdir()
    result = zavhoz("check", "empty")
    assert result.exit_code == 1
    assert result.stderr == "empty:1:1: empty holds no *.yaml file; name the folder of flows\n"


@pytest.mark.parametrize("command", ["check", "graph", "schema", "run"])
def test_an_unusable_setting_stops_the_commands_that_need_it(zavhoz: Zavhoz, command: str) -> None:
    result = zavhoz(command, TIMEZONE="Mars")
    assert result.exit_code == (0 if command == "schema" else 2)
    assert "Traceback" not in result.stderr


def test_the_flows_and_the_life_of_a_request_are_drawn(zavhoz: Zavhoz, snapshot: SnapshotAssertion) -> None:
    result = zavhoz("graph")
    assert result.exit_code == 0
    assert result.stdout == snapshot(extension_class=TextSnapshot)


def test_the_schema_is_written_as_json(zavhoz: Zavhoz) -> None:
    result = zavhoz("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_without_a_command_the_manual_is_shown(zavhoz: Zavhoz) -> None:
    result = zavhoz()
    assert "Run the bot." in result.output
    assert all(command in result.output for command in ("run", "check", "graph", "schema"))


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "check"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)  # noqa: S603, PLW1510 - our own words; its exit code is looked at
    assert (done.returncode, done.stdout, done.stderr) == (0, "The flows are in order.\n", "")
