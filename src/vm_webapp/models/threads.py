"""The views of threads, and of what people say and have to do in them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


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
    erased_at: Mapped[datetime | None]
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
