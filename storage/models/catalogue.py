"""Catalogues that a manager maintains: categories of work, and places."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.models.types import Big


class Category(Base):
    """A kind of work; the first eight come with the schema."""

    __tablename__ = "categories"

    id: Mapped[Big] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    icon: Mapped[str] = mapped_column(String(8), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_hidden: Mapped[bool] = mapped_column(default=False)


class Place(Base):
    """A building, a floor or a room; `code` is its name in a room link."""

    __tablename__ = "places"
    __table_args__ = (Index("ix_places_parent_id_position", "parent_id", "position"),)

    id: Mapped[Big] = mapped_column(primary_key=True)
    parent_id: Mapped[Big | None] = mapped_column(ForeignKey("places.id"))
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str | None] = mapped_column(String(32), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_hidden: Mapped[bool] = mapped_column(default=False)
