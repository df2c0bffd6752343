"""What lies in a folder of flows and is none, planted beside the shipped flows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bot.flow_versions.folder import FlowFolder
from bot.helpdesk.hooks.registry import build_hooks
from engine.flows import check_folder
from engine.problems import FlowError
from engine.reading.files import MEGABYTES
from tests.conversation import MOSCOW
from tests.flow_editing import Editor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FLOW = "flow: other\nsteps: {}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the shipped flows."""
    return Editor(tmp_path / "flows").path


def said(folder: Path) -> list[str]:
    return [str(each).removeprefix(f"{folder}/") for each in check_folder(folder, build_hooks(), MOSCOW)]


def written(name: str, content: bytes = FLOW.encode()) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


TOO_BIG = f"this file is larger than {MEGABYTES} MB; flows are small: split it, or take it out of the folder"


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (
            written("other.yml"),
            'other.yml:1:1: "other.yml" is not read: names of flow files end in .yaml; rename it to other.yaml',
        ),
        (
            written("OTHER.YAML"),
            'OTHER.YAML:1:1: "OTHER.YAML" is not read: names of flow files end in .yaml; rename it to OTHER.yaml',
        ),
        (
            lambda folder: (folder / "other.yaml").mkdir(),
            "other.yaml:1:1: this is a folder, not a file; flows are files: take it out of the folder of flows",
        ),
        (
            lambda folder: os.mkfifo(folder / "other.yaml"),
            "other.yaml:1:1: this is no file; take it out of the folder of flows",
        ),
        (
            lambda folder: (folder / "other.yaml").symlink_to("other.yaml"),
            "other.yaml:1:1: this file cannot be read: it is a link that leads to itself; "
            "take the link out of the folder, or make it lead to a file",
        ),
        (
            lambda folder: (folder / "other.yaml").symlink_to("nowhere"),
            "other.yaml:1:1: this file cannot be read: it is a link that leads nowhere; "
            "take the link out of the folder, or make it lead to a file",
        ),
        (written("other.yaml", b"# " + b"x" * MEGABYTES * 1_000_000), f"other.yaml:1:1: {TOO_BIG}"),
        (
            written("other.yaml", "flow: other\n# Заявка\n# Зая".encode() + "вка".encode("cp1251")),
            "other.yaml:3:6: this is no YAML: the file is not in UTF-8; save it in UTF-8",
        ),
        (
            written("other.yaml", FLOW.encode("utf-16")),
            "other.yaml:1:1: this is no YAML: the file is not in UTF-8; save it in UTF-8",
        ),
    ],
    ids=["yml", "capitals", "folder", "pipe", "link to itself", "link to nothing", "huge", "cp1251", "utf-16"],
)
def test_what_cannot_be_read_as_a_flow_is_reported_once(
    folder: Path, plant: Callable[[Path], object], message: str
) -> None:
    plant(folder)
    assert said(folder) == [message]


@pytest.mark.parametrize("name", [".#request.yaml", "._request.yaml", ".hidden.yml", "request.yaml~", "main.yaml.bak"])
def test_what_editors_and_systems_leave_beside_flows_is_no_flow(folder: Path, name: str) -> None:
    watched = FlowFolder(folder, build_hooks(), MOSCOW)
    watched.read()
    (folder / name).write_bytes(b"\x00\x05\x16\x07")
    assert (said(folder), watched.has_changed()) == ([], False)


def test_the_lock_of_an_editor_which_leads_nowhere_is_no_flow(folder: Path) -> None:
    (folder / ".#request.yaml").symlink_to("anna@desk.4711")
    assert said(folder) == []


@pytest.mark.parametrize("before", ["other.yml", "other.YAML"])
def test_renaming_a_file_that_was_refused_by_its_name_is_a_change(folder: Path, before: str) -> None:
    watched = FlowFolder(folder, build_hooks(), MOSCOW)
    (folder / before).write_text("", "utf-8")
    with pytest.raises(FlowError, match="names of flow files end in"):
        watched.read()
    (folder / before).unlink()
    assert watched.has_changed()
    watched.read()
    assert not watched.has_changed()


def test_a_pipe_does_not_keep_the_watcher_waiting(folder: Path) -> None:
    watched = FlowFolder(folder, build_hooks(), MOSCOW)
    watched.read()
    os.mkfifo(folder / "other.yaml")
    assert watched.has_changed()


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_of_other_systems_shift_no_position(folder: Path, ends: str) -> None:
    text = (folder / "main.yaml").read_text("utf-8").replace("go: help", "go: hepl", 1)
    expected = said_of_text(folder, text)
    assert expected
    assert said_of_text(folder, text.replace("\n", ends)) == expected


def said_of_text(folder: Path, text: str) -> list[str]:
    (folder / "main.yaml").write_bytes(text.encode())
    return said(folder)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("start: menu\n", 'main.yaml:2:1: no flow has a "start"; say in one flow: "start: menu"'),
        ("phrases", 'main.yaml:2:1: no flow has "phrases"; one flow holds what the bot says by itself'),
    ],
)
def test_what_no_file_has_is_reported_where_the_rest_of_it_is(folder: Path, key: str, message: str) -> None:
    text = (folder / "main.yaml").read_text("utf-8")
    begin = text.index(key)
    end = text.index("\nanywhere:") if key == "phrases" else begin + len(key)
    assert said_of_text(folder, text[:begin] + text[end:]) == [message]
