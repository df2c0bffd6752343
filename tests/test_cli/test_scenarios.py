"""`zavhoz test`: what it prints, keeps and exits with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.flow_editing import Editor
from tests.test_scenarios.writing import HEAD, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.test_cli.conftest import Zavhoz

GOOD = f"{HEAD}  - Анна: [Помощь]\n    sees: Как сообщить о поломке\n"
BAD = f"{HEAD}  - Анна: [Помощь]\n    sees: Нет такого\n".replace("Проба", "Помощь пропала")


@pytest.fixture
def flows(folder: Path) -> Path:
    """A copy of the shipped flows in the working directory, without their scenarios."""
    return Editor(folder / "flows").path


def test_a_transcript_is_kept_when_asked_and_compared_from_then_on(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, GOOD)
    first = zavhoz("test", "flows", "--lang", "en")
    assert first.exit_code == 1
    assert (
        "flows/tests/probe.txt:1:1: this scenario has no transcript yet; keep the one that came: --accept"
        in first.stdout
    )
    assert zavhoz("test", "flows", "--accept").exit_code == 0
    assert "🤖 (правка) <b>Как сообщить о поломке</b>" in (flows / "tests" / "probe.txt").read_text("utf-8")
    again = zavhoz("test", "flows", "--lang", "en")
    assert again.exit_code == 0
    assert "✓ Проба (" in again.stdout
    assert "1 scenario passed (" in again.stdout


def test_a_changed_text_is_shown_as_a_difference(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, GOOD)
    zavhoz("test", "flows", "--accept")
    Editor.at(flows).replace("main.yaml", "/my — мои заявки", "/my — ваши заявки")
    changed = zavhoz("test", "flows", "--lang", "ru")
    assert changed.exit_code == 1
    assert (
        "flows/tests/probe.txt:13:1: переписка не такая, как сохранённая; если так и нужно, сохраните новую: --accept"
        in changed.stdout
    )
    assert "    -   /my — мои заявки\n    +   /my — ваши заявки\n" in changed.stdout
    assert zavhoz("test", "flows", "--accept").exit_code == 0
    assert zavhoz("test", "flows").exit_code == 0


def test_a_scenario_that_fails_keeps_no_transcript(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, BAD)
    failed = zavhoz("test", "flows", "--accept", "--lang", "ru")
    assert failed.exit_code == 1
    assert "✗ Помощь пропала (" in failed.stdout
    assert (
        "flows/tests/probe.yaml:5:11: «Анна» не видит «Нет такого»\n    Анна жмёт «❓ Помощь»\n    🤖 (правка)"
        in failed.stdout
    )
    assert "0 проверок прошло, 1 не прошла (" in failed.stdout
    assert not (flows / "tests" / "probe.txt").exists()


def test_words_select_scenarios_and_nothing_is_said_of_the_flows(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, GOOD)
    write(flows, BAD, "other.yaml")
    chosen = zavhoz("test", "flows", "-k", "пРОБ", "--accept", "--lang", "en", "--fail-under", "100")
    assert chosen.exit_code == 0
    assert "Помощь пропала" not in chosen.stdout
    assert "steps:" not in chosen.stdout
    assert zavhoz("test", "flows", "-k", "other").exit_code == 1


def test_what_no_scenario_meets_is_listed_with_its_place(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, GOOD)
    said = zavhoz("test", "flows", "--accept", "--lang", "en")
    assert said.exit_code == 0
    assert "    steps: 2 of 21\n" in said.stdout
    assert "flows/admin.yaml:26:3: no scenario meets the step admin.pick\n" in said.stdout
    assert "flows/request.yaml:22:7: no scenario meets the deadline request.open.untaken\n" in said.stdout
    assert "no scenario meets the step main.help" not in said.stdout
    assert zavhoz("test", "flows", "--fail-under", "1").exit_code == 0
    assert zavhoz("test", "flows", "--fail-under", "50").exit_code == 1


def test_a_build_server_is_told_as_junit_does(zavhoz: Zavhoz, flows: Path, folder: Path) -> None:
    write(flows, GOOD)
    write(flows, BAD, "other.yaml")
    zavhoz("test", "flows", "--accept", "--lang", "en", "--junit", "report.xml")
    (suite,) = ET.parse(folder / "report.xml").getroot()  # noqa: S314 - we have written it ourselves
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failed, passed = suite
    assert (failed.get("classname"), failed.get("name")) == ("other", "Помощь пропала")
    assert failed[0].get("message") == 'flows/tests/other.yaml:5:11: "Анна" does not see "Нет такого"'
    assert (failed[0].text or "").startswith("Анна жмёт «❓ Помощь»")
    assert list(passed) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("Анна: [", "Ана: ["), 'flows/tests/probe.yaml:4:5: nobody is called "Ана" in this scenario'),
        ("talk: [\n", "flows/tests/probe.yaml:"),
    ],
)
def test_mistakes_in_scenarios_are_said_by_test_and_by_check(text: str, said: str, zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, text)
    played, checked = zavhoz("test", "flows", "--lang", "en"), zavhoz("check", "flows", "--lang", "en")
    assert (played.exit_code, checked.exit_code) == (2, 1)
    assert said in played.stderr
    assert said in checked.stderr


def test_mistakes_in_the_flows_come_first(zavhoz: Zavhoz, flows: Path) -> None:
    write(flows, GOOD)
    Editor.at(flows).replace("main.yaml", "go: request.mine", "go: request.mein")
    said = zavhoz("test", "flows", "--lang", "en")
    assert said.exit_code == 2
    assert 'unknown step "request.mein"; did you mean "request.mine"?' in said.stderr


def test_a_folder_without_scenarios_is_said_so(zavhoz: Zavhoz, flows: Path) -> None:
    said = zavhoz("test", "flows", "--lang", "ru")
    assert said.exit_code == 5
    assert said.stderr == "в папке flows/tests нет такой проверки\n"
