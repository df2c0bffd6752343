"""`zavhoz db`: an operator brings the schema up and down, and is told where it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from storage.database.migrate import newest, revision_of, upgrade
from storage.database.process_lock import acquire_process_lock
from storage.database.schema_lock import with_schema_lock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases
    from tests.test_cli.conftest import Zavhoz

HEAD = newest()
THERE_IS_NONE = (
    "zavhoz: DATABASE_URL: there is no file zavhoz.db; name the bot's database, such as sqlite:///zavhoz.db\n"
)
BEFORE = f"{int(HEAD or 0) - 1:03}"


def said(revision: str) -> str:
    return f"The database is at revision {revision}; this version needs {HEAD}.\n"


def test_the_schema_goes_up_one_step_down_to_the_base_and_up_again(zavhoz: Zavhoz, empty_database_url: str) -> None:
    for words, revision in (
        (["upgrade"], HEAD),
        (["downgrade", "-1"], BEFORE),
        (["downgrade", "base"], "base"),
        (["upgrade"], HEAD),
        (["downgrade", BEFORE], BEFORE),
    ):
        result = zavhoz("db", *words, "--database", empty_database_url)
        assert (result.exit_code, result.stdout, result.stderr) == (0, said(str(revision)), "")
    assert with_schema_lock(empty_database_url, revision_of) == BEFORE


def test_a_schema_of_this_version_is_told_and_left_alone(zavhoz: Zavhoz, database_url: str) -> None:
    result = zavhoz("db", "status", DATABASE_URL=database_url)
    assert (result.exit_code, result.stdout) == (0, said(str(HEAD)))


def test_a_schema_of_another_version_is_told_by_the_exit_code(zavhoz: Zavhoz, empty_database_url: str) -> None:
    upgrade(empty_database_url, "001")
    result = zavhoz("db", "status", DATABASE_URL=empty_database_url)
    assert (result.exit_code, result.stdout) == (1, said("001"))


def test_without_a_schema_the_database_is_at_the_base(zavhoz: Zavhoz, databases: Databases) -> None:
    with databases.postgresql(migrated=False) as url:
        result = zavhoz("db", "status", DATABASE_URL=url)
    assert (result.exit_code, result.stdout) == (1, said("base"))


@pytest.mark.parametrize("words", ["status", "downgrade -1"])
def test_a_file_that_is_not_there_is_named_and_not_made(zavhoz: Zavhoz, folder: Path, words: str) -> None:
    result = zavhoz("db", *words.split())
    assert (result.exit_code, result.stderr) == (2, THERE_IS_NONE)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", ["upgrade", "downgrade -1"])
def test_the_schema_does_not_move_under_a_running_bot(zavhoz: Zavhoz, folder: Path, words: str) -> None:
    upgrade("sqlite:///zavhoz.db")
    with acquire_process_lock("sqlite:///zavhoz.db"):
        result = zavhoz("db", *words.split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"zavhoz: DATABASE_URL: another bot (process {os.getpid()}) works on zavhoz.db")


def test_a_revision_that_nobody_knows_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    upgrade("sqlite:///zavhoz.db")
    result = zavhoz("db", "downgrade", "999")
    assert result.exit_code == 2
    assert result.stderr == (
        "zavhoz: DATABASE_URL: the schema has or is to get the revision 999, which this version does not know; "
        "run the newer version that does, or take the schema down with it first\n"
    )
    with closing(sqlite3.connect("zavhoz.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_more_steps_down_than_there_are_are_not_made(zavhoz: Zavhoz, folder: Path) -> None:
    upgrade("sqlite:///zavhoz.db")
    result = zavhoz("db", "downgrade", "-99")
    assert (result.exit_code, result.stderr) == (
        2,
        "zavhoz: DATABASE_URL: the schema cannot be moved there; zavhoz db status tells the revision that it is at\n",
    )


@pytest.mark.parametrize("words", ["status", "upgrade", "downgrade -1"])
def test_a_database_that_cannot_be_reached_is_named_without_its_password(zavhoz: Zavhoz, words: str) -> None:
    result = zavhoz("db", *words.split(), "--database", "postgresql://zavhoz:s3cret@127.0.0.1:1/zavhoz")
    assert result.exit_code == 2
    assert result.stderr.startswith("zavhoz: --database: nobody listens at 127.0.0.1:1; start PostgreSQL there")
    assert "s3cret" not in result.output


def test_the_version_is_told(zavhoz: Zavhoz) -> None:
    assert zavhoz("--version").stdout == f"{version('zavhoz')}\n"
