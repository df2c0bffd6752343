"""Subjects: each row of a kind's own table begins as one, and has its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from storage.database.prepared import Prepared
from storage.models.tables import subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Dialect, Executable, Table

    from storage.database.transaction import Transaction

_ADD = Prepared(insert(subjects).returning(subjects.c.id))


class Creation:
    """Creates subjects of one kind, each with its row in the table of the kind."""

    def __init__(self, kind: str, table: Table) -> None:
        self._kind = kind
        self._table = table
        self._insert = Prepared(self._inserting)

    def run(self, tx: Transaction, values: Mapping[str, Any]) -> int:
        """Create one from the values of its own table and return its id."""
        if tx.connection.dialect.name == "sqlite":
            # It cannot insert into two tables in one statement.
            values = {**values, "id": _ADD.scalar(tx, {"kind": self._kind})}
        return int(self._insert.scalar(tx, values))

    def _inserting(self, dialect: Dialect) -> Executable:
        inserted = insert(self._table).returning(self._table.c.id)
        if dialect.name == "sqlite":
            return inserted
        subject = insert(subjects).values(kind=self._kind).returning(subjects.c.id).cte("subject")
        return inserted.values(id=select(subject.c.id).scalar_subquery())
