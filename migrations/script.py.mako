<%
def quoted(revision):
    return f'"{revision}"' if isinstance(revision, str) else repr(revision)

up, down = upgrades or "", downgrades or ""
%>\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from __future__ import annotations
% if "op." in up + down:

% if "sa." in up + down:
import sqlalchemy as sa
% endif
from alembic import op
% if imports:
${imports}
% endif
% endif

revision = ${quoted(up_revision)}
down_revision = ${quoted(down_revision)}
branch_labels = ${quoted(branch_labels)}
depends_on = ${quoted(depends_on)}


def upgrade() -> None:
    """Go to this revision."""
% if "op." in up:
    ${up}
% endif


def downgrade() -> None:
    """Go back to the one before."""
% if "op." in down:
    ${down}
% endif
