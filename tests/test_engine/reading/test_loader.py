"""A folder of flow files becomes models; whatever does not fit is told at its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from engine.problems import FlowError
from engine.reading.loader import load
from tests.test_engine.laptops import FOLDER

if TYPE_CHECKING:
    from pathlib import Path


def said(folder: Path, text: str | bytes) -> list[str]:
    """Return what is said of one file, without its path."""
    path = folder / "desk.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [str(problem).removeprefix(f"{path}:") for problem in load(folder)[1]]


def test_a_whole_folder_is_read_in_the_order_of_its_names() -> None:
    flows, problems = load(FOLDER)
    assert [flow.file.flow for flow in flows] == ["front", "intake", "laptop", "loan", "people"]
    assert all(flow.complete for flow in flows)
    assert problems == []


def test_a_folder_without_flows_and_no_folder_have_different_messages(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"holds no \*\.yaml file"):
        load(tmp_path)
    with pytest.raises(FlowError, match="elsewhere is no folder"):
        load(tmp_path / "elsewhere")


def test_a_byte_order_mark_shifts_no_position(tmp_path: Path) -> None:
    assert said(tmp_path, b"\xef\xbb\xbfflow: desk\nsteps: {}\n") == []
    assert said(tmp_path, b"\xef\xbb\xbfflwo: desk\n")[0].startswith("1:1: ")


def test_a_file_in_another_encoding_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("flow: other\nsteps:\n  a: {txt: Да}\n", encoding="utf-8")
    found = said(tmp_path, "flow: desk\nsteps:\n  a: {text: Да}\n".encode("cp1251"))
    assert found[0] == "3:13: this is no YAML: the file is not in UTF-8; save it in UTF-8"
    assert any('unknown key "txt"' in line for line in found)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("link", "this file cannot be read: it is a link that leads nowhere; take the link out of the folder"),
        ("folder", "this is a folder, not a file; flows are files: take it out of the folder of flows"),
        ("locked", "this file cannot be read: the bot's user may not read it; let the bot's user read it"),
    ],
)
def test_a_file_that_cannot_be_opened_is_reported_and_the_others_are_read(tmp_path: Path, what: str, says: str) -> None:
    unreadable(tmp_path / "d.yaml", what)
    (tmp_path / "other.yaml").write_text("flow: other\nsteps: {}\n", encoding="utf-8")
    flows, problems = load(tmp_path)
    assert [flow.file.flow for flow in flows] == ["other"]
    [line] = map(str, problems)
    assert line.startswith(f"{tmp_path}/d.yaml:1:1: {says}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    tmp_path.chmod(0o000)
    with pytest.raises(FlowError, match="cannot be read: Permission denied; let the bot's user read it"):
        load(tmp_path)
    tmp_path.chmod(0o700)


def unreadable(path: Path, what: str) -> None:
    """Put there what has the name of a file and cannot be opened."""
    if what == "link":
        path.symlink_to("nowhere.yaml")
    elif what == "folder":
        path.mkdir()
    elif os.geteuid() == 0:
        pytest.skip("root reads everything")
    else:
        path.touch(mode=0o000)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("a: {text: Да, butons: []}", '3:17: unknown key "butons"; did you mean "buttons"?'),
        ("a: {text: Да, next: {go: b, whem: x}}", '3:31: unknown key "whem"; did you mean "when"?'),
        ("a: {text: Да, нет}", '3:17: "нет" became a key of its own; a comma ends words inside { }'),
        ("a: {buttons: []}", '3:6: "text" is missing here'),
        ("a: {text: 12}", "3:13: expected words or a name, got 12; put it in quotes"),
        ("a: {text: ''}", "3:13: these words are empty; say something"),
        ("a: {text: Да, about: Ящик}", "3:24: 'Ящик' is no name; names are lower-case Latin letters"),
        ("a: {text: Да, buttons: да}", "3:26: expected a list, got 'да'"),
        ("a: {text: Да, expect: 3}", "3:25: expected keys with values, got 3"),
        ("a: {text: Да, next: {go: b, back: yes}}", "3:37: expected true or false, got 'yes'"),
        ("a: {text: Да, next: {go: b, back: true}}", "3:23: a way leads in one direction, not in 2: go, back"),
    ],
)
def test_what_does_not_fit_is_reported_once_at_its_position(tmp_path: Path, line: str, at: str) -> None:
    found = said(tmp_path, f"flow: desk\nsteps:\n  {line}\n")
    assert len(found) == 1
    assert found[0].startswith(at), found[0]


def test_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("flow: a\nstpes: {}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("flow: [\n", encoding="utf-8")
    _, problems = load(tmp_path)
    assert {problem.position.path.rpartition("/")[2] for problem in problems} == {"a.yaml", "b.yaml"}


def test_the_rest_of_a_file_with_a_mistake_is_still_read(tmp_path: Path) -> None:
    text = "flow: desk\nsteps:\n  a: {text: 5}\n  b: {text: Да}\n"
    assert len(said(tmp_path, text)) == 1
    flow = load(tmp_path)[0][0]
    assert "b" in flow.file.steps
    assert not flow.complete


def test_two_flows_of_one_name_are_reported(tmp_path: Path) -> None:
    (tmp_path / "copy.yaml").write_text("flow: desk\n", encoding="utf-8")
    assert said(tmp_path, "flow: desk\n") == [f'1:7: the flow "desk" stands in two files; see {tmp_path / "copy.yaml"}']
