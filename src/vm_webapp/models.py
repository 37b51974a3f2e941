"""Tables only: the log, what guards it, and the views that are rebuilt from it.

`events` is the truth and append-only by trigger. `receipts`, `sessions`, `checkpoints`, `dead_letters` and
`pending_files` are bookkeeping written in the transaction of what they guard. `signed_checkpoints` are evidence about
the log and append-only as it is. Everything named `*_view` is derived, and so is `tree_nodes`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcText(TypeDecorator[datetime]):
    """A UTC time as RFC 3339 text with microseconds, so that it sorts as text; SQLite would hand back a naive one."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the port's
        """To text; a naive time is refused."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the port's
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


def utc_text(value: datetime) -> str:
    """RFC 3339, UTC, always with microseconds and `Z`."""
    if value.tzinfo is None:
        msg = "a time without a zone cannot be recorded"
        raise ValueError(msg)
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Base(DeclarativeBase):
    """The tables' root."""

    type_annotation_map = {datetime: UtcText, str: Text}  # noqa: RUF012 - the name and form that SQLAlchemy asks for


class EventRow(Base):
    """The log; UNIQUE(stream_id, stream_version) guards against two writers, triggers forbid UPDATE and DELETE."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("event_id", name="uq_events_event_id"),
        UniqueConstraint("stream_id", "stream_version", name="uq_events_stream"),
        CheckConstraint("stream_version > 0", name="ck_events_stream_version"),
        CheckConstraint("actor_type IN ('human', 'agent', 'system')", name="ck_events_actor_type"),
        Index("ix_events_thread", "thread_id", "global_position"),
        Index("ix_events_brand", "brand_id", "global_position"),
        {"sqlite_autoincrement": True},
    )

    global_position: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[str]
    event_type: Mapped[str]
    payload_version: Mapped[int]
    aggregate_type: Mapped[str]
    aggregate_id: Mapped[str]
    stream_id: Mapped[str]
    stream_version: Mapped[int]
    actor_type: Mapped[str]
    actor_id: Mapped[str]
    brand_id: Mapped[str | None]
    project_id: Mapped[str | None]
    thread_id: Mapped[str | None]
    run_id: Mapped[str | None]
    correlation_id: Mapped[str | None]
    causation_id: Mapped[str | None]
    occurred_at: Mapped[datetime]
    payload: Mapped[str]
    sha256: Mapped[str | None]
    previous_sha256: Mapped[str | None]


class Receipt(Base):
    """What a request with an idempotency key was answered; `body` is NULL while the first has no answer yet."""

    __tablename__ = "receipts"

    actor_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    subject_id: Mapped[str | None]
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class PageSession(Base):
    """A page that shows a token's cookie; `sha256` is the digest of the cookie's secret."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_token", "token_id", "created_at"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    token_id: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Checkpoint(Base):
    """How far a reader of the log has come; saved in the transaction of what it guards."""

    __tablename__ = "checkpoints"

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class DeadLetter(Base):
    """An event that could not be processed, with the reason."""

    __tablename__ = "dead_letters"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    global_position: Mapped[int]
    reader: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class PendingFiles(Base):
    """The durable copies of files that a commit published, until those in the run's folder are known to be on disk.

    `paths_json` is a list of [path relative to the run's folder, size]; `content` is their bytes, one after the other.
    """

    __tablename__ = "pending_files"

    pending_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[str]
    paths_json: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TreeNode(Base):
    """A complete subtree of the tree over the log; derived from it, and made anew where it is garbled."""

    __tablename__ = "tree_nodes"
    __table_args__ = (
        CheckConstraint("length(sha256) = 32", name="ck_tree_nodes_sha256"),
        {"sqlite_with_rowid": False},
    )

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)


class SignedCheckpoint(Base):
    """What was signed of the log; evidence, so triggers forbid UPDATE and DELETE. One note for one size.

    `sha256` is the digest of the other columns; the note itself bears a signature.
    """

    __tablename__ = "signed_checkpoints"
    __table_args__ = (
        UniqueConstraint("size", name="uq_signed_checkpoints_size"),
        CheckConstraint("number > 0", name="ck_signed_checkpoints_number"),
        CheckConstraint("size > 0", name="ck_signed_checkpoints_size"),
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    size: Mapped[int]
    note: Mapped[str]
    signed_at: Mapped[datetime]
    sha256: Mapped[str]


class BrandView(Base):
    """A brand as it is now."""

    __tablename__ = "brands_view"
    __table_args__ = (Index("ix_brands_order", "created_position"),)

    brand_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    voice: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="")
    do_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    dont_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    budget_usd: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    created_position: Mapped[int] = mapped_column(default=0)


