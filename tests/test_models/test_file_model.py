from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from storage.models import File, FileKind, FilePurpose, Request, User

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def a_file(author: User, request: Request, **fields: object) -> File:
    given = {"bot_id": 7_000_000_001, "file_id": "AgAC", "file_unique_id": "AQAD", "kind": FileKind.PHOTO}
    return File(user_id=author.id, subject_id=request.id, **{**given, **fields})


async def stored(session: AsyncSession, file: File) -> File:
    session.add(file)
    await session.commit()
    await session.refresh(file)
    return file


async def test_a_file_shows_what_is_broken_unless_told_otherwise(
    session: AsyncSession, author: User, filed: Request
) -> None:
    file = await stored(session, a_file(author, filed))

    assert (file.purpose, file.kind) == (FilePurpose.REQUEST, FileKind.PHOTO)


async def test_a_report_photo_is_told_from_the_request_s_own(
    session: AsyncSession, author: User, filed: Request
) -> None:
    await stored(session, a_file(author, filed))
    report = await stored(session, a_file(author, filed, purpose=FilePurpose.REPORT))

    found = await session.scalars(select(File.id).where(File.purpose == FilePurpose.REPORT))
    assert found.all() == [report.id]


async def test_a_document_keeps_its_name_type_and_size(session: AsyncSession, author: User, filed: Request) -> None:
    told = {"file_name": "Смета.pdf", "mime_type": "application/pdf", "size": 20 * 1024 * 1024}
    file = await stored(session, a_file(author, filed, kind=FileKind.DOCUMENT, **told))

    assert {name: getattr(file, name) for name in told} == told


async def test_what_telegram_does_not_tell_is_left_open(session: AsyncSession, author: User, filed: Request) -> None:
    file = await stored(session, a_file(author, filed))

    assert (file.file_name, file.mime_type, file.size, file.comment_id) == (None, None, None, None)


async def test_a_bot_s_id_may_need_more_than_32_bits(session: AsyncSession, author: User, filed: Request) -> None:
    file = await stored(session, a_file(author, filed, bot_id=2**40))

    assert file.bot_id == 2**40


async def test_a_file_without_a_request_is_refused(session: AsyncSession, author: User) -> None:
    session.add(File(user_id=author.id, bot_id=1, file_id="a", file_unique_id="b", kind=FileKind.PHOTO))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_file_of_a_request_that_does_not_exist_is_refused(
    session: AsyncSession, author: User, filed: Request
) -> None:
    file = a_file(author, filed)
    file.subject_id = 999
    session.add(file)

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_file_of_a_comment_that_does_not_exist_is_refused(
    session: AsyncSession, author: User, filed: Request
) -> None:
    session.add(a_file(author, filed, comment_id=999))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_the_same_photo_twice_does_no_harm(session: AsyncSession, author: User, filed: Request) -> None:
    session.add_all([a_file(author, filed), a_file(author, filed)])
    await session.commit()

    assert len((await session.scalars(select(File))).all()) == 2


async def test_an_album_stays_in_its_order(session: AsyncSession, author: User, filed: Request) -> None:
    for number in range(10):
        await stored(session, a_file(author, filed, file_id=f"photo-{number}"))
    session.expunge_all()

    loaded = select(Request).options(selectinload(Request.files).selectinload(File.uploader))
    request = (await session.scalars(loaded)).one()

    assert [file.file_id for file in request.files] == [f"photo-{number}" for number in range(10)]
    assert {file.uploader.id for file in request.files} == {author.id}


async def test_a_file_shows_its_kind_but_no_name(session: AsyncSession, author: User, filed: Request) -> None:
    file = await stored(session, a_file(author, filed, file_name="секрет.jpg"))

    assert repr(file) == f"<File {file.id} photo of subject_id={filed.id}>"
