"""Proof: the chain in the log, the tree over it, and what is signed.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables, each group in a function of its own."""
    _chain()


def _chain() -> None:
    """Columns without a value in old rows: the log is never rewritten, their digests are computed when asked for."""
    op.add_column("events", sa.Column("sha256", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("previous_sha256", sa.Text(), nullable=True))
