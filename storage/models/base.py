"""The declarative base: names of constraints, column types of annotations, timestamps of rows."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.models.types import UTCDateTime

if TYPE_CHECKING:
    from sqlalchemy.engine.default import DefaultExecutionContext

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can drop it on both databases."""


class Base(DeclarativeBase):
    """The base of all models."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for Core statements."""
    return cast("Table", model.__table__)


def moment(context: "DefaultExecutionContext") -> datetime:
    """Return the time of the transaction, or the current time where there is no unit of work."""
    now: datetime | None = context.execution_options.get("now")
    return now or datetime.now(UTC)


class Created:
    """A row with the time it was created at."""

    created_at: Mapped[datetime] = mapped_column(default=moment, sort_order=90)


class Changed(Created):
    """A row with the times it was created and last updated at."""

    updated_at: Mapped[datetime] = mapped_column(default=moment, onupdate=moment, sort_order=91)