class RuleView(Base):
    """A rule of a brand; `check_json` is NULL where nothing can be checked."""

    __tablename__ = "rules_view"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'retired')", name="ck_rules_status"),
        Index("ix_rules_brand", "brand_id", "created_position"),
    )

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str]
    text: Mapped[str]
    check_json: Mapped[str | None]
    from_rejection_json: Mapped[str | None]
    sha256: Mapped[str]
    status: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    retired_by: Mapped[str | None]
    retired_at: Mapped[datetime | None]
    created_position: Mapped[int]


class ProjectView(Base):
    """A project as it is now."""

    __tablename__ = "projects_view"
    __table_args__ = (
        Index("ix_projects_order", "created_position"),
        Index("ix_projects_brand", "brand_id", "created_position"),
    )

    project_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str]
    name: Mapped[str]
    objective: Mapped[str] = mapped_column(default="")
    channels_json: Mapped[str] = mapped_column(default="[]")
    due_on: Mapped[str | None]
    kpis_json: Mapped[str] = mapped_column(default="[]", server_default="[]")
    budget_usd: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    created_position: Mapped[int] = mapped_column(default=0)


class ThreadView(Base):
    """A thread as it is now; `modes_json` is a JSON list."""

    __tablename__ = "threads_view"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="ck_threads_status"),
        Index("ix_threads_order", "created_position"),
        Index("ix_threads_project", "project_id", "created_position"),
        Index("ix_threads_brand", "brand_id", "created_position"),
    )

    thread_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str]
    project_id: Mapped[str]
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    modes_json: Mapped[str] = mapped_column(default="[]")
    best_json: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    created_position: Mapped[int] = mapped_column(default=0)


class RunView(Base):
    """A run as it is now; the `*_json` columns hold what only the detail page reads."""

    __tablename__ = "runs_view"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'canceled')",
            name="ck_runs_status",
        ),
        UniqueConstraint("thread_id", "number", name="uq_runs_number"),
        Index("ix_runs_thread", "thread_id", "requested_position"),
        Index("ix_runs_requested", "requested_position"),
        Index("ix_runs_status", "status", "requested_position"),
        Index("ix_runs_brand", "brand_id", "requested_position"),
        Index("ix_runs_brand_status", "brand_id", "status", "requested_position"),
        Index("ix_runs_forks", "forked_from_run_id", sqlite_where=text("forked_from_run_id IS NOT NULL")),
        Index("one_active_run", "thread_id", unique=True, sqlite_where=text("status = 'running'")),
        Index(
            "ix_runs_open",
            "thread_id",
            "requested_position",
            sqlite_where=text("status IN ('queued', 'running', 'waiting_approval')"),
        ),
    )

    run_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str]
    brand_id: Mapped[str]
    project_id: Mapped[str]
    number: Mapped[int]
    status: Mapped[str]
    requested_mode: Mapped[str]
    mode: Mapped[str]
    request_text: Mapped[str]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    cancel_requested: Mapped[int] = mapped_column(default=0)
    stages_total: Mapped[int]
    stages_done: Mapped[int] = mapped_column(default=0)
    error_json: Mapped[str | None]
    forked_from_json: Mapped[str | None]
    forked_from_run_id: Mapped[str | None]
    changes_json: Mapped[str] = mapped_column(server_default="{}")
    feedback_json: Mapped[str] = mapped_column(server_default="{}")
    edited_json: Mapped[str] = mapped_column(server_default="[]")
    imported_json: Mapped[str | None]
    writer: Mapped[str] = mapped_column(server_default=text("''"))
    budget_usd: Mapped[str | None]
    usage_json: Mapped[str | None]
    profile_json: Mapped[str]
    stages_json: Mapped[str]
    version: Mapped[int]
    requested_position: Mapped[int]


class ThreadRunsView(Base):
    """How many runs a thread has had."""

    __tablename__ = "thread_runs_view"

    thread_id: Mapped[str] = mapped_column(primary_key=True)
    runs: Mapped[int]


class CommentView(Base):
    """A comment."""

    __tablename__ = "comments_view"
    __table_args__ = (Index("ix_comments_thread", "thread_id", "created_position"),)

    comment_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str]
    run_id: Mapped[str | None]
    stage_key: Mapped[str | None]
    text: Mapped[str]
    actor_id: Mapped[str]
    created_at: Mapped[datetime]
    created_position: Mapped[int]


