"""Find the next message that waits for its hour without reading all that wait.

Revision ID: 005
Revises: 004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None

PENDING_LATER = sa.text("state = 'pending' AND not_before IS NOT NULL")


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_outbox_pending_not_before",
        "outbox",
        ["bot_id", "not_before"],
        sqlite_where=PENDING_LATER,
        postgresql_where=PENDING_LATER,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_outbox_pending_not_before", table_name="outbox")
