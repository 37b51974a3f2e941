"""The port `Writer`: what produces a stage's text; adapters beside it.

A writer is a pure producer: it gets a `StageWork` and gives a `StageDraft`. It writes no file, knows no run state, and
may be called again for the same stage (a retry, or a restart after a crash).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from vm_webapp.domain.plans import StagePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFacts:
    """What a brand says of itself; empty strings and tuples where nothing is known."""

    name: str
    description: str = ""
    voice: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What a project is after; `due_on` is None where no date is set."""

    name: str
    objective: str = ""
    channels: tuple[str, ...] = ()
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """All that a writer may use for one attempt at one stage.

    `outputs` holds the output.json of every stage that this one needs, directly or through others, by stage key, in the
    order of the plan. `dated_on` is the run's date: a writer never asks a clock.
    """

    run_id: str
    thread_id: str
    stage: StagePlan
    stage_position: int
    attempt: int
    mode: str
    profile_title: str
    request_text: str
    thread_title: str
    dated_on: date
    brand: BrandFacts
    project: ProjectFacts
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """One file to publish: a plain relative name, what it is for people (`kind`), its media type, its text."""

    name: str
    kind: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDraft:
    """What a writer made: `output` becomes output.json, `files` become the artifacts."""

    output: Mapping[str, Any]
    files: tuple[DraftFile, ...]


class Cancellation(Protocol):
    """Whether to go on; a writer asks between pieces of work."""

    def check(self) -> None:
        """Raise StageError with code `canceled` or `stage_timeout` when the work should stop."""

    @property
    def deadline(self) -> datetime:
        """When the attempt times out, UTC."""


class Writer(Protocol):
    """What produces a stage's text."""

    @property
    def name(self) -> str:
        """A short name for logs, manifests and the page, such as `offline`."""

    @property
    def cooperative(self) -> bool:
        """Whether it asks `cancellation` often and never blocks for long; else it works in a thread of its own."""

    def write(self, work: StageWork, cancellation: Cancellation) -> StageDraft:
        """Produce the stage; StageError says whether another attempt may help."""
