"""The log, what guards it, and what is kept of the files and the tree."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vm_webapp.models.base import Base


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
        Index("ix_events_erasures", "global_position", sqlite_where=text("event_type = 'ContentErased'")),
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


class EventKey(Base):
    """What the texts of an event are sealed with; the event that erases them deletes it.

    A key of no bytes stands for texts of before there were keys, which are shown no longer.
    """

    __tablename__ = "event_keys"
    __table_args__ = (
        CheckConstraint("length(key) IN (0, 32)", name="ck_event_keys_key"),
        {"sqlite_with_rowid": False},
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


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
