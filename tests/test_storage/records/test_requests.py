from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage.database.runner import Runner, Transaction, open_runner
from storage.models import Category, FileKind, FilePurpose, Place, Priority, Role, Stage, Status
from storage.records import comments, files, requests
from storage.records.files import NewFile
from tests.databases import count_statements
from tests.records import BOT, a_person, a_request

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.records.requests import RequestRow


def filed(tx: Transaction, **fields: Any) -> RequestRow:
    return a_request(tx, a_person(tx, 1), **fields)


async def test_a_filed_request_is_open_waiting_and_numbered(runner: Runner, clock: ManualClock) -> None:
    first, second = await runner.run(filed), await runner.run(filed)

    assert (first.status, first.stage, first.priority, first.urgency) == ("open", "waiting", "medium", 1)
    assert (first.number, second.number) == (1, 2)
    assert first.created_at == first.updated_at == clock.now


async def test_filing_costs_the_number_and_the_request_and_on_sqlite_its_subject(runner: Runner) -> None:
    anna = await runner.run(lambda tx: a_person(tx, 1).id)
    new = requests.NewRequest(user_id=anna, title="Лампа", description="Не горит", location="Зал")

    with count_statements(runner) as counted:
        await runner.run(lambda tx: requests.create(tx, new))
    on_sqlite = runner.engine.dialect.name == "sqlite"
    assert counted.verbs == ["INSERT", *(["INSERT", "INSERT"] if on_sqlite else ["WITH"]), "COMMIT"]


async def test_a_request_is_read_with_everything_its_card_shows_in_one_statement(runner: Runner) -> None:
    def work(tx: Transaction) -> int:
        anna = a_person(tx, 1, "Анна Петрова")
        boss = a_person(tx, 2, "Сергей Иванов", Role.MANAGER)
        plumber = a_person(tx, 3, "Пётр", Role.CREW)
        category = tx.session.query(Category).filter_by(code="plumbing").one()
        place = Place(name="Туалет, 2 этаж")
        tx.session.add(place)
        tx.session.flush()
        request = a_request(
            tx, anna, category_id=category.id, place_id=place.id, created_by_id=boss.id, priority=Priority.HIGH
        )
        requests.update(tx, request.id, {"assignee_id": plumber.id})
        comments.add(tx, request.id, anna.id, "Когда?")
        comments.add(tx, request.id, boss.id, "Нет запчастей", internal=True)
        photo = NewFile(request.id, anna.id, BOT, "a", "b", FileKind.PHOTO)
        report = NewFile(request.id, plumber.id, BOT, "c", "d", FileKind.PHOTO, FilePurpose.REPORT)
        files.add(tx, photo, photo, report)
        return request.id

    request_id = await runner.run(work)
    with count_statements(runner) as counted:
        row = await runner.run(lambda tx: requests.load(tx, request_id))

    assert counted.besides_commit == ["SELECT"]
    assert row is not None
    assert (row.author_name, row.assignee_name) == ("Анна Петрова", "Пётр")
    assert (row.category_name, row.category_icon) == ("Сантехника", "🚰")
    assert (row.files_count, row.reports_count, row.comments_count) == (2, 1, 1)
    assert (row.priority, row.urgency) == ("high", 0)


async def test_a_request_may_lack_assignee_category_and_place(runner: Runner) -> None:
    row = await runner.run(filed)

    assert (row.assignee_name, row.category_name, row.place_id) == (None, None, None)
    assert row.created_by_id == row.author_id
    assert await runner.run(lambda tx: requests.load(tx, row.id)) == row


async def test_a_request_is_found_by_its_number(runner: Runner) -> None:
    row = await runner.run(filed)

    assert await runner.run(lambda tx: requests.by_number(tx, row.number)) == row
    assert await runner.run(lambda tx: requests.by_number(tx, 999)) is None


async def test_another_id_finds_nothing(runner: Runner) -> None:
    assert await runner.run(lambda tx: requests.load(tx, 999)) is None
    assert await runner.run(lambda tx: requests.load(tx, 999, lock=True)) is None


