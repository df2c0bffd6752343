"""Write a change of status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.statuses import StatusChange, change_status
from storage.records import history, requests
from storage.records.requests import KIND

if TYPE_CHECKING:
    from bot.handlers.work import Work
    from tests.test_helpdesk.conftest import Desk


async def test_a_change_is_written_with_its_event(desk: Desk) -> None:
    def take(work: Work) -> None:
        changes = {"assignee_id": desk.author_id, "taken_at": work.tx.now}
        change = StatusChange("take", "open", "in_progress", "active", desk.author_id, "Срочно", changes)
        change_status(work.tx, desk.request_id, change)

    await desk.do(take)
    row = await desk.do(lambda work: requests.load(work.tx, desk.request_id))
    assert (row.status, row.stage, row.assignee_id) == ("in_progress", "active", desk.author_id)
    assert row.taken_at is not None
    (event,) = await desk.do(lambda work: history.of_subject(work.tx, KIND, desk.request_id))
    assert (event.name, event.from_state, event.to_state) == ("take", "open", "in_progress")
    assert (event.actor_id, event.reason, event.changes) == (desk.author_id, "Срочно", {"assignee_id": desk.author_id})


@pytest.mark.parametrize("column", ["number", "nonsense"])
async def test_a_column_that_cannot_be_changed_leaves_no_event(desk: Desk, column: str) -> None:
    change = StatusChange("take", "open", "in_progress", "active", None, changes={column: 5})
    with pytest.raises(ValueError, match=column):
        await desk.do(lambda work: change_status(work.tx, desk.request_id, change))
    assert await desk.do(lambda work: history.of_subject(work.tx, KIND, desk.request_id)) == []
