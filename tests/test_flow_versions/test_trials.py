"""The scenarios of changed flows are played in a process beside the bot; what fails is told, or keeps the flows out."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.flow_versions.reloading import Trial
from bot.scenarios import trial
from bot.scenarios.trial import failures, played
from tests.conversation import MOSCOW, Town
from tests.flow_editing import Editor
from tests.test_scenarios.writing import HEAD, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.scenarios.clock import ManualClock
    from engine.problems import Problem
    from tests.conversation import Actor

BEFORE, AFTER = "<b>Как сообщить о поломке</b>", "<b>Вот как</b>"
ASKS_FOR_HELP = f"{HEAD}  - Анна: [Помощь]\n    sees: Как сообщить о поломке\n"
IN_USE = "⚠️ Изменённые сценарии работают, но не так, как записано в проверках."
NOT_USED = "⚠️ Изменённые сценарии не приняты: они идут не так, как записано в проверках. Бот работает по прежним."


@dataclass
class TriedTown(Town):
    """A town whose changed flows are tried, in this process."""

    required: bool = False

    def _options(self) -> dict[str, Any]:
        return {**super()._options(), "trial": Trial(_beside, required=self.required)}


async def _beside(folder: Path) -> list[Problem]:
    # On a thread of its own: no loop runs there.
    return await asyncio.to_thread(played, folder, MOSCOW)


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    editor = Editor(tmp_path / "flows")
    write(editor.path, ASKS_FOR_HELP)
    return editor


@pytest_asyncio.fixture
async def town(sqlite_url: str, editor: Editor, clock: ManualClock) -> AsyncIterator[TriedTown]:
    folder = editor.folder()
    town = TriedTown(sqlite_url, folder.read(), clock=clock, folder=folder)
    yield town
    await town.app.close()


async def settle(town: TriedTown) -> None:
    """Wait until the flows are tried, and deliver what is said of it."""
    assert town.app.reloader
    await town.app.reloader.drain()
    await town.until_idle()


async def test_flows_that_fail_a_scenario_are_used_and_it_is_told(
    town: TriedTown, editor: Editor, sergey: Actor
) -> None:
    editor.replace("main.yaml", BEFORE, AFTER)
    with capture_logs() as logs:
        assert await town.reload()
        await settle(town)
    assert sergey.texts[-1] == f"{IN_USE}\n\nprobe.yaml, строка 5, знак 11\n«Анна» не видит «Как сообщить о поломке»"
    assert town.said[0] == "The changed flows are in use."
    assert town.said[1].split("\n") == [
        "The changed flows are in use, but they do not go as their scenarios say:",
        f'{editor.path / "tests" / "probe.yaml"}:5:11: "Анна" does not see "Как сообщить о поломке"',
    ]
    assert [each["log_level"] for each in logs if each["event"] == "scenarios_failed"] == ["warning"]


async def test_owners_are_told_when_the_scenarios_pass_again(town: TriedTown, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", BEFORE, AFTER)
    await town.reload()
    await settle(town)
    told = len(sergey.texts)
    editor.replace("main.yaml", AFTER, BEFORE)
    await town.reload()
    assert len(sergey.texts) == told
    await settle(town)
    assert sergey.texts[told:] == ["✅ Изменённые сценарии теперь в порядке, бот работает по ним."]


async def test_flows_that_pass_are_not_talked_about(town: TriedTown, editor: Editor, sergey: Actor) -> None:
    before = sergey.texts
    editor.replace("main.yaml", "/my — мои заявки", "/my — ваши заявки")
    await town.reload()
    await settle(town)
    assert sergey.texts == before
    assert town.said == ["The changed flows are in use."]


async def test_required_scenarios_keep_flows_out_that_fail_them(
    town: TriedTown, editor: Editor, sergey: Actor, anna: Actor
) -> None:
    town.required = True
    await town.restart()
    await anna.say("/start")
    editor.replace("main.yaml", BEFORE, AFTER)
    assert not await town.reload()
    await town.until_idle()
    assert sergey.texts[-1].startswith(f"{NOT_USED}\n\nprobe.yaml, строка 5, знак 11\n")
    assert town.said[-1].startswith("The changed flows do not go as their scenarios say and are not used, those before")
    await anna.press("❓ Помощь")
    assert anna.text.startswith("Как сообщить о поломке")
    editor.replace("main.yaml", AFTER, BEFORE)
    assert await town.reload()
    await town.until_idle()
    assert sergey.texts[-1] == "✅ Изменённые сценарии теперь в порядке, бот работает по ним."


async def test_newer_flows_end_the_trial_of_those_before(town: TriedTown, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", BEFORE, AFTER)
    await town.reload()
    editor.replace("main.yaml", AFTER, BEFORE)
    await town.reload()
    await settle(town)
    assert not any(each.startswith(IN_USE) for each in sergey.texts)


async def test_a_process_beside_tells_what_fails_in_every_language(editor: Editor) -> None:
    assert await failures(editor.path, "Europe/Moscow") == []
    editor.replace("main.yaml", BEFORE, AFTER)
    (problem,) = await failures(editor.path, "Europe/Moscow")
    assert problem == played_in_a_thread(editor)[0]
    assert problem.render("ru").endswith(":5:11: «Анна» не видит «Как сообщить о поломке»")


def played_in_a_thread(editor: Editor) -> list[Problem]:
    """Play the scenarios where no loop runs."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(played, editor.path, MOSCOW).result()


async def test_mistakes_in_scenarios_are_failures_too(editor: Editor) -> None:
    write(editor.path, ASKS_FOR_HELP.replace("Анна: [", "Ана: ["))
    (problem,) = await failures(editor.path, "Europe/Moscow")
    assert problem.render("ru").endswith("в этой проверке никого не зовут «Ана»; может быть, «Анна»?")


async def test_no_process_is_started_for_a_folder_without_scenarios(tmp_path: Path) -> None:
    assert await failures(Editor(tmp_path / "without").path, "nowhere") == []


async def test_a_process_that_fails_or_hangs_is_a_failure(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    (failed,) = await failures(editor.path, "nowhere")
    monkeypatch.setattr(trial, "PATIENCE", 0.01)
    (hung,) = await failures(editor.path, "Europe/Moscow")
    assert failed == hung
    assert str(hung).endswith("the scenarios could not be played to their end; try them by hand: zavhoz test")
