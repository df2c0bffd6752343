"""File a request without a chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.helpdesk.filing import Filing, file_request, too_many_requests
from bot.helpdesk.limits import Rate
from engine.events import KeptFile
from storage.models.tables import places
from storage.records import files, history, requests
from storage.records.requests import KIND

if TYPE_CHECKING:
    from bot.handlers.work import Work
    from bot.scenarios.clock import ManualClock
    from tests.test_helpdesk.conftest import Desk

LAMP = Filing(
    description="Не горит лампа. Темно",
    location="Кабинет 12",
    priority="high",
    category_id=None,
    place_id=None,
    status="open",
    stage="waiting",
)
PHOTO = KeptFile(kind="photo", ref="ref", unique="unique", size=1000)
RATE = Rate(5, timedelta(minutes=5))


async def test_a_request_is_filed_with_its_history_and_its_files(desk: Desk) -> None:
    request_id = await desk.do(lambda work: file_request(work, desk.author_id, LAMP, [PHOTO, PHOTO]))
    row = await desk.do(lambda work: requests.load(work.tx, request_id))
    assert (row.title, row.location, row.priority, row.urgency) == ("Не горит лампа", "Кабинет 12", "high", 0)
    assert (row.status, row.stage, row.author_id, row.files_count) == ("open", "waiting", desk.author_id, 2)
    (event,) = await desk.do(lambda work: history.of_subject(work.tx, KIND, request_id))
    assert (event.name, event.actor_id, event.from_state, event.to_state) == ("create", desk.author_id, None, "open")
    kept = await desk.do(lambda work: files.of_subject(work.tx, request_id, "request"))
    assert [(each.file_id, each.user_id, each.bot_id) for each in kept] == [("ref", desk.author_id, 7_000_000_001)] * 2


async def test_a_place_of_the_catalogue_stands_for_its_path(desk: Desk) -> None:
    def furnish(work: Work) -> None:
        for number, parent, name in ((1, None, "Корпус 2"), (2, 1, "Этаж 3"), (3, None, "К" * 60), (4, 3, "Э" * 60)):
            values = {"id": number, "parent_id": parent, "name": name, "position": 0, "is_hidden": False}
            work.tx.connection.execute(places.insert(), values)

    await desk.do(furnish)
    for place_id, location in ((2, "Корпус 2, Этаж 3"), (4, "К" * 60 + ", " + "Э" * 38), (None, "Кабинет 12")):
        new = replace(LAMP, place_id=place_id)
        request_id = await desk.do(partial(file_request, author_id=desk.author_id, new=new))
        assert (await desk.do(lambda work, wanted=request_id: requests.load(work.tx, wanted))).location == location


@pytest.mark.parametrize("words", [{"description": "о"}, {"description": "о" * 1001}, {"location": "о" * 101}])
async def test_what_is_out_of_bounds_is_not_filed(desk: Desk, words: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="characters"):
        await desk.do(lambda work: file_request(work, desk.author_id, replace(LAMP, **words)))
    assert await desk.do(lambda work: requests.by_number(work.tx, 2)) is None


async def test_a_person_may_file_so_many_in_a_while(desk: Desk, clock: ManualClock) -> None:
    for _ in range(RATE.most - 1):
        assert not await desk.do(lambda work: too_many_requests(work.tx, desk.author_id, RATE))
        await desk.do(lambda work: file_request(work, desk.author_id, LAMP))
    assert await desk.do(lambda work: too_many_requests(work.tx, desk.author_id, RATE))
    assert not await desk.do(lambda work: too_many_requests(work.tx, desk.author_id + 1, RATE))
    clock.advance(minutes=6)
    assert not await desk.do(lambda work: too_many_requests(work.tx, desk.author_id, RATE))