async def test_texts_out_of_bounds_are_refused_and_take_no_number(runner: Runner) -> None:
    with pytest.raises(ValueError, match="title must be 3 to 100"):
        await runner.run(lambda tx: filed(tx, title="я"))

    assert (await runner.run(filed)).number == 1


async def test_an_author_who_does_not_exist_is_refused(runner: Runner) -> None:
    stranger = requests.NewRequest(user_id=999, title="Окно", description="Разбито", location="Зал")

    with pytest.raises(IntegrityError):
        await runner.run(lambda tx: requests.create(tx, stranger))


async def test_a_change_is_stored_with_its_time(runner: Runner, clock: ManualClock) -> None:
    row = await runner.run(filed)
    later = clock.advance(minutes=5)
    changes = {"status": "in_progress", "stage": Stage.ACTIVE, "taken_at": later, "rating": 5}
    await runner.run(lambda tx: requests.update(tx, row.id, changes))

    changed = await runner.run(lambda tx: requests.load(tx, row.id))
    assert changed is not None
    assert (changed.status, changed.stage, changed.taken_at, changed.rating) == ("in_progress", "active", later, 5)
    assert (changed.updated_at, changed.created_at) == (later, row.created_at)


async def test_a_request_changed_in_the_unit_that_filed_it_keeps_the_change(runner: Runner) -> None:
    def work(tx: Transaction) -> int:
        row = filed(tx)
        requests.update(tx, row.id, {"status": Status.CANCELLED})
        tx.session.add(Place(name="Зал"))
        return row.id

    request_id = await runner.run(work)
    row = await runner.run(lambda tx: requests.load(tx, request_id))
    assert row is not None
    assert row.status == "cancelled"


async def test_a_changed_priority_moves_the_request_in_the_queue(runner: Runner) -> None:
    row = await runner.run(filed)
    await runner.run(lambda tx: requests.update(tx, row.id, {"priority": "high"}))

    changed = await runner.run(lambda tx: requests.load(tx, row.id))
    assert changed is not None
    assert changed.urgency == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": "я"}, "title must be 3 to 100"),
        ({"description": "я" * 1001}, "description must be 3 to 1000"),
        ({"location": ""}, "location must be 2 to 100"),
        ({"rating": 6}, "rating must be 1 to 5"),
        ({"priority": "urgent"}, "priority must be one of"),
        ({"number": 7}, "a request's number cannot be changed"),
        ({"id": 7}, "a request's id cannot be changed"),
        ({"created_at": None}, "a request's created_at cannot be changed"),
        ({"nonsense": 1}, "a request's nonsense cannot be changed"),
    ],
)
async def test_a_change_that_breaks_a_rule_is_refused(runner: Runner, changes: dict[str, Any], says: str) -> None:
    row = await runner.run(filed)

    with pytest.raises(ValueError, match=says):
        await runner.run(lambda tx: requests.update(tx, row.id, changes))


async def test_a_change_of_a_request_that_does_not_exist_is_refused(runner: Runner) -> None:
    with pytest.raises(ValueError, match="no request with id 999"):
        await runner.run(lambda tx: requests.update(tx, 999, {"status": "open"}))


