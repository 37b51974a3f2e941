"""The states of runs and stages, a sentence each, with what holds after a crash.

queued ──> running ──> completed
  │         │  ▲ └───> failed
  │         ▼  │ └───> canceled
  │  waiting_approval ─> failed, canceled
  └───────────────────> canceled, failed
"""

from enum import StrEnum
from typing import Final


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    """Recorded and waiting for its thread's turn; after a crash it is still in line."""
    RUNNING = "running"
    """Its stages are being executed or wait for a retry's time; after a crash it goes on by itself."""
    WAITING_APPROVAL = "waiting_approval"
    """Nothing is left to execute until a person decides; it holds no thread and outlives restarts."""
    COMPLETED = "completed"
    """Every stage is published; final."""
    FAILED = "failed"
    """A stage failed for good or was rejected; finished stages stay valid; final."""
    CANCELED = "canceled"
    """Stopped on request; finished stages stay valid; final."""


class StageStatus(StrEnum):
    """Where a stage stands."""

    PENDING = "pending"
    """Not begun, or waiting for the time of its next attempt."""
    RUNNING = "running"
    """An attempt is being made; after a crash it is adopted if its manifest holds, else attempted again."""
    WAITING_APPROVAL = "waiting_approval"
    """Published, and waiting for a person to approve exactly these bytes."""
    COMPLETED = "completed"
    """Published, and approved where approval is required; never executed again in this run."""
    FAILED = "failed"
    """The last allowed attempt failed, or a person rejected it."""
    SKIPPED = "skipped"
    """The run settled before this stage began."""


SETTLED: Final = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELED})
OPEN: Final = frozenset(RunStatus) - SETTLED
