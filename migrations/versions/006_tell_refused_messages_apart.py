"""Tell messages that Telegram refused from those whose chat was closed, and count the former without reading all.

Revision ID: 006
Revises: 005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"
branch_labels = None
depends_on = None

DEAD = sa.text("state = 'dead'")


def upgrade() -> None:
    """Give those of closed chats a state of their own, by Telegram's word for a 403; create the index."""
    op.execute("UPDATE outbox SET state = 'closed' WHERE state = 'dead' AND last_error LIKE 'Forbidden%'")
    op.create_index("ix_outbox_dead", "outbox", ["bot_id"], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    """Drop it, and let both have one state."""
    op.drop_index("ix_outbox_dead", table_name="outbox")
    op.execute("UPDATE outbox SET state = 'dead' WHERE state = 'closed'")