async def test_requests_filed_at_once_get_different_numbers(runner: Runner) -> None:
    await runner.run(lambda tx: a_person(tx, 1))
    rows = await asyncio.gather(*(runner.run(filed) for _ in range(8)))

    assert sorted(row.number for row in rows) == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_of_two_who_take_a_request_at_once_the_second_learns_who_has_it(runner: Runner) -> None:
    def setup(tx: Transaction) -> tuple[int, list[int]]:
        managers = [a_person(tx, 2, "Сергей", Role.MANAGER).id, a_person(tx, 3, "Олег", Role.MANAGER).id]
        return filed(tx).id, managers

    request_id, managers = await runner.run(setup)

    def take(manager_id: int) -> Any:
        def work(tx: Transaction) -> str | None:
            row = requests.load(tx, request_id, lock=True)
            assert row is not None
            if row.assignee_id is not None:
                return row.assignee_name
            if tx.connection.dialect.name == "postgresql":
                tx.connection.exec_driver_sql("SELECT pg_sleep(0.1)")
            requests.update(tx, request_id, {"assignee_id": manager_id, "status": "in_progress"})
            return None

        return work

    answers = await asyncio.gather(*(runner.run(take(manager)) for manager in managers))
    row = await runner.run(lambda tx: requests.load(tx, request_id))
    assert row is not None
    assert sorted(answers, key=str) == sorted([None, row.assignee_name], key=str)


async def test_a_comment_may_be_written_while_the_request_is_locked(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    row = await runner.run(filed)
    held, done = asyncio.Event(), []

    def hold(tx: Transaction) -> None:
        requests.load(tx, row.id, lock=True)
        held.set()
        tx.connection.exec_driver_sql("SELECT pg_sleep(0.2)")
        done.append("held")

    holding = asyncio.create_task(runner.run(hold))
    await held.wait()
    await runner.run(lambda tx: comments.add(tx, row.id, row.author_id, "Когда?"))
    done.append("commented")
    await holding

    assert done == ["commented", "held"]
    await runner.close()


async def test_what_a_person_filed_lately_is_counted(runner: Runner, clock: ManualClock) -> None:
    row = await runner.run(filed)
    clock.advance(minutes=10)
    since = clock.now
    await runner.run(filed)
    await runner.run(lambda tx: a_request(tx, a_person(tx, 5)))

    assert await runner.run(lambda tx: requests.filed_since(tx, row.author_id, since)) == 1


async def test_unfinished_requests_are_counted_by_status_and_priority_and_found_by_an_index(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        filed(tx)
        for priority, status, stage in (
            (Priority.HIGH, Status.IN_PROGRESS, Stage.ACTIVE),
            (Priority.HIGH, Status.COMPLETED, Stage.DONE),
            (Priority.LOW, Status.ON_HOLD, Stage.PAUSED),
        ):
            request = a_request(tx, a_person(tx, 1), priority=priority)
            requests.update(tx, request.id, {"status": status, "stage": stage})

    def plan(tx: Transaction) -> str:
        how = "EXPLAIN QUERY PLAN" if tx.connection.dialect.name == "sqlite" else "EXPLAIN"
        if how == "EXPLAIN":
            tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
        return "\n".join(str(row) for row in tx.connection.execute(text(f"{how} {counted.statements[0]}")))

    await runner.run(work)
    with count_statements(runner) as counted:
        assert await runner.run(requests.unfinished) == {
            ("open", "medium"): 1,
            ("in_progress", "high"): 1,
            ("on_hold", "low"): 1,
        }
    assert "ix_requests_stage_urgency_id" in await runner.run(plan)


async def test_stages_follow_the_flows_that_were_loaded(runner: Runner, clock: ManualClock) -> None:
    first = await runner.run(filed)
    second = await runner.run(lambda tx: filed(tx, status="waiting_for_parts"))
    third = await runner.run(lambda tx: filed(tx, status="forgotten"))
    clock.advance(hours=1)
    stages = {"open": "waiting", "waiting_for_parts": "paused"}

    assert await runner.run(lambda tx: requests.recompute_stages(tx, stages)) == 1
    assert await runner.run(lambda tx: requests.recompute_stages(tx, stages)) == 0
    rows = [await runner.run(lambda tx, row=row: requests.load(tx, row.id)) for row in (first, second, third)]
    assert [row.stage for row in rows if row] == ["waiting", "paused", "waiting"]
    assert [row.updated_at for row in rows if row] == [first.updated_at] * 3


async def test_no_statuses_change_no_stages(runner: Runner) -> None:
    assert await runner.run(lambda tx: requests.recompute_stages(tx, {})) == 0
