"""A scenario is played as it is written; what goes otherwise is reported at its line, with what came instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.scenarios.player import play
from tests.conversation import MOSCOW, SHIPPED, shipped_flows
from tests.flow_editing import Editor
from tests.test_scenarios.writing import HEAD, scenario

if TYPE_CHECKING:
    from pathlib import Path

    from bot.scenarios.outcomes import Outcome
    from engine.compiled import CompiledFlows

FILED = """
- Анна: /new
- Анна: Течёт кран
- Анна: Кабинет 214
- Анна: [Сантехника, Обычная, Отправить]
"""


class Plays:
    """Plays scenarios given by their lines, on a fresh database."""

    def __init__(self, folder: Path, url: str, flows: CompiledFlows) -> None:
        self.folder, self.url, self.flows = folder, url, flows

    async def __call__(self, talk: str, head: str = HEAD) -> Outcome:
        return await play(scenario(self.folder, talk, head), self.flows, self.url, MOSCOW)

    async def failures(self, talk: str, head: str = HEAD) -> list[str]:
        """Return what is said of a scenario that fails, each with its line and column."""
        outcome = await self(talk, head)
        return [str(each.problem).partition("probe.yaml:")[2] for each in outcome.failures]


@pytest.fixture
def plays(tmp_path: Path, sqlite_url: str, flows: CompiledFlows) -> Plays:
    return Plays(tmp_path, sqlite_url, flows)


async def test_everything_that_people_can_send_arrives(plays: Plays) -> None:
    outcome = await plays(
        """
        - Анна: /new
          sees: Новая заявка
        - Анна: {sticker: true}
          sees: Так я не пойму
        - Анна: {voice: true}
          sees: Так я не пойму
        - Анна: {album: [1.jpg, 2.jpg], caption: Разбито окно}
          sees: Где это?
        - Анна: Спортзал
        - Анна: {edit: Актовый зал}
          sees: Правку отправленного сообщения я не учитываю
        - Анна: {press: Окна и двери}
        - Анна: [Срочно]
          sees: "Файлов: 2"
        - Анна: {press: Отправить, times: 2}
          sees: Заявка №1 отправлена
        - sees: {Сергей: [Разбито окно, Взять]}
          unseen: {Сергей: "№2"}
        - Сергей: {say: Буду после обеда, reply_to: Разбито окно}
        - sees: {Анна: Буду после обеда}
        - Анна: {photo: окно.jpg, caption: Вот так, reply_to: "№1"}
        - sees: {Сергей: [Вот так, Есть вложения]}
        - Анна: {document: акт.pdf, megabytes: 25, reply_to: "№1"}
          sees: Файл слишком большой
        - Анна: {album: [акт.pdf, план.pdf]}
          sees: Это к заявке №1 или о новой поломке?
        - Анна: {press: Взять, on: Меню}
        """
    )
    assert [str(each.problem).partition("probe.yaml:")[2] for each in outcome.failures] == [
        '30:19: "Анна" has no message with "Меню"'
    ]


async def test_what_somebody_sees_is_what_came_since_the_last_thing_that_happened(plays: Plays) -> None:
    assert await plays.failures(
        f"""{FILED}
- sees: {{Сергей: Течёт кран}}
- sees: {{Сергей: Взять}}
- Сергей: [Взять]
- sees: {{Сергей: nothing}}
- sees: {{Анна: Исполнитель}}
  unseen: {{Анна: [Взять, Исполнитель]}}
