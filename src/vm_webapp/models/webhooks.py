"""Webhooks: the view, the messages to be sent, and what became of them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


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
