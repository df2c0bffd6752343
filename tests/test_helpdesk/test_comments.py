"""Comments, and what stands under files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.comments import (
    COMMENT_LIMIT,
    add_captions,
    add_comment,
    too_many_comments,
)
from bot.helpdesk.limits import Rate
from engine.events import KeptFile
from storage.records import comments, files

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from tests.test_helpdesk.conftest import Desk

PHOTO = KeptFile(kind="photo", ref="ref", unique="unique", size=1000)
RATE = Rate(10, timedelta(minutes=5))


async def texts(desk: Desk) -> list[tuple[str, int]]:
    """Return what was written, and how many files belong to it."""
    rows = await desk.do(lambda work: comments.of_subject(work.tx, desk.request_id, with_internal=True))
    return [(row.text, row.files_count) for row in rows]


async def test_a_comment_keeps_its_files(desk: Desk) -> None:
    comment_id = await desk.do(lambda work: add_comment(work, desk.request_id, desk.author_id, "Вода", [PHOTO]))
    await desk.do(lambda work: add_comment(work, desk.request_id, desk.author_id, "", [PHOTO, PHOTO]))
    assert await texts(desk) == [("Вода", 1), ("", 2)]
    first, *_ = await desk.do(lambda work: files.of_subject(work.tx, desk.request_id, "comment"))
    assert (first.comment_id, first.file_id) == (comment_id, "ref")


async def test_a_comment_too_long_is_not_kept(desk: Desk) -> None:
    long = "о" * (COMMENT_LIMIT + 1)
    with pytest.raises(ValueError, match="1000"):
        await desk.do(lambda work: add_comment(work, desk.request_id, desk.author_id, long, [PHOTO]))
    assert await texts(desk) == []


async def test_captions_are_one_comment_cut_to_its_bound(desk: Desk) -> None:
    captions = ["", " Вот ", "о" * 2000]
    await desk.do(lambda work: add_captions(work.tx, desk.request_id, desk.author_id, captions))
    ((text, _),) = await texts(desk)
    assert text.startswith("Вот\nооо")
    assert len(text) <= COMMENT_LIMIT


async def test_no_captions_are_no_comment(desk: Desk) -> None:
    assert await desk.do(lambda work: add_captions(work.tx, desk.request_id, desk.author_id, ["", "  "])) is None
    assert await texts(desk) == []


async def test_a_person_may_write_so_many_in_a_while(desk: Desk, clock: ManualClock) -> None:
    for _ in range(RATE.most):
        assert not await desk.do(lambda work: too_many_comments(work.tx, desk.author_id, RATE))
        await desk.do(lambda work: add_comment(work, desk.request_id, desk.author_id, "Ещё"))
    assert await desk.do(lambda work: too_many_comments(work.tx, desk.author_id, RATE))
    clock.advance(minutes=6)
    assert not await desk.do(lambda work: too_many_comments(work.tx, desk.author_id, RATE))
