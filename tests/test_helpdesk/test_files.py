"""Files of a request, its report and its comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.helpdesk.albums import AlbumPart, join_album
from bot.helpdesk.comments import add_comment
from bot.helpdesk.completion_reports import keep_report
from bot.helpdesk.files import as_sent, keep_files
from engine.events import File, KeptFile
from storage.records import comments, files, requests
from tests.databases import count_statements

if TYPE_CHECKING:
    from tests.test_helpdesk.conftest import Desk

PHOTO = File("photo", "ref1", "u1", 1000)
TABLE = File("document", "ref2", "u2", 5, "смета.xlsx", "application/vnd.ms-excel")


def sent_as(file: File, caption: str = "") -> KeptFile:
    """Return a file as a conversation hands it over."""
    return KeptFile(**file.as_data(), caption=caption)


async def kept(desk: Desk, purpose: str) -> list[Any]:
    """Return the files of one purpose."""
    found: list[Any] = await desk.do(lambda work: files.of_subject(work.tx, desk.request_id, purpose))
    return found


async def row(desk: Desk) -> Any:
    """Return the request as its card shows it."""
    return await desk.do(lambda work: requests.load(work.tx, desk.request_id))


async def test_files_come_back_as_they_were_sent(desk: Desk) -> None:
    sent = [sent_as(PHOTO), sent_as(TABLE)]
    with count_statements(desk.runner) as counted:
        await desk.do(lambda work: keep_files(work, desk.request_id, desk.author_id, sent, "request"))
    assert counted.verbs == ["INSERT", "COMMIT"]
    assert [as_sent(each) for each in await kept(desk, "request")] == [PHOTO, TABLE]


async def test_no_files_cost_nothing(desk: Desk) -> None:
    with count_statements(desk.runner) as counted:
        await desk.do(lambda work: keep_files(work, desk.request_id, desk.author_id, [], "request"))
    assert counted.besides_commit == []


async def test_a_report_keeps_its_captions_as_a_comment(desk: Desk) -> None:
    sent = [sent_as(PHOTO, "Было"), sent_as(TABLE), sent_as(PHOTO, "Стало")]
    comment_id = await desk.do(lambda work: keep_report(work, desk.request_id, desk.author_id, sent))
    (comment,) = await desk.do(lambda work: comments.of_subject(work.tx, desk.request_id, with_internal=True))
    assert (comment.id, comment.text, comment.files_count) == (comment_id, "Было\nСтало", 0)
    assert (await row(desk)).reports_count == 3


async def test_a_report_without_photos_is_none(desk: Desk) -> None:
    assert await desk.do(lambda work: keep_report(work, desk.request_id, desk.author_id, [])) is None
    assert (await row(desk)).reports_count == 0


async def test_a_late_piece_of_an_album_joins_what_the_first_became(desk: Desk) -> None:
    ids = desk.request_id, desk.author_id
    comment_id = await desk.do(lambda work: add_comment(work, *ids, "Вот", [sent_as(PHOTO)]))
    await desk.do(
        lambda work: join_album(work, *ids, sent_as(PHOTO), "", AlbumPart(purpose="comment", comment=comment_id))
    )
    await desk.do(lambda work: join_album(work, *ids, sent_as(TABLE), "Смета", AlbumPart(purpose="report")))
    assert [each.comment_id for each in await kept(desk, "comment")] == [comment_id, comment_id]
    assert [as_sent(each) for each in await kept(desk, "report")] == [TABLE]
    said = await desk.do(lambda work: comments.of_subject(work.tx, desk.request_id, with_internal=True))
    assert [each.text for each in said] == ["Вот", "Смета"]
