"""Add the indexes that queues, cards, lists and the outbox read by.

Revision ID: 002
Revises: 001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None

UNSENT = sa.text("screen_rev > sent_rev")
PENDING = sa.text("state = 'pending'")
PENDING_CANCELLABLE = sa.text("state = 'pending' AND cancel_key IS NOT NULL")


def upgrade() -> None:
    """Create them."""
    op.create_index(
        "ix_outbox_pending_cancel_key",
        "outbox",
        ["cancel_key"],
        sqlite_where=PENDING_CANCELLABLE,
        postgresql_where=PENDING_CANCELLABLE,
    )
    op.create_index(
        "ix_outbox_pending_chat", "outbox", ["bot_id", "chat_id", "id"], sqlite_where=PENDING, postgresql_where=PENDING
    )
    op.create_index(
        "ix_outbox_pending_due", "outbox", ["bot_id", "next_try_at"], sqlite_where=PENDING, postgresql_where=PENDING
    )
    op.create_index("ix_places_parent_id_position", "places", ["parent_id", "position"])
    op.create_index(
        "ix_conversations_unsent", "conversations", ["bot_id", "id"], sqlite_where=UNSENT, postgresql_where=UNSENT
    )
    op.create_index("ix_conversations_user_id", "conversations", ["user_id"])
    op.create_index("ix_events_subject", "events", ["subject_kind", "subject_id", "id"])
    op.create_index("ix_message_links_subject", "message_links", ["subject_kind", "subject_id"])
    op.create_index("ix_requests_assignee_id_stage", "requests", ["assignee_id", "stage"])
    op.create_index("ix_requests_stage_urgency_id", "requests", ["stage", "urgency", "id"])
    op.create_index("ix_requests_user_id_id", "requests", ["user_id", "id"])
    op.create_index("ix_comments_request_id", "comments", ["request_id"])
    op.create_index("ix_files_request_id", "files", ["request_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_files_request_id", table_name="files")
    op.drop_index("ix_comments_request_id", table_name="comments")
    op.drop_index("ix_requests_user_id_id", table_name="requests")
    op.drop_index("ix_requests_stage_urgency_id", table_name="requests")
    op.drop_index("ix_requests_assignee_id_stage", table_name="requests")
    op.drop_index("ix_message_links_subject", table_name="message_links")
    op.drop_index("ix_events_subject", table_name="events")
    op.drop_index("ix_conversations_user_id", table_name="conversations")
    op.drop_index("ix_conversations_unsent", table_name="conversations")
    op.drop_index("ix_places_parent_id_position", table_name="places")
    op.drop_index("ix_outbox_pending_due", table_name="outbox")
    op.drop_index("ix_outbox_pending_chat", table_name="outbox")
    op.drop_index("ix_outbox_pending_cancel_key", table_name="outbox")
