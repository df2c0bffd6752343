"""Comments, files, history, deadlines and links hang on subjects of any kind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, delete
from sqlalchemy.exc import IntegrityError

from storage.dialogs import timers
from storage.models import FileKind, FilePurpose, LinkShape
from storage.models.tables import requests as requests_table
from storage.models.tables import subjects
from storage.models.types import BIG
from storage.outbox import links
from storage.records import comments, files, history, requests
from storage.records.files import NewFile
from storage.records.history import NewEvent
from storage.records.subjects import Creation
from tests.records import BOT, a_person, a_request

if TYPE_CHECKING:
    from storage.database.runner import Runner, Transaction

METADATA = MetaData()
Table("subjects", METADATA, Column("id", BIG, primary_key=True))
ASSETS = Table(
    "assets",
    METADATA,
    Column("id", BIG, ForeignKey("subjects.id"), primary_key=True),
    Column("name", String(100), nullable=False),
)
CREATION = Creation("asset", ASSETS)


@pytest_asyncio.fixture
async def assets(runner: Runner) -> Runner:
    """Give a database that has a second kind of subject."""
    await runner.run(lambda tx: ASSETS.create(tx.connection))
    return runner


def a_projector(tx: Transaction) -> int:
    return CREATION.run(tx, {"name": "Проектор"})


async def test_comments_and_files_hang_on_a_second_kind_beside_requests(assets: Runner) -> None:
    def work(tx: Transaction) -> None:
        anna = a_person(tx, 1)
        request, projector = a_request(tx, anna).id, a_projector(tx)
        for subject, words in ((request, "Когда?"), (projector, "Гарантия до мая")):
            comment = comments.add(tx, subject, anna.id, words)
            files.add(tx, NewFile(subject, anna.id, BOT, words, "u", FileKind.PHOTO, FilePurpose.COMMENT, comment))

        (warranty,) = comments.of_subject(tx, projector, with_internal=False)
        assert (warranty.text, warranty.files_count) == ("Гарантия до мая", 1)
        assert [file.file_id for file in files.of_subject(tx, projector)] == ["Гарантия до мая"]
        assert [file.file_id for file in files.of_subject(tx, request)] == ["Когда?"]
        row = requests.load(tx, request)
        assert row is not None
        assert (row.comments_count, row.comment_files_count) == (1, 1)

    await assets.run(work)


async def test_history_deadlines_and_cards_of_kinds_stay_apart(assets: Runner) -> None:
    def work(tx: Transaction) -> None:
        anna = a_person(tx, 1)
        found = {}
        for kind, subject in ((requests.KIND, a_request(tx, anna).id), ("asset", a_projector(tx))):
            history.append(tx, NewEvent(kind, subject, f"{kind} begun", anna.id))
            timers.arm(tx, kind, subject, "new", {"late": tx.now - timedelta(hours=1)})
            links.put(tx, BOT, 1, subject, links.Link(LinkShape.CARD, "flow.card", kind, subject, anna.id))
            found[kind] = subject
        assert found["asset"] != found[requests.KIND]
        for kind, subject in found.items():
            assert [event.name for event in history.of_subject(tx, kind, subject)] == [f"{kind} begun"]
            assert [card.message_id for card in links.cards_of(tx, BOT, kind, subject)] == [subject]
        assert {(due.subject_kind, due.subject_id) for due in timers.due(tx, 9)} == set(found.items())

    await assets.run(work)


async def test_ids_are_given_across_kinds(assets: Runner) -> None:
    def work(tx: Transaction) -> list[int]:
        anna = a_person(tx, 1)
        return [a_projector(tx), a_request(tx, anna).id, a_projector(tx), a_request(tx, anna).id]

    assert await assets.run(work) == [1, 2, 3, 4]


async def test_what_is_no_subject_is_no_request_and_takes_no_comments(assets: Runner) -> None:
    filed = await assets.run(lambda tx: a_request(tx, a_person(tx, 1)))

    with pytest.raises(IntegrityError):
        await assets.run(lambda tx: comments.add(tx, 99, filed.author_id, "Когда?"))
    with pytest.raises(IntegrityError):
        await assets.run(lambda tx: tx.connection.execute(requests_table.update().values(id=99)))


async def test_a_subject_with_a_row_of_its_kind_or_a_comment_cannot_be_deleted(assets: Runner) -> None:
    def work(tx: Transaction) -> tuple[int, int]:
        projector = a_projector(tx)
        bare = tx.connection.execute(subjects.insert().values(kind="tour").returning(subjects.c.id)).scalar_one()
        comments.add(tx, bare, a_person(tx, 1).id, "Обход")
        return projector, bare

    for subject in await assets.run(work):
        with pytest.raises(IntegrityError):
            await assets.run(
                lambda tx, subject=subject: tx.connection.execute(delete(subjects).where(subjects.c.id == subject))
            )
