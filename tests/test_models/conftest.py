"""An async session on a migrated database, with foreign keys enforced on both kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from storage.database.url import normalise
from storage.models import Request, User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def session(database_url: str) -> AsyncIterator[AsyncSession]:
    urls = normalise(database_url)
    engine = create_async_engine(urls.async_)
    if urls.is_sqlite:
        event.listen(engine.sync_engine, "connect", _enforce_foreign_keys)
    async with AsyncSession(engine, expire_on_commit=False) as opened:
        yield opened
    await engine.dispose()


@pytest_asyncio.fixture
async def author(session: AsyncSession) -> User:
    user = User(telegram_id=1001, username="anna", full_name="Анна Петрова")
    session.add(user)
    await session.commit()
    return user


@pytest_asyncio.fixture
async def filed(session: AsyncSession, author: User) -> Request:
    request = Request(user_id=author.id, title="Не горит лампа", description="У доски", location="Кабинет 12")
    session.add(request)
    await session.commit()
    return request


def _enforce_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
