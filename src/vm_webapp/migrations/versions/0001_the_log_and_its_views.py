"""The log and its views.

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the log, its bookkeeping and the views."""
    op.create_table(
        "brands_view",
        sa.Column("brand_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=True),
        sa.Column("updated_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id"),
    )
    with op.batch_alter_table("brands_view", schema=None) as batch_op:
        batch_op.create_index("ix_brands_order", ["created_position"], unique=False)

    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "comments_view",
        sa.Column("comment_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("stage_key", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id"),
    )
    with op.batch_alter_table("comments_view", schema=None) as batch_op:
        batch_op.create_index("ix_comments_thread", ["thread_id", "created_position"], unique=False)

    op.create_table(
        "dead_letters",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("global_position", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "events",
        sa.Column("global_position", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column("aggregate_type", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("stream_version", sa.Integer(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("thread_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=True),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.CheckConstraint("actor_type IN ('human', 'agent', 'system')", name="ck_events_actor_type"),
        sa.CheckConstraint("stream_version > 0", name="ck_events_stream_version"),
        sa.PrimaryKeyConstraint("global_position"),
        sa.UniqueConstraint("event_id", name="uq_events_event_id"),
        sa.UniqueConstraint("stream_id", "stream_version", name="uq_events_stream"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_thread", ["thread_id", "global_position"], unique=False)

    op.create_table(
        "pending_files",
        sa.Column("pending_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("paths_json", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pending_id"),
    )
    op.create_table(
        "projects_view",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("channels_json", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(32), nullable=True),
        sa.Column("updated_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
    with op.batch_alter_table("projects_view", schema=None) as batch_op:
        batch_op.create_index("ix_projects_brand", ["brand_id", "created_position"], unique=False)
        batch_op.create_index("ix_projects_order", ["created_position"], unique=False)

    op.create_table(
        "receipts",
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "route", "key"),
    )
    op.create_table(
        "runs_view",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_mode", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("request_text", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=True),
        sa.Column("settled_at", sa.String(32), nullable=True),
        sa.Column("cancel_requested", sa.Integer(), nullable=False),
        sa.Column("stages_total", sa.Integer(), nullable=False),
        sa.Column("stages_done", sa.Integer(), nullable=False),
        sa.Column("error_json", sa.Text(), nullable=True),
        sa.Column("forked_from_json", sa.Text(), nullable=True),
        sa.Column("profile_json", sa.Text(), nullable=False),
        sa.Column("stages_json", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("requested_position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'canceled')",
            name="ck_runs_status",
        ),
        sa.PrimaryKeyConstraint("run_id"),
        sa.UniqueConstraint("thread_id", "number", name="uq_runs_number"),
    )
    with op.batch_alter_table("runs_view", schema=None) as batch_op:
        batch_op.create_index(
            "ix_runs_open",
            ["thread_id", "requested_position"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'running', 'waiting_approval')"),
        )
        batch_op.create_index("ix_runs_requested", ["requested_position"], unique=False)
        batch_op.create_index("ix_runs_status", ["status", "requested_position"], unique=False)
        batch_op.create_index("ix_runs_thread", ["thread_id", "requested_position"], unique=False)
        batch_op.create_index("one_active_run", ["thread_id"], unique=True, sqlite_where=sa.text("status = 'running'"))

    op.create_table(
        "tasks_view",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("completed_at", sa.String(32), nullable=True),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'completed')", name="ck_tasks_status"),
        sa.PrimaryKeyConstraint("task_id"),
    )
    with op.batch_alter_table("tasks_view", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_thread", ["thread_id", "created_position"], unique=False)

    op.create_table(
        "thread_runs_view",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    op.create_table(
        "threads_view",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("modes_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=True),
        sa.Column("updated_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_threads_status"),
        sa.PrimaryKeyConstraint("thread_id"),
    )
    with op.batch_alter_table("threads_view", schema=None) as batch_op:
        batch_op.create_index("ix_threads_order", ["created_position"], unique=False)
        batch_op.create_index("ix_threads_project", ["project_id", "created_position"], unique=False)
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
            "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        )
