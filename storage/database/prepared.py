"""Statements of the hot path: Core statements, compiled once for each database and run directly on its driver.

`Connection.execute` takes several times as long as SQLite takes to answer, even with SQLAlchemy's cache of compiled
statements. Types, defaults and errors are handled here by SQLAlchemy's own processors; what needs more than that uses
`Connection.execute`.
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
    """A statement compiled for one database, with the processors of its parameters and of its columns."""

    sql: str
    constants: Mapping[str, Any]
    """Parameters whose values the statement itself has."""
    defaults: Sequence[tuple[str, Callable[[Any], Any]]]
    """Columns with a default, or an onupdate value, of ours."""
    parameters: Sequence[tuple[str, Callable[[Any], Any] | None]]
    """Names and processors of the parameters, in the order of the placeholders."""
    columns: Sequence[str]
    readers: Sequence[tuple[int, Callable[[Any], Any]]]
    """By column index: what converts a value of the driver to the column's Python type."""


class Prepared:
    """A statement whose values are bound by name; an INSERT or UPDATE writes the columns named like the values.

    Python-side defaults apply. A list for IN cannot be bound. A statement that the databases spell differently is
    passed as a function of the dialect.
    """

    def __init__(self, statement: Executable | Callable[[Dialect], Executable]) -> None:
        self._statement = statement
        self._only_reads = isinstance(statement, Select) and statement._for_update_arg is None
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def all(self, tx: Transaction, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the statement and return its rows as dicts; raises what SQLAlchemy raises."""
        connection = self._connection(tx)
        compiled = self._for(connection.dialect, values)
        rows, _ = execute(connection, compiled.sql, _arguments(tx, compiled, values), reads=True)
        return [_read(compiled, row) for row in rows]

    def one(self, tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run the statement and return its first row, None where there is none."""
        rows = self.all(tx, values)
        return rows[0] if rows else None

    def scalar(self, tx: Transaction, values: Mapping[str, Any]) -> Any:
        """Run the statement and return the first value of its first row."""
        return next(iter(self.all(tx, values)[0].values()))

    def run(self, tx: Transaction, values: Mapping[str, Any]) -> int:
        """Run the statement and return the number of rows affected."""
        return self._run(tx, self._connection(tx), values)

    def run_alone(self, tx: Transaction, values: Mapping[str, Any]) -> int:
        """Run the statement as the only write of a transaction that has not begun, see `Transaction.alone`."""
        return self._run(tx, tx.alone(), values)

    def _connection(self, tx: Transaction) -> Connection:
        return tx.read_connection if self._only_reads else tx.connection

    def _run(self, tx: Transaction, connection: Connection, values: Mapping[str, Any]) -> int:
        compiled = self._for(connection.dialect, values)
        arguments = _arguments(tx, compiled, values)
        _, count = execute(connection, compiled.sql, arguments, reads=bool(compiled.columns))
        return count

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
        # The names matter: an UPDATE sets only the columns that values are given for.
        key = (dialect.name, *values)
        compiled = self._compiled.get(key)
        if compiled is None:
            statement = self._statement(dialect) if callable(self._statement) else self._statement
            compiled = self._compiled[key] = _compile(statement, [*values], dialect)
        return compiled


def _compile(statement: Any, names: Sequence[str], dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=names if isinstance(statement, UpdateBase) else None)
    defaults = [(column.key, column.default) for column in compiled.insert_prefetch]
    defaults += [(column.key, column.onupdate) for column in compiled.update_prefetch]
    columns = list(getattr(statement, "exported_columns", ()))
    readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Compiled(
        sql=str(compiled),
        constants=compiled.params,
        defaults=[(name, each.arg if each.is_callable else _constant(each.arg)) for name, each in defaults],
        parameters=[
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ],
        columns=[str(column.key) for column in columns],
        readers=[(index, reader) for index, reader in enumerate(readers) if reader],
    )


def _constant(value: Any) -> Callable[[Any], Any]:
    return lambda _context: value


def _arguments(tx: Transaction, compiled: _Compiled, values: Mapping[str, Any]) -> tuple[Any, ...]:
    bound = {**compiled.constants, **values}
    if compiled.defaults:
        # All that a default of ours reads, see `storage.models.base.moment`.
        context = SimpleNamespace(execution_options={"now": tx.now})
        for name, make in compiled.defaults:
            bound[name] = make(context)
    return tuple([bind(bound[name]) if bind else bound[name] for name, bind in compiled.parameters])


def _read(compiled: _Compiled, row: Sequence[Any]) -> dict[str, Any]:
    cells = [*row]
    for index, reader in compiled.readers:
        cells[index] = reader(cells[index])
    return dict(zip(compiled.columns, cells, strict=True))
