"""People, known by their Telegram id."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Changed
from storage.models.constants import Role
from storage.models.types import Big, Object


class User(Changed, Base):
    """One person; names of people are stored only here, so that erasing a person is changing one row."""

    __tablename__ = "users"

    id: Mapped[Big] = mapped_column(primary_key=True)
    telegram_id: Mapped[Big] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(String(64))
    full_name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20), default=Role.STAFF)
    is_blocked: Mapped[bool] = mapped_column(default=False)
    """A manager has blocked the person."""
    unreachable_since: Mapped[datetime | None]
    """When Telegram first answered 403: the person has blocked the bot."""
    language: Mapped[str] = mapped_column(String(8), default="ru")
    prefs: Mapped[Object] = mapped_column(default=dict)
    """What dialogs store with the person, such as filters."""

    def __repr__(self) -> str:
        return f"<User {self.id} telegram_id={self.telegram_id} role={self.role}>"
