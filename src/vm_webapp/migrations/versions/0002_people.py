"""People: who may do what, and what the lists of one brand are read by.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and indexes, each group in a function of its own."""
    _access()
    _lists_of_a_brand()
    _catalog()
    _decisions_and_money()
    _views_again()


def _access() -> None:
    """Tokens as the log tells of them, and the page's sessions, which are bookkeeping."""
    op.create_table(
        "tokens_view",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=True),
        sa.Column("revoked_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'editor', 'approver', 'admin')", name="ck_tokens_role"),
        sa.PrimaryKeyConstraint("token_id"),
    )
    with op.batch_alter_table("tokens_view", schema=None) as batch_op:
        batch_op.create_index("ix_tokens_brand", ["brand_id", "created_position"], unique=False)
        batch_op.create_index("ix_tokens_order", ["created_position"], unique=False)
        batch_op.create_index("one_token_of_a_secret", ["sha256"], unique=True)

    op.create_table(
        "sessions",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_token", ["token_id", "created_at"], unique=False)


def _lists_of_a_brand() -> None:
    """What a token of one brand reads its lists and its live events by."""
    with op.batch_alter_table("threads_view", schema=None) as batch_op:
        batch_op.create_index("ix_threads_brand", ["brand_id", "created_position"], unique=False)
    with op.batch_alter_table("runs_view", schema=None) as batch_op:
        batch_op.create_index("ix_runs_brand", ["brand_id", "requested_position"], unique=False)
        batch_op.create_index("ix_runs_brand_status", ["brand_id", "status", "requested_position"], unique=False)
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_brand", ["brand_id", "global_position"], unique=False)


def _catalog() -> None:
    """What brands and projects say, the rules of brands, and budgets."""
    with op.batch_alter_table("brands_view", schema=None) as batch_op:
        batch_op.add_column(sa.Column("do_json", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("dont_json", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("budget_usd", sa.Text(), nullable=True))
    with op.batch_alter_table("projects_view", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kpis_json", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("budget_usd", sa.Text(), nullable=True))
    op.create_table(
        "rules_view",
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("check_json", sa.Text(), nullable=True),
        sa.Column("from_rejection_json", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.Column("retired_at", sa.String(32), nullable=True),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name="ck_rules_status"),
        sa.PrimaryKeyConstraint("rule_id"),
    )
    with op.batch_alter_table("rules_view", schema=None) as batch_op:
        batch_op.create_index("ix_rules_brand", ["brand_id", "created_position"], unique=False)


def _decisions_and_money() -> None:
    """Forks, writers and budgets of runs; what waits for a person; what models have cost."""
    with op.batch_alter_table("threads_view", schema=None) as batch_op:
        batch_op.add_column(sa.Column("best_json", sa.Text(), nullable=True))
    with op.batch_alter_table("runs_view", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forked_from_run_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("changes_json", sa.Text(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("feedback_json", sa.Text(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("edited_json", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("writer", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("budget_usd", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("usage_json", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_runs_forks",
            ["forked_from_run_id"],
            unique=False,
            sqlite_where=sa.text("forked_from_run_id IS NOT NULL"),
        )
    op.create_table(
        "inbox_view",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("thread_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("stage_key", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("opened_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('approval', 'task')", name="ck_inbox_kind"),
        sa.CheckConstraint("status IN ('open', 'done')", name="ck_inbox_status"),
        sa.PrimaryKeyConstraint("item_id"),
    )
    with op.batch_alter_table("inbox_view", schema=None) as batch_op:
        still_open = sa.text("status = 'open'")
        batch_op.create_index("ix_inbox_open", ["opened_position"], unique=False, sqlite_where=still_open)
        batch_op.create_index("ix_inbox_brand", ["brand_id", "opened_position"], unique=False, sqlite_where=still_open)
    op.create_table(
        "spending_view",
        sa.Column("scope_id", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano", "unpriced")
        ),
        sa.PrimaryKeyConstraint("scope_id"),
    )


def _views_again() -> None:
    """Views read the log again from its beginning, so that old rows get what is new in them."""
    op.execute("DELETE FROM checkpoints WHERE name = 'views'")
