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
    _imports()
    _webhooks()
    _tree()


def _chain() -> None:
    """Columns without a value in old rows: the log is never rewritten, their digests are computed when asked for."""
    op.add_column("events", sa.Column("sha256", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("previous_sha256", sa.Text(), nullable=True))


def _imports() -> None:
    """Where a run was brought from; NULL for one made here."""
    op.add_column("runs_view", sa.Column("imported_json", sa.Text(), nullable=True))


def _webhooks() -> None:
    """Who is told of what happens, what they are to be told, and every try at it."""
    op.create_table(
        "webhooks_view",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("url", "event_types_json", "description", "status")),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'off', 'disabled', 'deleted')", name="ck_webhooks_status"),
        sa.PrimaryKeyConstraint("webhook_id"),
    )
    with op.batch_alter_table("webhooks_view", schema=None) as batch_op:
        batch_op.create_index("ix_webhooks_order", ["created_position"], unique=False)
        batch_op.create_index("ix_webhooks_brand", ["brand_id", "created_position"], unique=False)
    op.create_table(
        "webhook_messages",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("global_position", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.String(32), nullable=False),
        sa.Column("queued_at", sa.String(32), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="ck_webhook_messages_status"),
        sa.PrimaryKeyConstraint("webhook_id", "global_position"),
    )
    pending = sa.text("status = 'pending'")
    with op.batch_alter_table("webhook_messages", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_messages_due", ["webhook_id", "due_at"], unique=False, sqlite_where=pending)
        lane = ["webhook_id", "lane", "global_position"]
        batch_op.create_index("ix_webhook_messages_lane", lane, unique=False, sqlite_where=pending)
    op.create_table(
        "webhook_attempts",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("global_position", sa.Integer(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("next_at", sa.String(32), nullable=True),
        sa.CheckConstraint("outcome IN ('delivered', 'refused', 'unreachable')", name="ck_webhook_attempts_outcome"),
        sa.PrimaryKeyConstraint("attempt_id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("webhook_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_attempts", ["webhook_id", "attempt_id"], unique=False)


def _tree() -> None:
    """The tree's complete subtrees, which are derived; and the signed checkpoints, which are evidence and stay."""
    op.create_table(
        "tree_nodes",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(sha256) = 32", name="ck_tree_nodes_sha256"),
        sa.PrimaryKeyConstraint("level", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signed_checkpoints",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.String(32), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name="ck_signed_checkpoints_number"),
        sa.CheckConstraint("size > 0", name="ck_signed_checkpoints_size"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("size", name="uq_signed_checkpoints_size"),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER signed_checkpoints_no_{verb.lower()} BEFORE {verb} ON signed_checkpoints "
            "BEGIN SELECT RAISE(ABORT, 'what was signed stays'); END"
        )
