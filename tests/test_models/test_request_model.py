from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from storage.models import Category, Comment, Place, Priority, Request, Stage, Status, User

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def a_request(author: User, **fields: object) -> Request:
    given = {"title": "Течёт кран", "description": "Течёт кран в туалете", "location": "2 этаж"}
    return Request(user_id=author.id, **{**given, **fields})


async def stored(session: AsyncSession, request: Request) -> Request:
    session.add(request)
    await session.commit()
    await session.refresh(request)
    return request


async def test_a_new_request_is_open_and_waiting(session: AsyncSession, author: User) -> None:
    request = Request(
        user_id=author.id,
        title="Течёт кран",
        description="Течёт кран в туалете",
        location="2 этаж",
        priority=Priority.HIGH,
    )
    await stored(session, request)

    assert request.status == Status.OPEN
    assert request.stage == Stage.WAITING
    assert request.priority == Priority.HIGH


async def test_a_new_request_has_medium_priority(session: AsyncSession, author: User) -> None:
    request = await stored(session, a_request(author))

    assert (request.priority, request.urgency) == (Priority.MEDIUM, 1)


@pytest.mark.parametrize(("priority", "urgency"), [("high", 0), ("medium", 1), ("low", 2)])
async def test_the_urgency_follows_the_priority(
    session: AsyncSession, author: User, priority: str, urgency: int
) -> None:
    assert (await stored(session, a_request(author, priority=priority))).urgency == urgency


async def test_a_changed_priority_changes_the_urgency(session: AsyncSession, filed: Request) -> None:
    filed.priority = Priority.LOW
    await session.commit()
    await session.refresh(filed)

    assert filed.urgency == 2


async def test_an_unknown_priority_is_refused(author: User) -> None:
    with pytest.raises(ValueError, match="one of high, medium, low, not 'urgent'"):
        a_request(author, priority="urgent")


async def test_numbers_count_on_from_one(session: AsyncSession, author: User) -> None:
    first = await stored(session, a_request(author))
    session.add_all([a_request(author), a_request(author)])
    await session.commit()

    assert first.number == 1
    assert (await session.scalars(select(Request.number).order_by(Request.number))).all() == [1, 2, 3]


async def test_a_number_that_was_rolled_back_is_given_again(session: AsyncSession, author: User) -> None:
    await session.refresh(author)
    lost = a_request(author)
    session.add(lost)
    await session.flush()
    assert lost.number == 1
    await session.rollback()
    await session.refresh(author)

    assert (await stored(session, a_request(author))).number == 1


async def test_a_number_that_is_given_stays(session: AsyncSession, author: User) -> None:
    assert (await stored(session, a_request(author, number=41))).number == 41


async def test_a_number_is_unique(session: AsyncSession, author: User, filed: Request) -> None:
    session.add(a_request(author, number=filed.number))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_the_author_filed_it_unless_somebody_else_did(session: AsyncSession, author: User) -> None:
    manager = User(telegram_id=2001)
    session.add(manager)
    await session.flush()

    assert (await stored(session, a_request(author))).created_by_id == author.id
    assert (await stored(session, a_request(author, created_by_id=manager.id))).created_by_id == manager.id


async def test_a_request_may_be_given_its_author_as_an_object(session: AsyncSession) -> None:
    newcomer = User(telegram_id=3001)
    request = Request(author=newcomer, title="Окно", description="Не закрывается", location="Зал")
    await stored(session, request)

    assert (request.user_id, request.created_by_id) == (newcomer.id, newcomer.id)


@pytest.mark.parametrize(
    ("field", "shortest", "longest"), [("title", 3, 100), ("description", 3, 1000), ("location", 2, 100)]
)
async def test_a_text_may_be_as_short_and_as_long_as_its_bounds(
    session: AsyncSession, author: User, field: str, shortest: int, longest: int
) -> None:
    assert getattr(await stored(session, a_request(author, **{field: "я" * shortest})), field) == "я" * shortest
    assert getattr(await stored(session, a_request(author, **{field: "🔧" * longest})), field) == "🔧" * longest