- Анна: /menu
- sees: {{Сергей: nothing}}
- sees: {{Анна: Исполнитель}}
"""
    ) == [
        '12:20: "Сергей" should see nothing new, but does',
        '14:28: "Анна" sees "Исполнитель", but should not',
        '17:18: "Анна" does not see "Исполнитель"',
    ]


async def test_a_failure_shows_the_chat_as_it_came(plays: Plays) -> None:
    outcome = await plays("- Анна: /new\n- Анна: Да\n  sees: Где это?")
    (failure,) = outcome.failures
    assert failure.came.startswith("Анна: Да\n🤖 Слишком коротко: нужно хотя бы 3 символа.")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- Анна: [Мои заявка]", '4:12: "Анна" has no button "Мои заявка"; did you mean "📋 Мои заявки"?'),
        ("- Анна: [зая]", '4:12: "Анна" has several buttons with "зая"; try one of: ➕ Новая заявка, 📋 Мои '),
        ("- Анна: [Взять]", '4:12: "Анна" has no button "Взять"; try one of: ➕ Новая заявка, '),
        ("- Анна: {say: да, reply_to: Кран}", '4:11: "Анна" has no message with "Кран"'),
        ("- Новый: {edit: да}", '4:12: "Новый" has sent nothing that could be edited'),
        ("- Новый: [Взять]", '4:13: "Новый" has no button "Взять"'),
    ],
)
async def test_what_cannot_be_done_ends_the_scenario(line: str, message: str, plays: Plays) -> None:
    head = HEAD.replace("Сергей: manager", "Новый: {role: staff, known: false}")
    (said,) = await plays.failures(f"{line}\n- sees: {{Анна: Меню}}", head)
    assert said[: len(message)] == message


async def test_whoever_has_blocked_the_bot_does_nothing_more(plays: Plays) -> None:
    assert await plays.failures("- Сергей: {block: true}\n- Сергей: /menu") == [
        '5:13: "Сергей" has blocked the bot; unblock it: block: false'
    ]


async def test_a_person_who_comes_back_is_heard(plays: Plays) -> None:
    assert (
        await plays.failures("- Сергей: {block: true}\n- Сергей: {block: false}\n- Сергей: /menu\n  sees: завхоз") == []
    )


async def test_somebody_unknown_is_greeted_by_the_name_that_they_have_in_telegram(plays: Plays) -> None:
    head = HEAD.replace("Сергей: manager", "гость: {role: staff, name: Инна Ким, known: false}")
    assert await plays.failures("- гость: /start\n  sees: Здравствуйте, Инна", head) == []


async def test_time_passes_and_what_is_due_happens_at_its_moment(plays: Plays) -> None:
    outcome = await plays(
        """
        - Анна: /new
        - Анна: Течёт кран
        - wait: 23h
        - sees: {Анна: nothing}
        - wait: 7d
          sees: {Анна: [Вы начали заявку, Начатая заявка пролежала неделю]}
        """
    )
    assert outcome.failures == ()
    assert outcome.transcript.count("· · · wait: ") == 2


async def test_two_act_before_the_bot_gets_to_it(plays: Plays) -> None:
    head = HEAD.replace("Сергей: manager", "Сергей: manager, Пётр: crew")
    talk = f"{FILED}- Пётр: [Очередь, №1]\n- together: [{{Сергей: [Взять]}}, {{Пётр: [Взять]}}]\n"
    assert await plays.failures(f"{talk}  sees: {{Сергей: теперь ваша, Пётр: Заявку уже взял(а) Сергей}}", head) == []


async def test_the_bot_may_be_started_anew_and_hear_an_update_twice(plays: Plays) -> None:
    talk = "- Анна: /new\n- restart\n- Анна: Течёт кран\n  sees: Где это?\n- again\n- sees: {Анна: nothing}"
    outcome = await plays(talk)
    assert outcome.failures == ()
    assert [line for line in outcome.transcript.split("\n") if "· · ·" in line] == ["· · · restart", "· · · again"]


@pytest.mark.parametrize("fails", ["429", "500", "down", "lost"])
async def test_telegram_fails_and_nothing_is_lost(fails: str, plays: Plays) -> None:
    talk = f"- telegram: {{fails: {fails}, to: Анна}}\n- Анна: /new\n- wait: 10m\n- Анна: Течёт кран\n  sees: Где это?"
    assert await plays.failures(talk) == []


async def test_what_telegram_refuses_by_itself_is_a_failure(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.emulator.texts.TEXT_LIMIT", 40)
    plays = Plays(tmp_path, sqlite_url, shipped_flows())
    (said,) = await plays.failures("- Анна: /menu")
    assert said == "4:5: Telegram refuses what the bot sends: Bad Request: message is too long"


async def test_an_error_inside_the_bot_is_a_failure(plays: Plays, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("пусто")

    monkeypatch.setattr("engine.running.engine.Engine.handle", broken)
    assert await plays.failures(
        "- Новый: /start", HEAD.replace("Сергей: manager", "Новый: {role: staff, known: false}")
    ) == ["4:5: an error in the bot: it cannot handle this"]


async def test_flows_that_have_nothing_to_do_with_repairs_are_played_too(tmp_path: Path, sqlite_url: str) -> None:
    editor = Editor(tmp_path / "flows")
    editor.leave_only_a_menu()
    plays = Plays(editor.path, sqlite_url, shipped_flows(editor.path))
    outcome = await plays("- Анна: [Ещё раз]\n  sees: Меню")
    assert outcome.failures == ()
    assert {"step:main.menu"} < outcome.met


def test_the_shipped_flows_have_their_scenarios_beside_them() -> None:
    assert (SHIPPED / "tests").is_dir()
