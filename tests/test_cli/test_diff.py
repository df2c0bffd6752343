"""`zavhoz diff`: what a change of the flows means for those who are in the middle of something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from storage.database.process_lock import acquire_process_lock
from storage.database.runner import open_runner
from storage.dialogs import conversations
from tests.flow_editing import Editor
from tests.records import a_person, a_request, private_key
from tests.transcripts import SharedTextSnapshot, TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from storage.database.runner import Transaction
    from tests.test_cli.conftest import Zavhoz


@pytest.fixture
def old(folder: Path) -> Editor:
    return Editor(folder / "old")


@pytest.fixture
def new(folder: Path) -> Editor:
    return Editor(folder / "new")


def write(url: str, *works: Callable[[Transaction], object]) -> None:
    """Change the database."""

    async def run() -> None:
        runner = open_runner(url)
        for work in works:
            await runner.run(work)
        await runner.close()

    asyncio.run(run())


def standing_in(number: int, *frames: dict[str, Any]) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        stored = conversations.load(tx, private_key(number))
        stored.state = {"frames": [{"step": "main.menu"}, *frames]}
        conversations.save(tx, stored)

    return work


def with_status(status: str) -> Callable[[Transaction], object]:
    return lambda tx: a_request(tx, a_person(tx, 9), status=status)


def much_else(new: Editor) -> None:
    """Change a bit of everything."""
    new.rename_step("request.place", "where")
    new.rename_step("request.mine_finished", "done_ones")
    new.replace("request.yaml", "version: 1", "version: 2\nmoved: {place: where}")
    new.replace("main.yaml", "{command: help,", "{command: manual,")
    new.replace("main.yaml", "busy: Секунду…", "busy: Минуту…")
    new.replace("request.yaml", "label: Подождёт", "label: Терпит")
    new.replace("request.yaml", "{in: 1d, go: resume,", "{in: 2d, go: resume,")

    def changed(flow: dict[str, Any]) -> None:
        status = flow["status"]
        status["states"]["waits"] = status["states"].pop("on_hold")
        status["states"]["put_off"] = {"label": "отложена надолго", "stage": "paused"}
        status["states"]["rejected"]["label"] = "не берём"
        status["moved"] = {"rejected_long_ago": "rejected"}
        for each in status["transitions"]:
            each["to"] = {"on_hold": "waits"}.get(each["to"], each["to"])
            sources = each["from"] if isinstance(each["from"], list) else [each["from"]]
            each["from"] = [{"on_hold": "waits"}.get(name, name) for name in sources]
        put_off = {"name": "put_off", "label": "Надолго", "from": "open", "to": "put_off", "by": "manager"}
        back = {"name": "recall", "label": "Вернуть", "from": "put_off", "to": "open", "by": "manager"}
        status["transitions"] = [each for each in status["transitions"] if each["name"] != "cancel_own"]
        status["transitions"] += [put_off, back]
        status["states"].pop("cancelled")
        flow["notices"].pop("withdrawn")
        flow["notices"]["released"]["to"] = flow["notices"]["reopened"]["to"] = "manager"
        flow["notices"]["recalled"] = {"to": "viewer", "text": "Вернули"}
        back["tell"] = "recalled"
        flow["anywhere"] = [each for each in flow["anywhere"] if "reply_to" not in each]

    new.edit("request.yaml", changed)


def much_is_concerned(url: str) -> None:
    """Let people be in the middle of what `much_else` changes."""
    asking = {"step": "request.card", "about": 1, "pending": {"transition": "cancel_own", "answers": {}}}
    write(
        url,
        standing_in(1, {"step": "request.place"}),
        standing_in(2, {"step": "request.mine_finished"}, asking),
        standing_in(3, {"step": "request.mine_finished"}),
        *map(with_status, ["on_hold", "on_hold", "cancelled", "rejected_long_ago", "open"]),
    )


def test_what_changes_and_who_is_concerned_is_told(
    zavhoz: Zavhoz, old: Editor, new: Editor, database_url: str, snapshot: SnapshotAssertion
) -> None:
    much_else(new)
    much_is_concerned(database_url)

    result = zavhoz("diff", "old", "new", "--database", database_url)

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == snapshot(extension_class=SharedTextSnapshot)


def test_the_same_is_told_in_russian(
    zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str, snapshot: SnapshotAssertion
) -> None:
    much_else(new)
    much_is_concerned(sqlite_url)

    result = zavhoz("diff", "old", "new", "--database", sqlite_url, "--lang", "ru")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == snapshot(extension_class=TextSnapshot)


def test_nobody_and_nothing_is_told_in_russian(zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str) -> None:
    result = zavhoz("diff", "old", "new", "--database", sqlite_url, "--lang", "ru")
    assert result.stdout == "Ничего не меняется.\n\nВсе стоят там, где в новых сценариях что-то есть.\n"


def test_nobody_is_stranded_where_everything_was_moved(
    zavhoz: Zavhoz, old: Editor, new: Editor, database_url: str
) -> None:
    new.rename_step("request.place", "where")
    new.replace("request.yaml", "version: 1", "version: 1\nmoved: {place: where}")
    write(database_url, standing_in(1, {"step": "request.place"}))

    result = zavhoz("diff", "old", "new", DATABASE_URL=database_url)

    assert result.exit_code == 0
    assert result.stdout.endswith(
        "Who stands where the new flows have nothing:\n"
        "  1 conversation in the step request.place: moved to request.where\n"
        "Nobody would be stranded.\n"
    )


def test_a_conversation_in_a_removed_step_counts(zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str) -> None:
    new.rename_step("request.place", "where")
    write(sqlite_url, standing_in(1, {"step": "request.place"}))
    assert zavhoz("diff", "old", "new", "--database", sqlite_url).exit_code == 1


def test_the_same_flows_change_nothing_beside_a_running_bot(
    zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str
) -> None:
    write(sqlite_url, with_status("open"))
    with acquire_process_lock(sqlite_url):
        result = zavhoz("diff", "old", "new", "--database", sqlite_url)
    assert (result.exit_code, result.stdout) == (
        0,
        "Nothing changes.\n\nNobody stands where the new flows have nothing.\n",
    )


def test_requests_of_a_flow_that_is_gone_are_told(zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str) -> None:
    new.leave_only_a_menu()
    write(sqlite_url, with_status("open"), with_status("open"))
    result = zavhoz("diff", "old", "new", "--database", sqlite_url)
    assert result.exit_code == 1
    assert "  2 requests in the status open: the flows are refused; put its flow back\n" in result.stdout

    refused = zavhoz("run", FLOWS_DIR="new", DATABASE_URL=sqlite_url, BOT_TOKEN="4200000001:" + "A" * 35)
    assert refused.exit_code == 1
    assert refused.stderr == (
        'new:1:1: no flow has the subject "request", and 2 requests stand in the status "open"; put its flow back\n'
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("diff nowhere new", "nowhere:1:1: nowhere is no folder; name the folder of flows\n"),
        ("diff old nowhere", "nowhere:1:1: nowhere is no folder; name the folder of flows\n"),
        ("diff old new --database mysql://x", "zavhoz: --database: names an unknown database, 'mysql'"),
        ("diff old new --database sqlite:///none.db", "zavhoz: --database: there is no file none.db; "),
    ],
)
def test_what_cannot_be_compared_is_named(zavhoz: Zavhoz, old: Editor, new: Editor, words: str, told: str) -> None:
    result = zavhoz(*words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert not (new.path.parent / "none.db").exists()


def test_new_flows_with_mistakes_are_not_compared(zavhoz: Zavhoz, old: Editor, new: Editor, sqlite_url: str) -> None:
    new.replace("main.yaml", "go: request.mine}", "go: request.mien}")
    result = zavhoz("diff", "old", "new", "--database", sqlite_url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'unknown step "request.mien"' in result.stderr
