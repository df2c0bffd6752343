"""The one statement that SQLAlchemy spells per database: INSERT … ON CONFLICT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Start an INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
