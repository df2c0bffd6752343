"""Give leases, quarantined updates and what a conversation remembers of its messages the names that the code has.

Revision ID: 007
Revises: 006
"""

from __future__ import annotations

from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None

COLUMNS = (
    ("outbox", "claimed_by", "leased_by"),
    ("outbox", "claimed_until", "leased_until"),
    ("conversations", "screen_claimed_by", "screen_leased_by"),
    ("conversations", "screen_claimed_until", "screen_leased_until"),
    ("conversations", "seen", "recent_updates"),
    ("conversations", "retired", "outdated"),
)
OLD, NEW = "poisonous_updates", "quarantined_updates"


def upgrade() -> None:
    """Rename them; no row is rewritten."""
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    _rename_table(OLD, NEW)


def downgrade() -> None:
    """Take the old names back."""
    _rename_table(NEW, OLD)
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")


def _rename_table(old: str, new: str) -> None:
    op.rename_table(old, new)
    op.drop_index(f"ix_{old}_bot_id_update_id", table_name=new)
    op.create_index(f"ix_{new}_bot_id_update_id", new, ["bot_id", "update_id"])
    if op.get_bind().dialect.name == "postgresql":
        # SQLite keeps the name of a primary key for nobody but readers of the schema.
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
