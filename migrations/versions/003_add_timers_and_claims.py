"""Add timers, and what several processes need to send each thing once.

Revision ID: 003
Revises: 002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TIMER_RUNS = sa.text("timer_at IS NOT NULL")


def upgrade() -> None:
    """Create the table, the columns and their indexes."""
    op.create_table(
        "timers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint("subject_kind", "subject_id", "name", name=op.f("uq_timers_subject_kind_subject_id_name")),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    op.add_column("outbox", sa.Column("claimed_by", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("screen_claimed_by", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("screen_claimed_until", TIME, nullable=True))
    op.add_column("conversations", sa.Column("screen_tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("timer_at", TIME, nullable=True))
    op.create_index(
        "ix_conversations_timer_at",
        "conversations",
        ["bot_id", "timer_at"],
        sqlite_where=TIMER_RUNS,
        postgresql_where=TIMER_RUNS,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_conversations_timer_at", table_name="conversations")
    for column in ("timer_at", "screen_tries", "screen_claimed_until", "screen_claimed_by"):
        op.drop_column("conversations", column)
    op.drop_column("outbox", "claimed_by")
    op.drop_index("ix_timers_due_at", table_name="timers")
    op.drop_table("timers")
