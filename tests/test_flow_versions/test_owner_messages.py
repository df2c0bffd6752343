"""Whoever keeps the flows is told in the chat that changed ones are refused, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.flow_versions.owner_messages import OwnerMessages, listing
from engine.i18n import message
from engine.markup import length, parse
from engine.problems import Position, Problem
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, Town
from tests.flow_editing import Editor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.scenarios.clock import ManualClock
    from storage.database.transaction import Transaction
    from tests.conversation import Actor

REFUSED = "⚠️ Изменённые сценарии не приняты: в них ошибки. Бот работает по прежним."
HEAD = message("The changed flows are not used, those before go on:")
HELP = "❓ Помощь, go: help"


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path / "flows")


@pytest_asyncio.fixture
async def town(database_url: str, editor: Editor, clock: ManualClock) -> AsyncIterator[Town]:
    folder = editor.folder()
    town = Town(database_url, folder.read(), clock=clock, folder=folder)
    yield town
    await town.app.close()


async def refused(town: Town) -> None:
    """Reload flows with a mistake, and let the messages arrive."""
    assert not await town.reload()
    await town.until_idle()


async def accepted(town: Town) -> None:
    """Reload flows in order, and let the messages arrive."""
    assert await town.reload()
    await town.until_idle()


async def test_an_owner_is_told_of_a_mistake_where_it_stands_and_what_to_try(
    town: Town, editor: Editor, sergey: Actor, anna: Actor
) -> None:
    await anna.say("/start")
    before = anna.texts
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    assert (
        sergey.text == f"{REFUSED}\n\nmain.yaml, строка 50, знак 30\nтакого имени нет: шаг «hlep»; может быть, «help»?"
    )
    assert anna.texts == before


async def test_an_owner_who_never_came_is_left_out(town: Town, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    chats = await town.query("SELECT DISTINCT chat_id FROM outbox WHERE dedupe_key = 'flows'")
    assert chats == [(MANAGER_ID,)]
    assert SECOND_MANAGER_ID in town.owners


async def test_the_same_mistakes_are_told_once_and_others_again(town: Town, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    told = sergey.texts
    await refused(town)
    assert sergey.texts == told
    editor.replace("main.yaml", "❓ Помощь, go: hlep", "❓ Помощь, go: halp")
    await refused(town)
    assert [each for each in sergey.texts if each not in told] == [
        f"{REFUSED}\n\nmain.yaml, строка 50, знак 30\nтакого имени нет: шаг «halp»; может быть, «help»?"
    ]


async def test_flows_in_order_after_a_refusal_are_told_once(town: Town, editor: Editor, sergey: Actor) -> None:
    before = sergey.texts
    await accepted(town)
    assert sergey.texts == before
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    editor.replace("main.yaml", "❓ Помощь, go: hlep", HELP)
    await accepted(town)
    assert sergey.text == "✅ Изменённые сценарии теперь в порядке, бот работает по ним."
    told = sergey.texts
    await accepted(town)
    assert sergey.texts == told
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    assert sergey.text.startswith(REFUSED)


async def test_a_start_with_flows_in_order_after_a_refusal_is_told(town: Town, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    await town.restart()
    await town.app.runner.run(town.app._prepare)
    await town.until_idle()
    assert sergey.text.startswith("✅ Изменённые сценарии теперь в порядке")


async def test_a_status_that_requests_have_is_asked_back_in_russian(
    town: Town, editor: Editor, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await town.execute("UPDATE requests SET status = 'lost'")
    await refused(town)
    said = sergey.text.splitlines()
    assert said[0] == REFUSED
    assert said[3] == (
        "статуса «lost» больше нет, а в нём 1 предмет «request»; "
        + "напишите в разделе «status», что теперь вместо него: «moved: {lost: open}»"
    )


async def test_of_two_processes_that_read_the_same_files_one_tells(town: Town, editor: Editor, sergey: Actor) -> None:
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    told = sergey.texts
    other = Town(town.url, town.flows, clock=town.clock, folder=editor.folder())
    assert not await other.reload()
    await other.app.close()
    await town.until_idle()
    assert sergey.texts == told


async def test_owners_are_not_told_where_the_setting_says_so(
    sqlite_url: str, editor: Editor, clock: ManualClock
) -> None:
    folder = editor.folder()
    quiet = Town(sqlite_url, folder.read(), clock=clock, folder=folder, tell_owners=False)
    sergey = await quiet.arrive(MANAGER_ID, "Сергей")
    before = sergey.texts
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(quiet)
    assert sergey.texts == before
    assert await quiet.query("SELECT key FROM settings") == []
    await quiet.app.close()


async def test_an_owner_who_blocked_the_bot_is_sent_nothing(town: Town, editor: Editor, sergey: Actor) -> None:
    await town.execute("UPDATE users SET unreachable_since = :now", now=town.clock.now)
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    assert await town.value("SELECT count(*) FROM outbox WHERE dedupe_key = 'flows'") == 0


async def test_what_is_told_and_that_it_was_told_are_one_transaction(
    town: Town, sergey: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = OwnerMessages(town.app.bot.id, town.owners).tell_refused
    problems = [Problem(Position("main.yaml", 1, 1), message("the file is empty"))]

    def fails(tx: Transaction) -> None:
        tell(tx, problems)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await town.app.runner.run(fails)
    assert await town.value("SELECT count(*) FROM settings") == 0
    await town.app.runner.run(lambda tx: tell(tx, problems))
    await town.until_idle()
    assert sergey.text == f"{REFUSED}\n\nmain.yaml, строка 1, знак 1\nфайл пуст"


async def test_the_console_speaks_the_language_of_the_locale(
    sqlite_url: str, editor: Editor, clock: ManualClock
) -> None:
    folder = editor.folder()
    town = Town(sqlite_url, folder.read(), clock=clock, folder=folder, language="ru")
    editor.replace("main.yaml", HELP, "❓ Помощь, go: hlep")
    await refused(town)
    editor.replace("main.yaml", "❓ Помощь, go: hlep", HELP)
    await accepted(town)
    place = f"{editor.path}/main.yaml:50:30"
    assert town.said == [
        f"Изменённые сценарии не приняты, бот работает по прежним:\n{place}: такого имени нет: шаг «hlep»; "
        + "может быть, «help»?",
        "Изменённые сценарии работают.",
    ]
    await town.app.close()


def mistakes(number: int, words: str = "x") -> list[Problem]:
    """Return so many mistakes."""
    return [
        Problem(Position("a/main.yaml", line + 1, 1), message('unknown step "{name}"', name=words))
        for line in range(number)
    ]


def test_five_mistakes_are_shown_and_the_rest_counted() -> None:
    assert listing(HEAD, mistakes(5)).count("<b>main.yaml") == 5
    assert "и ещё" not in listing(HEAD, mistakes(5))
    assert listing(HEAD, mistakes(12)).count("<b>main.yaml") == 5
    assert listing(HEAD, mistakes(12)).endswith("\n\nи ещё 7")


def test_words_of_the_flows_are_no_markup() -> None:
    said = parse(listing(HEAD, mistakes(1, "<b>&lt;"))).text
    assert said.endswith("неизвестный шаг «<b>&lt;»")


def test_however_long_mistakes_are_the_message_fits() -> None:
    long = [
        Problem(Position(f"{'б' * 120}.yaml", 10**6, 10**6), message('unknown step "{name}"', name="🔧" * 3000))
        for _ in range(9)
    ]
    assert length(parse(listing(HEAD, long)).text) < 4096
