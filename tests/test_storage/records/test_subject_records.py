"""Comments, files and history of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from storage.database.errors import AppendOnlyError
from storage.models import Event, FileKind, FilePurpose
from storage.records import comments, files, history
from storage.records.files import NewFile
from storage.records.history import NewEvent
from tests.databases import count_statements
from tests.records import BOT, a_person, a_request

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction


def filed(tx: Transaction) -> tuple[int, int]:
    anna = a_person(tx, 1)
    return a_request(tx, anna).id, anna.id


async def test_the_newest_comments_come_in_the_order_they_were_written(runner: Runner, clock: ManualClock) -> None:
    request, anna = await runner.run(filed)
    for number in range(7):
        clock.advance(minutes=1)
        await runner.run(lambda tx, number=number: comments.add(tx, request, anna, f"№ {number}"))

    read = await runner.run(lambda tx: comments.of_subject(tx, request, with_internal=False, limit=3))
    assert [comment.text for comment in read] == ["№ 4", "№ 5", "№ 6"]
    assert (read[-1].author_name, read[-1].created_at) == ("Анна Петрова", clock.now)


async def test_internal_notes_are_shown_only_to_those_who_may_see_them(runner: Runner) -> None:
    request, anna = await runner.run(filed)
    await runner.run(lambda tx: comments.add(tx, request, anna, "Когда?"))
    await runner.run(lambda tx: comments.add(tx, request, anna, "Ждём деталь", internal=True))

    public = await runner.run(lambda tx: comments.of_subject(tx, request, with_internal=False))
    everything = await runner.run(lambda tx: comments.of_subject(tx, request, with_internal=True))
    assert [comment.text for comment in public] == ["Когда?"]
    assert [(comment.text, comment.is_internal) for comment in everything] == [("Когда?", False), ("Ждём деталь", True)]


async def test_a_comment_has_the_number_of_its_files(runner: Runner) -> None:
    request, anna = await runner.run(filed)

    def work(tx: Transaction) -> None:
        comment = comments.add(tx, request, anna, "")
        photo = NewFile(request, anna, BOT, "a", "b", FileKind.PHOTO, FilePurpose.COMMENT, comment_id=comment)
        files.add(tx, photo, photo)

    await runner.run(work)
    read = await runner.run(lambda tx: comments.of_subject(tx, request, with_internal=False))
    assert [(comment.text, comment.files_count) for comment in read] == [("", 2)]


async def test_a_comment_that_is_too_long_is_refused(runner: Runner) -> None:
    request, anna = await runner.run(filed)

    with pytest.raises(ValueError, match="text must be 0 to 1000"):
        await runner.run(lambda tx: comments.add(tx, request, anna, "я" * 1001))


async def test_a_comment_on_a_request_that_does_not_exist_is_refused(runner: Runner) -> None:
    _, anna = await runner.run(filed)

    with pytest.raises(IntegrityError):
        await runner.run(lambda tx: comments.add(tx, 999, anna, "Когда?"))


async def test_comments_written_lately_are_counted(runner: Runner, clock: ManualClock) -> None:
    request, anna = await runner.run(filed)
    await runner.run(lambda tx: comments.add(tx, request, anna, "раз"))
    since = clock.advance(minutes=5)
    await runner.run(lambda tx: comments.add(tx, request, anna, "два"))

    assert await runner.run(lambda tx: comments.written_since(tx, anna, since)) == 1


async def test_an_album_is_stored_in_its_order_in_one_statement(runner: Runner) -> None:
    request, anna = await runner.run(filed)
    album = [NewFile(request, anna, BOT, f"photo-{number}", "u", FileKind.PHOTO) for number in range(10)]

    with count_statements(runner) as counted:
        await runner.run(lambda tx: files.add(tx, *album))
    assert counted.verbs == ["INSERT", "COMMIT"]
    stored = await runner.run(lambda tx: files.of_subject(tx, request))
    assert [file.file_id for file in stored] == [f"photo-{number}" for number in range(10)]


async def test_files_are_read_by_what_they_show(runner: Runner) -> None:
    request, anna = await runner.run(filed)
    document = NewFile(
        request,
        anna,
        BOT,
        "doc",
        "u",
        FileKind.DOCUMENT,
        file_name="Смета.pdf",
        mime_type="application/pdf",
        size=2**33,
    )
    report = NewFile(request, anna, BOT, "after", "u", FileKind.PHOTO, FilePurpose.REPORT)
    await runner.run(lambda tx: files.add(tx, document, report))

    [read] = await runner.run(lambda tx: files.of_subject(tx, request, FilePurpose.REQUEST))
    assert (read.file_id, read.kind, read.file_name, read.mime_type, read.size, read.bot_id) == (
        "doc",
        "document",
        "Смета.pdf",
        "application/pdf",
        2**33,
        BOT,
    )


async def test_no_files_are_stored_without_a_statement(runner: Runner) -> None:
    with count_statements(runner) as counted:
        await runner.run(files.add)
    assert counted.besides_commit == []


async def test_history_tells_who_did_what_and_why_in_order(runner: Runner, clock: ManualClock) -> None:
    request, anna = await runner.run(filed)
    reopened = NewEvent(
        "request", request, "reopen", anna, "completed", "open", "Снова течёт", {"assignee_id": [3, None]}
    )
    await runner.run(lambda tx: history.append(tx, NewEvent("request", request, "filed", anna, to_state="open")))
    clock.advance(days=1)
    await runner.run(lambda tx: history.append(tx, reopened))
    await runner.run(lambda tx: history.append(tx, NewEvent("user", request, "blocked", anna)))

    first, second = await runner.run(lambda tx: history.of_subject(tx, "request", request))
    assert (first.name, first.from_state, first.to_state, first.reason, first.changes) == (
        "filed",
        None,
        "open",
        None,
        {},
    )
    assert (second.actor_name, second.reason, second.changes) == (
        "Анна Петрова",
        "Снова течёт",
        {"assignee_id": [3, None]},
    )
    assert second.created_at == clock.now


async def test_what_time_did_has_no_actor(runner: Runner) -> None:
    request, _ = await runner.run(filed)
    await runner.run(lambda tx: history.append(tx, NewEvent("request", request, "resume")))

    [event] = await runner.run(lambda tx: history.of_subject(tx, "request", request))
    assert (event.actor_id, event.actor_name) == (None, None)


async def test_a_long_history_is_cut_to_its_end(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        for number in range(5):
            history.append(tx, NewEvent("request", 1, f"event-{number}"))

    await runner.run(work)
    read = await runner.run(lambda tx: history.of_subject(tx, "request", 1, limit=2))
    assert [event.name for event in read] == ["event-3", "event-4"]


async def test_history_cannot_be_rewritten(runner: Runner) -> None:
    event_id = await runner.run(lambda tx: history.append(tx, NewEvent("request", 1, "filed")))

    def rewrite(tx: Transaction) -> None:
        tx.session.get_one(Event, event_id).reason = "иначе"

    def erase(tx: Transaction) -> None:
        tx.session.delete(tx.session.get_one(Event, event_id))

    for forbidden in (rewrite, erase):
        with pytest.raises(AppendOnlyError, match=f"event {event_id} is history"):
            await runner.run(forbidden)
    [event] = await runner.run(lambda tx: history.of_subject(tx, "request", 1))
    assert event.reason is None
