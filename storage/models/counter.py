"""Counters without gaps, unlike the ids of a database, which a rollback leaves unused."""

from sqlalchemy import Connection, Dialect, Executable, String, bindparam
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.dialects import upsert
from storage.models.base import Base, table_of
from storage.models.types import Big

REQUEST_NUMBERS = "request"
"""The counter that numbers requests."""


class Counter(Base):
    """The last number used of a sequence, by its name."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Big] = mapped_column(default=0)


def counting(dialect: Dialect) -> Executable:
    """Return the statement that takes the next number of the counter bound as `name`."""
    table = table_of(Counter)
    insert = upsert(dialect, table).values(name=bindparam("name"), value=1)
    counted = insert.on_conflict_do_update(index_elements=["name"], set_={"value": table.c.value + 1})
    return counted.returning(table.c.value)


def next_value(connection: Connection, name: str) -> int:
    """Take the next number, from 1; other transactions that want one wait until this one ends."""
    return int(connection.execute(counting(connection.dialect), {"name": name}).scalar_one())
