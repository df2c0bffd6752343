"""What is said of the flows is said in the language that was asked for, or else in that of the locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.flow_editing import Editor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.test_cli.conftest import Zavhoz

IN_ENGLISH = 'new/main.yaml:50:30: unknown step "hlep"; did you mean "help"?\n'
IN_RUSSIAN = "new/main.yaml:50:30: такого имени нет: шаг «hlep»; может быть, «help»?\n"
RUSSIAN = {"LC_ALL": "ru_RU.UTF-8"}


@pytest.fixture
def old(folder: Path) -> Editor:
    return Editor(folder / "old")


@pytest.fixture
def new(folder: Path) -> Editor:
    return Editor(folder / "new")


@pytest.mark.parametrize("words", ["check new", "diff old new"])
@pytest.mark.parametrize(
    ("option", "locale", "said"),
    [
        ("", {}, IN_ENGLISH),
        ("", RUSSIAN, IN_RUSSIAN),
        (" --lang ru", {}, IN_RUSSIAN),
        (" --lang en", RUSSIAN, IN_ENGLISH),
    ],
)
def test_a_mistake_is_said_in_the_language_of_who_reads_it(
    zavhoz: Zavhoz, old: Editor, new: Editor, words: str, option: str, locale: dict[str, str], said: str
) -> None:
    new.replace("main.yaml", "❓ Помощь, go: help", "❓ Помощь, go: hlep")
    assert zavhoz(*f"{words}{option}".split(), **locale).stderr == said


@pytest.mark.parametrize("command", ["graph nowhere --lang ru", "diff nowhere nowhere --lang ru"])
def test_a_folder_that_is_none_is_named_in_russian(zavhoz: Zavhoz, command: str) -> None:
    said = "nowhere:1:1: nowhere: такой папки нет; укажите папку со сценариями\n"
    assert zavhoz(*command.split()).stderr == said


def test_a_start_is_refused_in_russian(zavhoz: Zavhoz, new: Editor) -> None:
    new.replace("main.yaml", "❓ Помощь, go: help", "❓ Помощь, go: hlep")
    assert zavhoz("run", "--lang", "ru", FLOWS_DIR="new").stderr == IN_RUSSIAN


def test_flows_in_order_are_called_so_in_russian(zavhoz: Zavhoz, new: Editor) -> None:
    assert zavhoz("check", "new", "--lang", "ru").stdout == "Сценарии в порядке.\n"


def test_another_language_is_not_known(zavhoz: Zavhoz, new: Editor) -> None:
    result = zavhoz("check", "new", "--lang", "de")
    assert result.exit_code == 2
    assert "'de'" in result.stderr
