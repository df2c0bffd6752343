"""SQL that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import ReturnTypeFromArgs

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Table
    from sqlalchemy.sql.compiler import SQLCompiler


class latest(ReturnTypeFromArgs[Any]):  # noqa: N801 - a function of SQL, spelt as they are
    """The greatest of several values, none of them NULL."""

    inherit_cache = True


@compiles(latest)
def _greatest(element: latest, compiler: SQLCompiler, **how: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **how)})"


@compiles(latest, "sqlite")
def _max(element: latest, compiler: SQLCompiler, **how: Any) -> str:
    return f"max({compiler.process(element.clauses, **how)})"


def upsert(dialect: Dialect, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Start an INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
