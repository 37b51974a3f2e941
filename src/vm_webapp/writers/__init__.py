"""The port `Writer`: what produces a stage's text; adapters beside it.

A writer is a pure producer: it gets a `StageWork` and gives a `StageDraft`. It writes no file, knows no run state, and
may be called again for the same stage (a retry, or a restart after a crash). All it can say while it works goes
through the `Attempt` it is handed: whether to go on, what a request to a model will cost, what it has cost, and the
text so far.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from vm_webapp.domain.plans import StagePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFacts:
    """What a brand says of itself; empty strings and tuples where nothing is known."""

    name: str
    description: str = ""
    voice: str = ""
    audience: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What a project is after; `due_on` is None where no date is set."""

    name: str
    objective: str = ""
    channels: tuple[str, ...] = ()
    due_on: date | None = None
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said in the thread before the run was asked for; `said_at` is RFC 3339, UTC."""

    by: str
    text: str
    said_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledDocument:
    """An earlier approved deliverable of the same brand, or the part of it that fits; `sha256` is the file's."""

    run_id: str
    stage_key: str
    title: str
    path: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """All that a writer may use for one attempt at one stage.

    `outputs` holds the output.json of every stage that this one needs, directly or through others, by stage key, in the
    order of the plan. `dated_on` is the run's date: a writer never asks a clock. `feedback` is what a person or a rule
    of the brand wants changed, `previous` the output.json that it speaks of.
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
    modes: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    recalled: tuple[RecalledDocument, ...] = ()
    feedback: tuple[str, ...] = ()
    previous: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """One file to publish: a plain relative name, what it is for people (`kind`), its media type, its text."""

    name: str
    kind: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDraft:
    """What a writer made: `output` becomes output.json, `files` become the artifacts.

    `sent` is what went to a model, word for word, and joins input.json: rendered prompt, template with version and
    digest, model and parameters. `prompt` names the template in the manifest.
    """

    output: Mapping[str, Any]
    files: tuple[DraftFile, ...]
    sent: Mapping[str, Any] = field(default_factory=dict)
    prompt: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEstimate:
    """What one request to a model may cost at the most; `cost_usd` is None where the price is unknown."""

    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUsage:
    """What one request to a model has cost; `estimated` where it was cut off and nobody told the tokens."""

    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    estimated: bool = False


class Cancellation(Protocol):
    """Whether to go on; a writer asks between pieces of work."""

    def check(self) -> None:
        """Raise StageError with code `canceled` or `stage_timeout` when the work should stop."""

    @property
    def deadline(self) -> datetime:
        """When the attempt times out, UTC."""


class Attempt(Cancellation, Protocol):
    """The attempt that a writer works for."""

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call back once, from any thread, when the work should stop; at once where that is so already."""

    def reserve(self, estimate: CallEstimate) -> None:
        """Ask for a request to a model before it is sent; durable when this returns.

        Raises StageError, not to be retried: `budget_exhausted` where a budget of the run, project or brand would be
        overrun, `price_unknown` where there is a budget and no price.
        """

    def spent(self, usage: CallUsage) -> None:
        """Record what the request that was reserved last has cost; durable when this returns."""

    def tell(self, text: str) -> None:
        """Show readers the whole text so far; may be called often, and is forgotten when the attempt ends."""


class Writer(Protocol):
    """What produces a stage's text."""

    @property
    def name(self) -> str:
        """A short name for logs, manifests and the page: `offline`, or `provider:model`."""

    @property
    def cooperative(self) -> bool:
        """Whether it heeds its attempt's end within a moment; else it works in a thread of its own."""

    @property
    def recalls(self) -> bool:
        """Whether it uses `StageWork.recalled`; if not, nothing is looked up for it."""

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """Produce the stage; StageError says whether another attempt may help."""