class TaskView(Base):
    """A task."""

    __tablename__ = "tasks_view"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'completed')", name="ck_tasks_status"),
        Index("ix_tasks_thread", "thread_id", "created_position"),
    )

    task_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str]
    run_id: Mapped[str | None]
    title: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    created_position: Mapped[int]


class InboxView(Base):
    """Something that waits or waited for a person: an approval or a task; `item_id` is the id of that."""

    __tablename__ = "inbox_view"
    __table_args__ = (
        CheckConstraint("kind IN ('approval', 'task')", name="ck_inbox_kind"),
        CheckConstraint("status IN ('open', 'done')", name="ck_inbox_status"),
        Index("ix_inbox_open", "opened_position", sqlite_where=text("status = 'open'")),
        Index("ix_inbox_brand", "brand_id", "opened_position", sqlite_where=text("status = 'open'")),
    )

    item_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    status: Mapped[str]
    brand_id: Mapped[str | None]
    project_id: Mapped[str | None]
    thread_id: Mapped[str | None]
    run_id: Mapped[str | None]
    stage_key: Mapped[str | None]
    title: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[str | None]
    opened_position: Mapped[int]


class SpendingView(Base):
    """What requests to models have cost in a thread, project or brand; amounts in 10^-9 US dollars.

    `reserved_nano` is what requests that were never settled may have cost; `unpriced` counts those without a price.
    """

    __tablename__ = "spending_view"

    scope_id: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cost_nano: Mapped[int] = mapped_column(default=0)
    reserved_nano: Mapped[int] = mapped_column(default=0)
    unpriced: Mapped[int] = mapped_column(default=0)


class TokenView(Base):
    """Who may act, with which role; `sha256` is the digest of the token's secret, which is kept nowhere."""

    __tablename__ = "tokens_view"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'editor', 'approver', 'admin')", name="ck_tokens_role"),
        Index("ix_tokens_order", "created_position"),
        Index("ix_tokens_brand", "brand_id", "created_position"),
        Index("one_token_of_a_secret", "sha256", unique=True),
    )

    token_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    brand_id: Mapped[str | None]
    sha256: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
    created_position: Mapped[int]


class WebhookView(Base):
    """Who is told of what happens; the secret that signs the messages stands in a file, not here."""

    __tablename__ = "webhooks_view"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'off', 'disabled', 'deleted')", name="ck_webhooks_status"),
        Index("ix_webhooks_order", "created_position"),
        Index("ix_webhooks_brand", "brand_id", "created_position"),
    )

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    brand_id: Mapped[str | None]
    url: Mapped[str]
    event_types_json: Mapped[str]
    description: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    created_position: Mapped[int]


class WebhookMessage(Base):
    """An event that a webhook is to be told of; bookkeeping, written with the webhook's checkpoint.

    `lane` is the thread, or the stream of what belongs to none: within it one message waits for the one before.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="ck_webhook_messages_status"),
        Index("ix_webhook_messages_due", "webhook_id", "due_at", sqlite_where=text("status = 'pending'")),
        Index(
            "ix_webhook_messages_lane",
            "webhook_id",
            "lane",
            "global_position",
            sqlite_where=text("status = 'pending'"),
        ),
    )

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    global_position: Mapped[int] = mapped_column(Integer, primary_key=True)
    lane: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    queued_at: Mapped[datetime]


class WebhookAttempt(Base):
    """One try at telling a webhook; `status_code` is NULL where no answer came, `detail` what was said, bounded."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        CheckConstraint("outcome IN ('delivered', 'refused', 'unreachable')", name="ck_webhook_attempts_outcome"),
        Index("ix_webhook_attempts", "webhook_id", "attempt_id"),
        {"sqlite_autoincrement": True},
    )

    attempt_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    webhook_id: Mapped[str]
    message_id: Mapped[str]
    global_position: Mapped[int | None]
    event_type: Mapped[str]
    number: Mapped[int]
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]
    outcome: Mapped[str]
    status_code: Mapped[int | None]
    detail: Mapped[str]
    next_at: Mapped[datetime | None]


VIEWS: tuple[Any, ...] = (
    BrandView,
    RuleView,
    ProjectView,
    ThreadView,
    RunView,
    ThreadRunsView,
    CommentView,
    TaskView,
    InboxView,
    SpendingView,
    TokenView,
    WebhookView,
)
