"""Databases for tests: migrated once, copied for each test; a clock that stands still; statements counted."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from storage.database import driver
from storage.database.migrate import upgrade
from tests.postgres_server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database.runner import Runner


class Databases:
    """Makes migrated databases of both kinds; the server starts when the first test asks for it.

    A `durable` server keeps what it has committed when it is killed.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder
        self._durable = durable
        self._sqlite: Path | None = None
        self._server: PostgresServer | None = None
        self._template = ""

    def sqlite(self, path: Path) -> str:
        """Put a migrated SQLite file at `path` and return its URL."""
        if self._sqlite is None:
            self._sqlite = self._folder / "template.db"
            upgrade(f"sqlite:///{self._sqlite}")
        shutil.copyfile(self._sqlite, path)
        return f"sqlite:///{path}"

    @property
    def server(self) -> PostgresServer:
        """The PostgreSQL server, running."""
        if self._server is None:
            self._server = PostgresServer(durable=self._durable)
            self._server.start()
        return self._server

    @contextmanager
    def postgresql(self, *, migrated: bool = True) -> Iterator[str]:
        """Create a database, give its URL, drop it."""
        if migrated and not self._template:
            self._template = self.server.create_database()
            upgrade(self.server.url(self._template))
        name = self.server.create_database(self._template if migrated else "template0")
        yield self.server.url(name)
        self.server.drop_database(name)

    def close(self) -> None:
        """Stop the server if it ever ran."""
        if self._server is not None:
            self._server.stop()


@dataclass
class Counted:
    """Statements seen so far, `COMMIT` and `ROLLBACK` among them; the start of a transaction is not."""

    statements: list[str] = field(default_factory=list)

    @property
    def verbs(self) -> list[str]:
        """The first word of each."""
        return [statement.split(None, 1)[0].upper() for statement in self.statements]

    @property
    def besides_commit(self) -> list[str]:
        """The same without COMMIT: reading alone asks PostgreSQL for no transaction."""
        return [verb for verb in self.verbs if verb != "COMMIT"]


@contextmanager
def count_statements(runner: Runner) -> Iterator[Counted]:
    """Collect every statement the runner's engine executes meanwhile."""
    counted = Counted()

    straight = driver.run_on[runner.engine.dialect.driver]

    def executed(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            counted.statements.append(statement)

    def prepared(connection: Any, sql: str, arguments: Any, *, reads: bool) -> Any:
        if connection.engine is runner.engine and sql not in ("BEGIN", "COMMIT", "ROLLBACK"):
            # It causes no event.
            counted.statements.append(sql)
        done = straight(connection, sql, arguments, reads=reads)
        if connection.engine is runner.engine and not connection.in_transaction() and sql.startswith("UPDATE"):
            # It is a transaction of its own.
            counted.statements.append("COMMIT")
        return done

    listeners = {
        "before_cursor_execute": executed,
        "commit": lambda _connection: counted.statements.append("COMMIT"),
        "rollback": lambda _connection: counted.statements.append("ROLLBACK"),
    }
    driver.run_on[runner.engine.dialect.driver] = prepared
    for name, listener in listeners.items():
        event.listen(runner.engine, name, listener)
    try:
        yield counted
    finally:
        driver.run_on[runner.engine.dialect.driver] = straight
        for name, listener in listeners.items():
            event.remove(runner.engine, name, listener)
