"""Statements of the hot path: Core statements, compiled once for each database and run straight on its driver.

SQLAlchemy's own way from a statement to its rows takes several times as long as SQLite takes to answer. What it does
for types, defaults and errors is done here with its own means; for anything else there is `Connection.execute`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select
from sqlalchemy.sql.dml import UpdateBase

from storage.database.driver import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect
    from sqlalchemy.sql.base import Executable

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as one database takes it: how its parameters are made, and how its columns are read."""

    sql: str
    given: Mapping[str, Any]
    made: Sequence[tuple[str, Callable[[Any], Any]]]
    parameters: Sequence[tuple[str, Callable[[Any], Any] | None]]
    names: Sequence[str]
    readers: Sequence[tuple[int, Callable[[Any], Any]]]


class Prepared:
    """A statement whose values are bound by name; an INSERT or UPDATE writes the columns that are named so.

    Columns with a default of ours get it. A list for IN cannot be bound. What the databases spell differently is given
    as a function of the dialect that makes the statement.
    """

    def __init__(self, statement: Executable | Callable[[Dialect], Executable]) -> None:
        self._statement = statement
        self._only_reads = isinstance(statement, Select) and statement._for_update_arg is None
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def all(self, tx: Transaction, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run it and return its rows by the names of their columns; raises what SQLAlchemy raises."""
        connection = self._connection(tx)
        compiled = self._for(connection.dialect, values)
        rows, _ = execute(connection, compiled.sql, _arguments(tx, compiled, values), reads=True)
        return [_read(compiled, row) for row in rows]

    def one(self, tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it and return its first row, or None where there is none."""
        rows = self.all(tx, values)
        return rows[0] if rows else None

    def scalar(self, tx: Transaction, values: Mapping[str, Any]) -> Any:
        """Run it and return the first value of its first row."""
        return next(iter(self.all(tx, values)[0].values()))

    def run(self, tx: Transaction, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it touched."""
        return self._run(tx, self._connection(tx), values)

    def run_alone(self, tx: Transaction, values: Mapping[str, Any]) -> int:
        """Run it as all that a transaction writes which has not begun; it is committed with it."""
        return self._run(tx, tx.alone(), values)

    def _connection(self, tx: Transaction) -> Connection:
        return tx.read_connection if self._only_reads else tx.connection

    def _run(self, tx: Transaction, connection: Connection, values: Mapping[str, Any]) -> int:
        compiled = self._for(connection.dialect, values)
        arguments = _arguments(tx, compiled, values)
        _, count = execute(connection, compiled.sql, arguments, reads=bool(compiled.names))
        return count

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
        key = (dialect.name, *values)
        compiled = self._compiled.get(key)
        if compiled is None:
            statement = self._statement(dialect) if callable(self._statement) else self._statement
            compiled = self._compiled[key] = _compile(statement, [*values], dialect)
        return compiled


def _compile(statement: Any, names: Sequence[str], dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=names if isinstance(statement, UpdateBase) else None)
    made = [(column.key, column.default) for column in compiled.insert_prefetch]
    made += [(column.key, column.onupdate) for column in compiled.update_prefetch]
    columns = list(getattr(statement, "exported_columns", ()))
    readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Compiled(
        sql=str(compiled),
        given=compiled.params,
        made=[(name, default.arg if default.is_callable else _always(default.arg)) for name, default in made],
        parameters=[
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ],
        names=[str(column.key) for column in columns],
        readers=[(index, reader) for index, reader in enumerate(readers) if reader],
    )


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _context: value


def _arguments(tx: Transaction, compiled: _Compiled, values: Mapping[str, Any]) -> tuple[Any, ...]:
    bound = {**compiled.given, **values}
    if compiled.made:
        context = SimpleNamespace(execution_options={"now": tx.now})
        for name, make in compiled.made:
            bound[name] = make(context)
    return tuple([make(bound[name]) if make else bound[name] for name, make in compiled.parameters])


def _read(compiled: _Compiled, row: Sequence[Any]) -> dict[str, Any]:
    cells = [*row]
    for index, reader in compiled.readers:
        cells[index] = reader(cells[index])
    return dict(zip(compiled.names, cells, strict=True))
