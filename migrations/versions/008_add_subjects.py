"""Let comments and files hang on any kind of subject: requests share their ids with a table of all subjects.

Revision ID: 008
Revises: 007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every request a subject under its own id, and let requests, comments and files refer to subjects."""
    _lock()
    op.create_table(
        "subjects",
        sa.Column("id", BIG, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
    )
    op.execute("INSERT INTO subjects (id, kind) SELECT id, 'request' FROM requests ORDER BY id")
    for table in ("comments", "files"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN request_id TO subject_id")
        op.drop_index(f"ix_{table}_request_id", table_name=table)
    if _is_sqlite():
        _rebuild("subject_id", "subjects", sa.ForeignKeyConstraint(["id"], ["subjects.id"], "fk_requests_id_subjects"))
        return
    _move_ids("requests", "subjects")
    op.create_foreign_key("fk_requests_id_subjects", "requests", "subjects", ["id"], ["id"])
    for table in ("comments", "files"):
        op.drop_constraint(f"fk_{table}_request_id_requests", table)
        op.create_foreign_key(f"fk_{table}_subject_id_subjects", table, "subjects", ["subject_id"], ["id"])
        op.create_index(f"ix_{table}_subject_id", table, ["subject_id"])


def downgrade() -> None:
    """Let comments and files refer to requests again; those of other kinds have nothing left to hang on and go."""
    _lock()
    op.execute("DELETE FROM files WHERE subject_id NOT IN (SELECT id FROM requests)")
    op.execute("DELETE FROM comments WHERE subject_id NOT IN (SELECT id FROM requests)")
    for table in ("files", "comments"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN subject_id TO request_id")
        op.drop_index(f"ix_{table}_subject_id", table_name=table)
    if _is_sqlite():
        _rebuild("request_id", "requests")
        op.drop_table("subjects")
        return
    for table in ("comments", "files"):
        op.drop_constraint(f"fk_{table}_subject_id_subjects", table)
        op.create_foreign_key(f"fk_{table}_request_id_requests", table, "requests", ["request_id"], ["id"])
        op.create_index(f"ix_{table}_request_id", table, ["request_id"])
    op.drop_constraint("fk_requests_id_subjects", "requests")
    _move_ids("subjects", "requests")
    op.drop_table("subjects")


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _lock() -> None:
    if not _is_sqlite():
        # All that is altered, at once and in the order in which the bot writes: another process that still runs waits
        # here, and neither files a request that is then no subject nor ends in a deadlock.
        op.execute("LOCK TABLE requests, comments, files IN ACCESS EXCLUSIVE MODE")


def _move_ids(old: str, new: str) -> None:
    """Let PostgreSQL's sequence of ids count on for another table."""
    op.execute(f"ALTER TABLE {old} ALTER COLUMN id DROP DEFAULT")
    op.execute(f"ALTER SEQUENCE {old}_id_seq OWNED BY {new}.id")
    op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
    op.execute(f"ALTER TABLE {new} ALTER COLUMN id SET DEFAULT nextval('{new}_id_seq')")


def _rebuild(column: str, parent: str, *constraints: sa.ForeignKeyConstraint) -> None:
    """Copy the three tables: SQLite changes no foreign key of a table that is there."""
    for table in (_requests(*constraints), _comments(column, parent), _files(column, parent)):
        with op.batch_alter_table(table.name, copy_from=table, recreate="always"):
            pass


def _requests(*constraints: sa.ForeignKeyConstraint) -> sa.Table:
    return sa.Table(
        "requests",
        sa.MetaData(),
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("assignee_id", BIG, nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("place_id", BIG, nullable=True),
        sa.Column("category_id", BIG, nullable=True),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("taken_at", TIME, nullable=True),
        sa.Column("completed_at", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("resume_on", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], "fk_requests_assignee_id_users"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], "fk_requests_category_id_categories"),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], "fk_requests_created_by_id_users"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], "fk_requests_place_id_places"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], "fk_requests_user_id_users"),
        *constraints,
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("number", name="uq_requests_number"),
        sa.Index("ix_requests_assignee_id_stage", "assignee_id", "stage"),
        sa.Index("ix_requests_stage_urgency_id", "stage", "urgency", "id"),
        sa.Index("ix_requests_user_id_id", "user_id", "id"),
    )


def _comments(column: str, parent: str) -> sa.Table:
    return sa.Table(
        "comments",
        sa.MetaData(),
        sa.Column("id", BIG, nullable=False),
        sa.Column(column, BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], f"fk_comments_{column}_{parent}"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], "fk_comments_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.Index(f"ix_comments_{column}", column),
    )


def _files(column: str, parent: str) -> sa.Table:
    return sa.Table(
        "files",
        sa.MetaData(),
        sa.Column("id", BIG, nullable=False),
        sa.Column(column, BIG, nullable=False),
        sa.Column("comment_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("bot_id", BIG, nullable=False),
        sa.Column("file_id", sa.String(length=200), nullable=False),
        sa.Column("file_unique_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("mime_type", sa.String(length=100), nullable=True),
        sa.Column("size", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], "fk_files_comment_id_comments"),
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], f"fk_files_{column}_{parent}"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], "fk_files_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.Index(f"ix_files_{column}", column),
    )
