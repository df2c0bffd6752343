from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from storage.database.migrate import downgrade, newest, revision_of, upgrade
from storage.database.schema_lock import with_schema_lock
from storage.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

ROOT = Path(__file__).parents[3]
HEAD = "008"


def alembic(url: str, *arguments: str, root: Path = ROOT, **environment: str) -> str:
    """Run the command line as a person does, from the project root."""
    command = [sys.executable, "-m", "alembic", *arguments]
    variables = {**os.environ, "DATABASE_URL": url, **environment}
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=root, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def copy_project(folder: Path) -> None:
    """Copy what migrations need, so that a test may write into it, and lend it the tools of `make lint`."""
    for file in ("alembic.ini", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    for package in ("migrations", "storage"):
        shutil.copytree(ROOT / package, folder / package)
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "ruff").symlink_to(Path(sys.executable).parent / "ruff")


def assert_in_the_projects_form(folder: Path) -> None:
    for words in (["check"], ["format", "--check"]):
        done = subprocess.run(  # noqa: S603 - our own words
            [folder / ".venv" / "bin" / "ruff", *words, "--no-cache", folder / "migrations"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def current_and_head(url: str) -> tuple[str | None, str | None]:
    return with_schema_lock(url, revision_of), newest()


def names_of(url: str) -> set[str]:
    return with_schema_lock(url, lambda connection: set(inspect(connection).get_table_names()))


def indexes_of(url: str) -> set[str | None]:
    def read(connection: Connection) -> set[str | None]:
        inspector = inspect(connection)
        return {index["name"] for table in inspector.get_table_names() for index in inspector.get_indexes(table)}

    return with_schema_lock(url, read)


def test_an_empty_database_gets_the_whole_schema(empty_database_url: str) -> None:
    upgrade(empty_database_url)

    assert names_of(empty_database_url) == {*Base.metadata.tables, "alembic_version"}
    assert current_and_head(empty_database_url) == (HEAD, HEAD)


def test_a_database_without_a_schema_is_at_no_revision(empty_database_url: str) -> None:
    assert current_and_head(empty_database_url) == (None, HEAD)


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    upgrade(database_url)

    assert current_and_head(database_url) == (HEAD, HEAD)


def test_the_models_and_the_migrations_agree(database_url: str) -> None:
    def compare(connection: Connection) -> Iterable[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)

    assert list(with_schema_lock(database_url, compare)) == []


def test_the_first_categories_are_there_in_their_order(database_url: str) -> None:
    query = text("SELECT icon, name FROM categories WHERE NOT is_hidden ORDER BY position")
    rows = with_schema_lock(database_url, lambda connection: connection.execute(query).all())

    assert [f"{icon} {name}" for icon, name in rows] == [
        "⚡ Электрика",
        "🚰 Сантехника",
        "🪑 Мебель",
        "🌡 Отопление",
        "🚪 Окна и двери",
        "💻 Компьютеры и связь",
        "🧹 Уборка",
        "❔ Другое",
    ]


def test_a_step_down_takes_the_indexes_and_up_brings_them_back(database_url: str) -> None:
    before = indexes_of(database_url)
    downgrade(database_url, "001")

    assert current_and_head(database_url)[0] == "001"
    assert "ix_requests_stage_urgency_id" in before - indexes_of(database_url)
    upgrade(database_url)
    assert indexes_of(database_url) == before


def test_going_down_to_the_base_leaves_nothing(database_url: str) -> None:
    downgrade(database_url, "base")

    assert names_of(database_url) <= {"alembic_version"}
    upgrade(database_url)
    assert current_and_head(database_url) == (HEAD, HEAD)


def test_rows_survive_a_step_down_and_up(database_url: str) -> None:
    insert = text("INSERT INTO counters (name, value) VALUES ('request', 41)")
    with_schema_lock(database_url, lambda connection: connection.execute(insert))
    downgrade(database_url, "-1")
    upgrade(database_url)

    query = text("SELECT value FROM counters")
    assert with_schema_lock(database_url, lambda connection: connection.execute(query).scalar_one()) == 41


def test_messages_to_closed_chats_differ_from_refused_ones_and_have_one_state_again_below(database_url: str) -> None:
    columns = "bot_id, chat_id, thread_id, method, payload, rev, tries, next_try_at, created_at, state, last_error"
    then = "'2026-01-01 00:00:00+00:00'"
    rows = [
        f"(7, {chat}, 0, 'sendMessage', '{{}}', 1, 0, {then}, {then}, 'dead', '{error}')"
        for chat, error in ((1, "Forbidden: bot was blocked by the user"), (2, "Bad Request: message is too long"))
    ]
    insert = text(f"INSERT INTO outbox ({columns}) VALUES {', '.join(rows)}")  # noqa: S608 - our own words

    def states() -> list[str]:
        query = text("SELECT state FROM outbox ORDER BY id")
        return with_schema_lock(database_url, lambda connection: [*connection.execute(query).scalars()])

    downgrade(database_url, "005")
    with_schema_lock(database_url, lambda connection: connection.execute(insert))
    upgrade(database_url)
    assert states() == ["closed", "dead"]
    downgrade(database_url, "005")
    assert states() == ["dead", "dead"]


def test_what_waits_and_what_was_quarantined_keeps_its_row_under_other_names(database_url: str) -> None:
    then = "'2026-01-01 00:00:00+00:00'"
    outbox = "bot_id, chat_id, thread_id, method, payload, rev, tries, next_try_at, created_at, state, leased_by"
    inserts = (
        f"INSERT INTO outbox ({outbox}) VALUES (7, 1, 0, 'sendMessage', '{{}}', 1, 0, {then}, {then}, 'pending', 71)",  # noqa: S608 - our own words
        f"INSERT INTO quarantined_updates (bot_id, update_id, raw, error, tries, created_at) "  # noqa: S608
        f"VALUES (7, 5, '{{}}', 'KeyError', 3, {then})",
    )

    def read(*queries: str) -> list[object]:
        return with_schema_lock(
            database_url, lambda connection: [connection.execute(text(q)).scalar() for q in queries]
        )

    with_schema_lock(database_url, lambda connection: [connection.execute(text(insert)) for insert in inserts])
    downgrade(database_url, "006")
    assert read("SELECT claimed_by FROM outbox", "SELECT update_id FROM poisonous_updates") == [71, 5]
    assert "ix_poisonous_updates_bot_id_update_id" in indexes_of(database_url)
    upgrade(database_url)
    assert read("SELECT leased_by FROM outbox", "SELECT update_id FROM quarantined_updates") == [71, 5]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    with_schema_lock(
        empty_database_url, lambda connection: connection.execute(text("CREATE TABLE settings (key TEXT)"))
    )

    with pytest.raises(Exception, match="settings"):
        upgrade(empty_database_url)
    assert names_of(empty_database_url) == {"settings"}


def test_two_processes_that_upgrade_at_once_take_turns(empty_database_url: str) -> None:
    command = [sys.executable, "-c", f"from storage.database.migrate import upgrade; upgrade({empty_database_url!r})"]
    both = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own words
        for _ in range(2)
    ]

    for process in both:
        assert process.communicate(timeout=60) == (None, "")
        assert process.returncode == 0
    assert current_and_head(empty_database_url) == (HEAD, HEAD)


def test_the_migrations_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    upgrade("sqlite:///elsewhere.db")

    assert current_and_head(f"sqlite:///{tmp_path}/elsewhere.db") == (HEAD, HEAD)


def test_the_command_line_upgrades_steps_down_and_shows_the_history(empty_database_url: str) -> None:
    assert "Running upgrade 007 -> 008" in alembic(empty_database_url, "upgrade", "head")
    assert "Running downgrade 008 -> 007" in alembic(empty_database_url, "downgrade", "-1")
    assert re.search(r"^007 -> 008 \(head\), Let comments", alembic(empty_database_url, "history"), re.MULTILINE)
    assert "007" in alembic(empty_database_url, "current")


def test_autogenerate_finds_nothing_and_numbers_the_next_file(database_url: str, tmp_path: Path) -> None:
    copy_project(tmp_path)
    alembic(database_url, "revision", "--autogenerate", "-m", "Add followers", root=tmp_path)

    revision = tmp_path / "migrations" / "versions" / "009_add_followers.py"
    written = revision.read_text(encoding="utf-8")
    assert 'revision = "009"' in written
    assert 'down_revision = "008"' in written
    assert "op." not in written
    assert_in_the_projects_form(tmp_path)


def test_a_revision_to_be_written_by_hand_is_in_the_projects_form(sqlite_url: str, tmp_path: Path) -> None:
    copy_project(tmp_path)
    alembic(sqlite_url, "revision", "-m", "By hand", root=tmp_path)
    assert_in_the_projects_form(tmp_path)


def test_without_the_tools_of_make_lint_a_revision_is_written_all_the_same(sqlite_url: str, tmp_path: Path) -> None:
    copy_project(tmp_path)
    shutil.rmtree(tmp_path / ".venv")
    alembic(sqlite_url, "revision", "--rev-id", "009", "-m", "By hand", root=tmp_path)
    assert (tmp_path / "migrations" / "versions" / "009_by_hand.py").exists()


def test_autogenerate_writes_new_columns_without_naming_the_models(database_url: str, tmp_path: Path) -> None:
    copy_project(tmp_path)
    with (tmp_path / "storage" / "models" / "setting.py").open("a", encoding="utf-8") as model:
        model.write(
            "\n\nfrom storage.models.types import Object, RawJSON\n\n\n"
            "class Followed(Base):\n"
            '    """A new table."""\n\n'
            '    __tablename__ = "followed"\n\n'
            "    key: Mapped[str] = mapped_column(String(64), primary_key=True)\n"
            "    since: Mapped[datetime]\n"
            "    raw: Mapped[object] = mapped_column(RawJSON)\n"
            "    found: Mapped[Object]\n"
        )
    alembic(database_url, "revision", "--autogenerate", "-m", "Add followed", root=tmp_path)

    written = (tmp_path / "migrations" / "versions" / "009_add_followed.py").read_text(encoding="utf-8")
    assert 'sa.Column("since", sa.DateTime(timezone=True), nullable=False)' in written
    assert 'sa.Column("raw", sa.Text(), nullable=False)' in written
    assert "from sqlalchemy.dialects import postgresql" in written
    assert_in_the_projects_form(tmp_path)
    alembic(database_url, "upgrade", "head", root=tmp_path)
    assert "No new upgrade operations detected" in alembic(database_url, "check", root=tmp_path)


def test_the_command_line_takes_the_database_from_x_before_the_environment(tmp_path: Path) -> None:
    alembic("sqlite:////nonexistent/zavhoz.db", "-x", f"url=sqlite:///{tmp_path}/given.db", "upgrade", "head")

    assert current_and_head(f"sqlite:///{tmp_path}/given.db") == (HEAD, HEAD)


def test_the_command_line_takes_the_database_from_the_env_file(tmp_path: Path) -> None:
    copy_project(tmp_path)
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-env.db\n", encoding="utf-8")
    alembic("", "upgrade", "head", root=tmp_path)

    assert (tmp_path / "from-env.db").exists()


def test_without_any_setting_the_database_is_the_one_of_the_bot(tmp_path: Path) -> None:
    copy_project(tmp_path)
    alembic("", "upgrade", "head", root=tmp_path)

    assert (tmp_path / "zavhoz.db").exists()


@pytest.mark.parametrize(
    ("url", "type_of_json"), [("sqlite:///zavhoz.db", "state JSON"), ("postgresql://h/d", "state JSONB")]
)
def test_the_sql_can_be_read_without_a_database(url: str, type_of_json: str) -> None:
    script = alembic(url, "upgrade", "head", "--sql")

    assert type_of_json in script
    assert "INSERT INTO categories" in script
    assert "CREATE INDEX ix_requests_stage_urgency_id" in script
