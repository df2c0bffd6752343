"""Settings an organisation changes in the chat."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, moment
from storage.models.types import JSON_COLUMN


class Setting(Base):
    """One setting and its JSON value."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON_COLUMN)
    updated_at: Mapped[datetime] = mapped_column(default=moment, onupdate=moment)
