"""The views of runs, and of what they have cost."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


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
    erased_json: Mapped[str | None]
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
