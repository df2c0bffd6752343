"""Initial schema: people, requests, their history, conversations, the outbox, and the first categories.

Revision ID: 001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
WAITING_WITH_KEY = sa.text("state = 'pending' AND dedupe_key IS NOT NULL")

CATEGORIES = [
    ("electricity", "⚡", "Электрика"),
    ("plumbing", "🚰", "Сантехника"),
    ("furniture", "🪑", "Мебель"),
    ("heating", "🌡", "Отопление"),
    ("windows_doors", "🚪", "Окна и двери"),
    ("it", "💻", "Компьютеры и связь"),
    ("cleaning", "🧹", "Уборка"),
    ("other", "❔", "Другое"),
]


def upgrade() -> None:
    """Create every table, and seed the categories."""
    create_people_and_catalogues()
    create_requests()
    create_conversations_and_delivery()
    seed_categories()


def create_people_and_catalogues() -> None:
    """Create users, categories, places."""
    op.create_table(
        "users",
        sa.Column("id", BIG, nullable=False),
        sa.Column("telegram_id", BIG, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("unreachable_since", TIME, nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("prefs", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("telegram_id", name=op.f("uq_users_telegram_id")),
    )
    op.create_table(
        "categories",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("icon", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("code", name=op.f("uq_categories_code")),
    )
    op.create_table(
        "places",
        sa.Column("id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["places.id"], name=op.f("fk_places_parent_id_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint("code", name=op.f("uq_places_code")),
    )


def create_requests() -> None:
    """Create counters, requests, comments, files, events."""
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "requests",
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
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name=op.f("fk_requests_assignee_id_users")),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_requests_category_id_categories")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_requests_created_by_id_users")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_requests_place_id_places")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_requests_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_requests_number")),
    )
    op.create_table(
        "comments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_comments_request_id_requests")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_comments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_table(
        "files",
        sa.Column("id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
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
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_files_comment_id_comments")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_files_request_id_requests")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_files_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    op.create_table(
        "events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )


def create_conversations_and_delivery() -> None:
    """Create conversations, outbox, message_links, poisonous_updates, settings."""
    op.create_table(
        "conversations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bot_id", BIG, nullable=False),
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=False),
        sa.Column("telegram_user_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen", JSON, nullable=False),
        sa.Column("screen", JSON, nullable=True),
        sa.Column("screen_rev", sa.Integer(), nullable=False),
        sa.Column("sent_rev", sa.Integer(), nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("retired", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_conversations_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "bot_id",
            "chat_id",
            "thread_id",
            "telegram_user_id",
            name=op.f("uq_conversations_bot_id_chat_id_thread_id_telegram_user_id"),
        ),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bot_id", BIG, nullable=False),
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("link", JSON, nullable=True),
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("cancel_key", sa.String(length=100), nullable=True),
        sa.Column("dedupe_key", sa.String(length=150), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", TIME, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("sent_message_id", BIG, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "message_links",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bot_id", BIG, nullable=False),
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=True),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("shape", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_message_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_links")),
        sa.UniqueConstraint("bot_id", "chat_id", "message_id", name=op.f("uq_message_links_bot_id_chat_id_message_id")),
    )
    op.create_table(
        "poisonous_updates",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bot_id", BIG, nullable=False),
        sa.Column("update_id", BIG, nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poisonous_updates")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_index(
        "uq_outbox_pending_dedupe_key",
        "outbox",
        ["bot_id", "chat_id", "dedupe_key"],
        unique=True,
        sqlite_where=WAITING_WITH_KEY,
        postgresql_where=WAITING_WITH_KEY,
    )


def seed_categories() -> None:
    """Fill the catalogue a newcomer starts with."""
    categories = sa.table(
        "categories",
        sa.column("code", sa.String()),
        sa.column("icon", sa.String()),
        sa.column("name", sa.String()),
        sa.column("position", sa.Integer()),
        sa.column("is_hidden", sa.Boolean()),
    )
    op.bulk_insert(
        categories,
        [
            {"code": code, "icon": icon, "name": name, "position": position, "is_hidden": False}
            for position, (code, icon, name) in enumerate(CATEGORIES, start=1)
        ],
    )


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    for table in (
        "settings",
        "poisonous_updates",
        "message_links",
        "outbox",
        "conversations",
        "events",
        "files",
        "comments",
        "requests",
        "counters",
        "places",
        "categories",
        "users",
    ):
        op.drop_table(table)
