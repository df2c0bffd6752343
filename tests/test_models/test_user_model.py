from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from storage.models import Role, User

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def stored(session: AsyncSession, user: User) -> User:
    session.add(user)
    await session.commit()
    await session.refresh(user)
    return user


async def test_a_telegram_id_and_a_username_are_enough(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=123, username="test"))

    assert user.id is not None
    assert (user.telegram_id, user.username) == (123, "test")


async def test_a_new_person_is_staff(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=123))

    assert user.role == Role.STAFF == "staff"


async def test_a_new_person_is_neither_blocked_nor_unreachable(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=123))

    assert user.is_blocked is False
    assert user.unreachable_since is None


async def test_a_new_person_reads_russian_and_has_no_preferences(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=123))

    assert (user.language, user.prefs, user.full_name, user.username) == ("ru", {}, "", None)


async def test_a_telegram_id_may_need_more_than_32_bits(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=2**52 + 1))

    assert await session.scalar(select(User.telegram_id).where(User.id == user.id)) == 2**52 + 1


async def test_a_telegram_id_is_stored_once(session: AsyncSession, author: User) -> None:
    session.add(User(telegram_id=author.telegram_id))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_a_person_without_a_telegram_id_is_refused(session: AsyncSession) -> None:
    session.add(User(username="nobody"))

    with pytest.raises(IntegrityError):
        await session.commit()


async def test_two_people_may_share_a_name(session: AsyncSession) -> None:
    session.add_all([User(telegram_id=1, full_name="Анна"), User(telegram_id=2, full_name="Анна")])
    await session.commit()

    assert len((await session.scalars(select(User).where(User.full_name == "Анна"))).all()) == 2


async def test_names_keep_emoji_and_right_to_left_letters(session: AsyncSession) -> None:
    user = await stored(session, User(telegram_id=1, full_name="Анна 🌷 \u200fאנה\u200f"))

    assert user.full_name == "Анна 🌷 \u200fאנה\u200f"


async def test_the_times_of_a_row_are_aware_and_in_utc(session: AsyncSession) -> None:
    before = datetime.now(UTC)
    user = await stored(session, User(telegram_id=1))

    assert before <= user.created_at <= datetime.now(UTC)
    assert user.created_at.utcoffset() == timedelta(0)


async def test_a_change_moves_the_time_of_change_only(session: AsyncSession, author: User) -> None:
    created, updated = author.created_at, author.updated_at
    author.full_name = "Анна Смирнова"
    await session.commit()
    await session.refresh(author)

    assert author.updated_at > updated
    assert author.created_at == created


async def test_a_time_in_another_zone_comes_back_in_utc(session: AsyncSession) -> None:
    moscow = datetime(2026, 3, 2, 11, 0, tzinfo=timezone(timedelta(hours=3)))
    user = await stored(session, User(telegram_id=1, unreachable_since=moscow))

    assert user.unreachable_since == moscow
    assert user.unreachable_since.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(session: AsyncSession) -> None:
    session.add(User(telegram_id=1, unreachable_since=datetime(2026, 3, 2, 11, 0)))  # noqa: DTZ001 - the point

    with pytest.raises((StatementError, DBAPIError), match="without a time zone"):
        await session.commit()


async def test_times_compare_across_zones_in_a_query(session: AsyncSession) -> None:
    moscow = timezone(timedelta(hours=3))
    await stored(session, User(telegram_id=1, unreachable_since=datetime(2026, 3, 2, 8, 0, tzinfo=UTC)))
    query = select(User.telegram_id).where(User.unreachable_since < datetime(2026, 3, 2, 11, 30, tzinfo=moscow))

    assert (await session.scalars(query)).all() == [1]


async def test_preferences_keep_their_shape(session: AsyncSession) -> None:
    prefs = {"filter_status": ["open", "on_hold"], "page": 2, "place": None, "слово": "да"}
    user = await stored(session, User(telegram_id=1, prefs=prefs))

    assert user.prefs == prefs


async def test_a_person_shows_ids_and_role_but_no_name(author: User) -> None:
    assert repr(author) == f"<User {author.id} telegram_id=1001 role=staff>"
