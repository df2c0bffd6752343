"""Let an operator have an update that was set aside fed again.

Revision ID: 004
Revises: 003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the column, and the index by which an update is found again."""
    op.add_column("poisonous_updates", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_poisonous_updates_bot_id_update_id", "poisonous_updates", ["bot_id", "update_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_poisonous_updates_bot_id_update_id", table_name="poisonous_updates")
    op.drop_column("poisonous_updates", "retry_at")
