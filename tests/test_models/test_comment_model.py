from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from storage.models import Comment, File, FileKind, FilePurpose, Request, User

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def stored(session: AsyncSession, comment: Comment) -> Comment:
    session.add(comment)
    await session.commit()
    await session.refresh(comment)
    return comment


async def test_a_comment_belongs_to_a_request_and_a_person(session: AsyncSession, author: User, filed: Request) -> None:
    comment = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="Когда придёте?"))

    assert (comment.subject_id, comment.user_id, comment.text) == (filed.id, author.id, "Когда придёте?")


async def test_a_comment_is_for_everyone_unless_it_is_internal(
    session: AsyncSession, author: User, filed: Request
) -> None:
    seen = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="Да"))
    note = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="Да", is_internal=True))

    assert (seen.is_internal, note.is_internal) == (False, True)


async def test_a_comment_knows_when_it_was_written(session: AsyncSession, author: User, filed: Request) -> None:
    comment = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="Да"))

    assert comment.created_at >= filed.created_at


async def test_a_comment_may_have_a_thousand_characters(session: AsyncSession, author: User, filed: Request) -> None:
    comment = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="щ" * 1000))

    assert len(comment.text) == 1000


async def test_a_longer_comment_is_refused(author: User, filed: Request) -> None:
    with pytest.raises(ValueError, match="text must be 0 to 1000 characters long, not 1001"):
        Comment(subject_id=filed.id, user_id=author.id, text="щ" * 1001)


async def test_a_comment_may_be_files_without_words(session: AsyncSession, author: User, filed: Request) -> None:
    comment = Comment(subject_id=filed.id, user_id=author.id, text="")
    photo = File(
        subject_id=filed.id,
        user_id=author.id,
        bot_id=1,
        file_id="AgAC",
        file_unique_id="AQAD",
        kind=FileKind.PHOTO,
        purpose=FilePurpose.COMMENT,
    )
    comment.files.append(photo)
    await stored(session, comment)
    session.expunge_all()

    again = (await session.scalars(select(Comment).options(selectinload(Comment.files)))).one()
    assert [file.file_id for file in again.files] == ["AgAC"]


async def test_a_comment_on_nothing_is_refused(session: AsyncSession, author: User) -> None:
    session.add(Comment(subject_id=999, user_id=author.id, text="Да"))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_comment_by_nobody_is_refused(session: AsyncSession, filed: Request) -> None:
    session.add(Comment(subject_id=filed.id, text="Да"))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_comments_of_a_request_come_in_the_order_they_were_written(
    session: AsyncSession, author: User, filed: Request
) -> None:
    for text in ("первый", "второй", "третий"):
        await stored(session, Comment(subject_id=filed.id, user_id=author.id, text=text))
    session.expunge_all()

    loaded = select(Request).options(selectinload(Request.comments).selectinload(Comment.author))
    request = (await session.scalars(loaded)).one()

    assert [comment.text for comment in request.comments] == ["первый", "второй", "третий"]
    assert request.comments[0].author.full_name == "Анна Петрова"


async def test_markup_in_a_comment_is_kept_as_text(session: AsyncSession, author: User, filed: Request) -> None:
    words = "<b>жирно</b> {{ 7*7 }} < =SUM(A1) 🙃"
    comment = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text=words))

    assert comment.text == words


async def test_a_comment_shows_its_request_but_no_words(session: AsyncSession, author: User, filed: Request) -> None:
    comment = await stored(session, Comment(subject_id=filed.id, user_id=author.id, text="Секрет"))

    assert repr(comment) == f"<Comment {comment.id} subject_id={filed.id}>"
