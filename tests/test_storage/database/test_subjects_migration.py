"""Revision 008: requests become subjects, with what hangs on them, and are mere requests again below."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from storage.database.migrate import downgrade, upgrade
from storage.database.schema_lock import with_schema_lock

USER = (
    "INSERT INTO users (id, telegram_id, full_name, role, is_blocked, language, prefs, created_at, updated_at) "
    "VALUES (1, 1001, 'Анна', 'staff', false, 'ru', '{}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
)
REQUEST = (
    "INSERT INTO requests (number, user_id, created_by_id, title, description, location, priority, urgency, "
    "status, stage, created_at, updated_at) VALUES (:number, 1, 1, 'Лампа', 'Не горит', 'Зал', 'low', 2, "
    "'open', 'waiting', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP) RETURNING id"
)
COMMENT = (
    "INSERT INTO comments (id, {column}, user_id, text, is_internal, created_at) "
    "VALUES (:id, :on, 1, 'Когда?', false, CURRENT_TIMESTAMP)"
)
FILE = (
    "INSERT INTO files (id, {column}, comment_id, user_id, bot_id, file_id, file_unique_id, kind, purpose, created_at) "
    "VALUES (:id, :on, :comment, 1, 7, 'AgAC', 'AQAD', 'photo', 'comment', CURRENT_TIMESTAMP)"
)


def execute(url: str, statement: str, **values: Any) -> list[Any]:
    """Run a statement, check every foreign key, and return the rows."""

    def run(connection: Connection) -> list[Any]:
        done = connection.execute(text(statement), values)
        rows = [tuple(row) for row in done] if done.returns_rows else []
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        return rows

    return with_schema_lock(url, run)


def schema_of(url: str) -> dict[str, Any]:
    """Return what the database says of its tables."""

    def read(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        name = itemgetter("name")
        return {
            table: (
                [{**column, "type": repr(column["type"])} for column in inspector.get_columns(table)],
                inspector.get_pk_constraint(table),
                sorted(inspector.get_foreign_keys(table), key=name),
                sorted(inspector.get_unique_constraints(table), key=name),
                sorted((index["name"], index["column_names"]) for index in inspector.get_indexes(table)),
            )
            for table in inspector.get_table_names()
        }

    return with_schema_lock(url, read)


@pytest.fixture
def filled(empty_database_url: str) -> str:
    """Give a database at 007 with the requests 1 and 3, a comment and its photo on the latter."""
    upgrade(empty_database_url, "007")
    execute(empty_database_url, USER)
    for number in (1, 2, 3):
        execute(empty_database_url, REQUEST, number=number)
    execute(empty_database_url, "DELETE FROM requests WHERE number = 2")
    execute(empty_database_url, COMMENT.format(column="request_id"), id=5, on=3)
    execute(empty_database_url, FILE.format(column="request_id"), id=6, on=3, comment=5)
    return empty_database_url


def test_requests_become_subjects_under_their_ids_and_keep_what_hangs_on_them(filled: str) -> None:
    upgrade(filled, "008")

    assert execute(filled, "SELECT id, kind FROM subjects ORDER BY id") == [(1, "request"), (3, "request")]
    assert execute(filled, "SELECT id, number, title FROM requests ORDER BY id") == [(1, 1, "Лампа"), (3, 3, "Лампа")]
    assert execute(filled, "SELECT id, subject_id, text FROM comments") == [(5, 3, "Когда?")]
    assert execute(filled, "SELECT id, subject_id, comment_id FROM files") == [(6, 3, 5)]
    assert execute(filled, "INSERT INTO subjects (kind) VALUES ('asset') RETURNING id") == [(4,)]


def test_a_step_down_restores_the_schema_and_drops_only_what_hangs_on_no_request(filled: str) -> None:
    before = schema_of(filled)
    upgrade(filled, "008")
    execute(filled, "INSERT INTO subjects (kind) VALUES ('asset')")
    execute(filled, COMMENT.format(column="subject_id"), id=7, on=4)
    execute(filled, FILE.format(column="subject_id"), id=8, on=4, comment=7)
    downgrade(filled, "007")

    assert schema_of(filled) == before
    assert execute(filled, "SELECT id, number, title FROM requests ORDER BY id") == [(1, 1, "Лампа"), (3, 3, "Лампа")]
    assert execute(filled, "SELECT id, request_id, text FROM comments") == [(5, 3, "Когда?")]
    assert execute(filled, "SELECT id, request_id, comment_id FROM files") == [(6, 3, 5)]
    assert execute(filled, REQUEST, number=4)[0][0] >= 4