@pytest.mark.parametrize(
    ("field", "bounds", "length"),
    [
        ("title", "3 to 100", 2),
        ("title", "3 to 100", 101),
        ("description", "3 to 1000", 2),
        ("description", "3 to 1000", 1001),
        ("location", "2 to 100", 1),
        ("location", "2 to 100", 101),
    ],
)
async def test_a_text_out_of_bounds_is_refused_with_the_bound(
    author: User, field: str, bounds: str, length: int
) -> None:
    with pytest.raises(ValueError, match=f"{field} must be {bounds} characters long, not {length}"):
        a_request(author, **{field: "я" * length})


async def test_a_text_cannot_be_changed_out_of_bounds(filed: Request) -> None:
    with pytest.raises(ValueError, match="title must be"):
        filed.title = "я"


@pytest.mark.parametrize("rating", [1, 5, None])
async def test_a_rating_is_one_to_five_or_none(session: AsyncSession, author: User, rating: int | None) -> None:
    assert (await stored(session, a_request(author, rating=rating))).rating == rating


@pytest.mark.parametrize("rating", [0, 6, -1])
async def test_another_rating_is_refused(filed: Request, rating: int) -> None:
    with pytest.raises(ValueError, match="rating must be 1 to 5"):
        filed.rating = rating


async def test_a_status_the_flows_invented_is_stored_as_it_is(session: AsyncSession, author: User) -> None:
    request = await stored(session, a_request(author, status="waiting_for_parts", stage=Stage.PAUSED))

    assert (request.status, request.stage) == ("waiting_for_parts", "paused")


async def test_an_author_who_does_not_exist_is_refused(session: AsyncSession) -> None:
    session.add(Request(user_id=999, title="Окно", description="Не закрывается", location="Зал"))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_request_has_nobody_working_on_it_at_first(filed: Request) -> None:
    assert filed.assignee_id is None
    assert (filed.taken_at, filed.completed_at, filed.confirmed_at, filed.due_at, filed.resume_on) == (None,) * 5


async def test_the_people_of_a_request_are_at_hand(session: AsyncSession, author: User) -> None:
    plumber = User(telegram_id=4001, full_name="Пётр", role="crew")
    session.add(a_request(author, assignee=plumber))
    await session.commit()
    session.expunge_all()

    people = selectinload(Request.author), selectinload(Request.assignee), selectinload(Request.created_by)
    request = (await session.scalars(select(Request).options(*people))).one()

    assert (request.author.full_name, request.created_by.full_name) == ("Анна Петрова", "Анна Петрова")
    assert request.assignee is not None
    assert request.assignee.full_name == "Пётр"


async def test_a_request_may_name_a_category_and_a_place(session: AsyncSession, author: User) -> None:
    category = (await session.scalars(select(Category).where(Category.code == "plumbing"))).one()
    building = Place(name="Корпус А")
    session.add(building)
    await session.flush()
    room = Place(name="214", parent_id=building.id, code="a214")
    session.add(a_request(author, category=category, place=room))
    await session.commit()
    session.expunge_all()

    request = (
        await session.scalars(select(Request).options(selectinload(Request.category), selectinload(Request.place)))
    ).one()

    assert request.category is not None
    assert (request.category.name, request.category.icon) == ("Сантехника", "🚰")
    assert request.place is not None
    assert (request.place.code, request.place.parent_id) == ("a214", building.id)


async def test_a_request_with_comments_cannot_be_deleted(session: AsyncSession, author: User, filed: Request) -> None:
    session.add(Comment(subject_id=filed.id, user_id=author.id, text="Когда?"))
    await session.commit()
    await session.delete(filed)

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_change_moves_the_time_of_change(session: AsyncSession, filed: Request) -> None:
    before = filed.updated_at
    filed.status = Status.IN_PROGRESS
    await session.commit()
    await session.refresh(filed)

    assert filed.updated_at > before


async def test_a_request_shows_its_number_and_status_but_no_words(filed: Request) -> None:
    assert repr(filed) == f"<Request {filed.id} number=1 status=open>"
