"""Scenarios are read by the reader of flows: every mistake at its file, line and column, with what to try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.scenarios import check_scenario_files, read_scenarios
from storage.models.constants import Role
from tests.test_scenarios.writing import HEAD, scenario, write

if TYPE_CHECKING:
    from pathlib import Path

    from engine.i18n import Language

ROLES = [*Role]


def said(folder: Path, text: str, language: Language = "en") -> list[str]:
    """Return what is said of a scenario, each with its line and column."""
    path = write(folder, text)
    return [each.render(language).removeprefix(f"{path}:") for each in check_scenario_files(folder, ROLES)]


def test_a_folder_without_scenarios_has_none(tmp_path: Path) -> None:
    assert read_scenarios(tmp_path, ROLES) == []


def test_short_forms_are_read_as_what_they_are_short_for(tmp_path: Path) -> None:
    talk = scenario(
        tmp_path,
        """
        - Анна: Течёт кран
          sees: Где это?
        - Анна: [Сантехника, 5]
          sees: [Заявка, Отправить]
        - Анна: {photo: кран.jpg, caption: 214}
        - sees: {Анна: Файл, Сергей: nothing}
        - wait: 90m
        - restart
        - again
        - telegram: 429
        """,
    ).file.talk
    assert talk[0].acts["Анна"].say == "Течёт кран"
    assert talk[0].sees == {"Анна": ["Где это?"]}
    assert talk[1].acts["Анна"].press == ["Сантехника", "5"]
    assert talk[1].sees == {"Анна": ["Заявка", "Отправить"]}
    assert talk[2].acts["Анна"].caption == "214"
    assert talk[3].sees == {"Анна": ["Файл"], "Сергей": ["nothing"]}
    assert talk[4].wait == timedelta(minutes=90)
    assert (talk[5].restart, talk[6].again) == (True, True)
    assert talk[7].telegram
    assert talk[7].telegram.fails == "429"


@pytest.mark.parametrize("name", ["sergei", "semen", "roger", "agata"])
def test_a_name_that_is_a_little_like_a_word_of_the_language_is_a_name(name: str, tmp_path: Path) -> None:
    head = f"scenario: Проба\npeople: {{{name}: staff}}\ntalk:\n"
    assert [*scenario(tmp_path, f"- {name}: /start", head).file.talk[0].acts] == [name]


def test_a_scenario_begins_on_a_working_morning_where_it_does_not_say_when(tmp_path: Path) -> None:
    read = scenario(tmp_path, "- Анна: /start")
    assert read.file.at == datetime(2026, 3, 2, 11, 0)  # noqa: DTZ001 - by the organisation's clock
    assert read.transcript == tmp_path / "tests" / "probe.txt"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- Ана: /start", '4:5: nobody is called "Ана" in this scenario; did you mean "Анна"?'),
        ("- see: {Анна: Меню}", '4:5: unknown key "see"; did you mean "sees"?'),
        ("- sees: {Ана: Меню}", '4:12: nobody is called "Ана" in this scenario; did you mean "Анна"?'),
        (
            "- telegram: {fails: 500, to: Борис}",
            '4:28: nobody is called "Борис" in this scenario; try one of: Анна, Сергей',
        ),
        ("- together: [{Ана: [Взять]}]", '4:17: nobody is called "Ана" in this scenario; did you mean "Анна"?'),
        ("- wait: долго", "4:11: expected a span of time such as 30s, 15m, 24h or 7d"),
        ("- Анна: {foto: кран.jpg}", '4:12: unknown key "foto"; did you mean "photo"?'),
        ("- Анна: {caption: Кран}", "4:11: say one thing that is done: say, press, photo, album, document, edit, "),
        ("- Анна: {say: Кран, photo: кран.jpg}", "4:11: say one thing that is done: say, press, photo, album, docum"),
        ("- Анна: {say: Кран, caption: Течёт}", '4:11: "caption" does not go with "say"'),
        ("- Анна: {photo: a.jpg, on: Кран}", '4:11: "on" does not go with "photo"'),
        ("- Анна: {album: [a.jpg]}", "4:11: an album has 2 to 10 photos or documents"),
        ("- {Анна: Кран, wait: 1d}", "4:5: two things happen in one line: give each a line of its own"),
        ("- telegram: 418", "4:15: '418' does not serve here; expected '400', '403', '429', '500', 'down' or 'lost'"),
        ("- Анна: {press: Взять, times: 50}", "4:33: expected 10 or less, got 50"),
        ("- Анна:", '4:5: nothing stands behind "Анна"; write it, or take the key out'),
        ("- Анна: true", "4:11: expected keys with values, got True"),
    ],
)
def test_a_mistake_is_reported_with_its_place(line: str, message: str, tmp_path: Path) -> None:
    found = said(tmp_path, f"{HEAD}  {line}\n")
    assert [each[: len(message)] for each in found] == [message]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            HEAD.replace("staff", "stuff") + "  - Анна: /start\n",
            ['2:16: there is no role "stuff"; did you mean "staff"?'],
        ),
        (HEAD.replace("people", "peple") + "  - Анна: /start\n", ['2:1: unknown key "peple"; did you mean "people"?']),
        (f"at: завтра\n{HEAD}  - Анна: /start\n", ["1:5: expected a moment such as 2026-03-02 09:00"]),
        (HEAD + "  []\n", ["4:3: this list is empty; write an item"]),
        ("scenario: Проба\n", ['1:1: "people" is missing here', '1:1: "talk" is missing here']),
    ],
)
def test_mistakes_outside_of_the_talk_are_reported(text: str, messages: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, text) == messages


def test_a_scenario_with_a_mistake_is_said_in_russian(tmp_path: Path) -> None:
    text = HEAD + "  - Ана: /start\n"
    assert said(tmp_path, text, "ru") == ["4:5: в этой проверке никого не зовут «Ана»; может быть, «Анна»?"]


def test_two_scenarios_with_one_name_are_reported_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "  - Анна: /start\n", "first.yaml")
    path = write(tmp_path, HEAD + "  - Анна: /menu\n", "second.yaml")
    (problem,) = check_scenario_files(tmp_path, ROLES)
    assert str(problem) == (
        f'{path}:1:11: the scenario "Проба" stands in two files; see {tmp_path / "tests" / "first.yaml"}'
    )
