"""Erasure: the keys of the log's texts, and what views say of texts that are gone.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; the texts of events that are there already stay in the clear, since the log is never rewritten."""
    op.create_table(
        "event_keys",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(key) IN (0, 32)", name="ck_event_keys_key"),
        sa.PrimaryKeyConstraint("event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_events_erasures", "events", ["global_position"], sqlite_where=sa.text("event_type = 'ContentErased'")
    )
    op.add_column("runs_view", sa.Column("erased_json", sa.Text(), nullable=True))
    op.add_column("comments_view", sa.Column("erased_at", sa.String(32), nullable=True))
