"""Commands that work on a database: what stands in their way is said in one line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.cli.common import age
from storage.database.migrate import downgrade, upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from tests.test_cli.conftest import Zavhoz

THERE_IS_NONE = (
    "zavhoz: DATABASE_URL: there is no file zavhoz.db; name the bot's database, such as sqlite:///zavhoz.db\n"
)
LISTS = [("updates", "list"), ("outbox", "list")]


@pytest.mark.parametrize("words", LISTS)
def test_an_empty_list_says_so_and_leaves_the_database_alone(
    zavhoz: Zavhoz, folder: Path, words: tuple[str, str]
) -> None:
    upgrade("sqlite:///zavhoz.db")
    result = zavhoz(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout in ("No update is quarantined.\n", "No message was given up.\n")


@pytest.mark.parametrize("words", LISTS)
def test_a_database_that_is_not_there_is_named_and_not_made(
    zavhoz: Zavhoz, folder: Path, words: tuple[str, str]
) -> None:
    result = zavhoz(*words)
    assert (result.exit_code, result.stderr) == (2, THERE_IS_NONE)
    assert list(folder.iterdir()) == []


def test_a_database_url_that_is_none_is_named(zavhoz: Zavhoz) -> None:
    result = zavhoz("updates", "list", "--database", "mysql://root:s3cret@db")
    assert result.exit_code == 2
    assert result.stderr.startswith("zavhoz: --database: names an unknown database, 'mysql'")
    assert "s3cret" not in result.output


def test_postgresql_that_cannot_be_reached_is_named_without_its_password(zavhoz: Zavhoz) -> None:
    result = zavhoz("updates", "list", "--database", "postgresql://zavhoz:s3cret@127.0.0.1:1/zavhoz")
    assert result.exit_code == 2
    assert result.stderr.startswith("zavhoz: --database: nobody listens at 127.0.0.1:1; start PostgreSQL there")
    assert "s3cret" not in result.output


def test_a_file_that_is_no_database_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "zavhoz.db").write_text("Dear diary, " * 50)
    result = zavhoz("updates", "list")
    assert result.stderr == (
        "zavhoz: DATABASE_URL: zavhoz.db is no SQLite database; name another file, such as sqlite:///zavhoz.db\n"
    )


def test_a_database_of_an_older_bot_is_left_alone(zavhoz: Zavhoz) -> None:
    upgrade("sqlite:///zavhoz.db")
    downgrade("sqlite:///zavhoz.db", "003")
    result = zavhoz("updates", "list")
    assert result.exit_code == 2
    assert result.stderr.startswith("zavhoz: DATABASE_URL: the database is at revision 003, not at 00")
    with closing(sqlite3.connect("zavhoz.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("003",)


@pytest.mark.parametrize("words", [("retry",), ("retry", "1", "--all")])
@pytest.mark.parametrize("group", ["updates", "outbox"])
def test_a_retry_needs_numbers_or_all(zavhoz: Zavhoz, group: str, words: tuple[str, ...]) -> None:
    result = zavhoz(group, *words)
    assert (result.exit_code, result.stderr) == (2, "zavhoz: name what is meant by its ID, or say --all\n")


def test_an_update_that_is_not_in_the_list_is_named(zavhoz: Zavhoz) -> None:
    upgrade("sqlite:///zavhoz.db")
    result = zavhoz("updates", "show", "5")
    assert result.stderr == "zavhoz: there is no 5 among them; zavhoz updates list shows them\n"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (7200, "2 h"), (200_000, "2 d")]
)
def test_an_age_is_worded_by_its_largest_unit(seconds: int, said: str) -> None:
    assert age(timedelta(seconds=seconds)) == said
