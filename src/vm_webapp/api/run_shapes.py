"""The JSON that runs are described by: in lists, with their stages, with their files."""

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from vm_webapp.api.shapes import Cursor, Time

RunStatusName: TypeAlias = Literal["queued", "running", "waiting_approval", "completed", "failed", "canceled"]
StageStatusName: TypeAlias = Literal["pending", "running", "waiting_approval", "completed", "failed", "skipped"]


class PlaceShape(BaseModel):
    """A stage of another run."""

    run_id: str
    stage_key: str


class RunErrorShape(BaseModel):
    """Why a run failed."""

    code: str
    message: str
    stage_key: str | None
    retryable: bool


class ChangeShape(BaseModel):
    """What something was, and what it is."""

    before: Any = Field(alias="from")
    after: Any = Field(alias="to")


class UsageShape(BaseModel):
    """What requests to models have cost; amounts in US dollars as decimal text.

    `reserved_usd` is what requests whose end nobody saw may have cost, `unpriced` how many have no known price.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: str
    reserved_usd: str
    unpriced: int


class ImportedShape(BaseModel):
    """Where a run was brought from: the log, its key with the key's fingerprint, the bundle; and by whom, and when."""

    origin: str
    key: str
    fingerprint: str
    bundle_sha256: str
    by: str
    at: Time


class ErasedShape(BaseModel):
    """Who erased it, when and why."""

    by: str
    at: str
    reason: str


class RunRowShape(BaseModel):
    """A run in a list; `number` counts the thread's runs from 1."""

    run_id: str
    thread_id: str
    brand_id: str
    project_id: str
    number: int
    status: RunStatusName
    mode: str
    requested_mode: str
    request_text: str
    requested_by: str
    created_at: Time
    started_at: Time | None
    settled_at: Time | None
    error: RunErrorShape | None
    forked_from: PlaceShape | None
    changes: dict[str, ChangeShape] = Field(description="What a fork changed, by name.")
    feedback: dict[str, str] = Field(description="What was to be changed, by stage.")
    edited: list[str] = Field(description="The stages whose output is a person's own.")
    imported: ImportedShape | None = Field(description="Null for a run that was made here.")
    erased: ErasedShape | None = Field(description="Null unless its texts and files were erased.")
    writer: str = Field(description="Who writes: offline, or provider:model; empty for the configured one.")
    budget_usd: str | None
    usage: UsageShape | None = Field(description="What models have cost; null where none was asked.")
    stages_total: int
    stages_done: int


class RequestersShape(BaseModel):
    """Who asked for the runs of a thread, whoever asked last first."""

    requesters: list[str]


class RunsShape(BaseModel):
    """Runs, newest first."""

    runs: list[RunRowShape]
    next: Cursor


class AttemptShape(BaseModel):
    """One attempt at a stage."""

    attempt: int
    status: Literal["running", "completed", "failed"]
    started_at: Time
    finished_at: Time | None
    error_code: str | None
    error_message: str | None
    retryable: bool | None
    retry_at: Time | None
    usage: UsageShape | None


class ArtifactShape(BaseModel):
    """A published file; `path` is relative to its stage."""

    path: str
    kind: str
    media_type: str
    sha256: str
    size: int


class GrantShape(BaseModel):
    """One person's yes; `waived` are the rules whose breach they accept, for the reason in the comment."""

    by: str
    at: Time
    comment: str
    waived: list[str]


class RejectionShape(BaseModel):
    """One person's no."""

    by: str
    at: Time
    reason: str


class GateShape(BaseModel):
    """What a stage asks people for, and what they said; `manifest_sha256` names the bytes that it is about."""

    approval_id: str
    manifest_sha256: str
    role: str
    quorum: int
    four_eyes: bool
    expires_at: Time | None
    on_expiry: Literal["fail", "reject"]
    breaches: list[str]
    asked_at: Time
    granted: list[GrantShape]
    rejected: RejectionShape | None = None
    decision: Literal["granted", "rejected", "expired"] | None


class StageShape(BaseModel):
    """A stage of a run."""

    stage_key: str
    position: int
    title: str
    kind: str
    needs: list[str]
    approval: Literal["none", "required", "unknown"] = Field(
        description="Whether the profile asks for one; unknown in a recovered run."
    )
    status: StageStatusName
    attempt: int
    attempts: list[AttemptShape]
    started_at: Time | None
    finished_at: Time | None
    retry_at: Time | None
    writer: str | None
    manifest_sha256: str | None
    artifacts: list[ArtifactShape]
    carried_from: PlaceShape | None
    breaches: list[str] = Field(
        description="The brand's rules that the files break, by id; the manifest has the evidence."
    )
    gate: GateShape | None


class RunProfileShape(BaseModel):
    """The profile that a run executes, as it stood when the run was requested."""

    mode: str
    version: int
    title: str
    digest: str


class RunShape(RunRowShape):
    """A run with its stages, in plan order."""

    profile: RunProfileShape
    cancel_requested: bool
    stages: list[StageShape]
    version: int


class FileShape(BaseModel):
    """A file of a stage."""

    path: str
    sha256: str
    size: int


class ManifestShape(BaseModel):
    """A stage's manifest.json, as on disk."""

    run_id: str
    thread_id: str
    stage_key: str
    stage_position: int
    attempt: int
    status: str
    event_id: str
    started_at: Time | None
    finished_at: Time | None
    artifacts: list[ArtifactShape]
    input: FileShape
    output: FileShape


class ArtifactsShape(BaseModel):
    """The manifests of a run's published stages, in plan order."""

    run_id: str
    stages: list[ManifestShape]


class LineageShape(BaseModel):
    """The runs that a run comes from, the nearest first, and those that come from it."""

    run_id: str
    ancestors: list[RunRowShape]
    descendants: list[RunRowShape]


class InboxItemShape(BaseModel):
    """Something that waits for a person; `item_id` is the approval's or the task's id."""

    item_id: str
    kind: Literal["approval", "task"]
    title: str
    brand_id: str | None
    project_id: str | None
    thread_id: str | None
    thread_title: str | None
    run_id: str | None
    run_number: int | None
    stage_key: str | None
    opened_at: Time
    expires_at: Time | None


class InboxShape(BaseModel):
    """What waits for a person, newest first."""

    items: list[InboxItemShape]
    next: Cursor


class AttemptCostShape(BaseModel):
    """What one attempt at a stage has cost."""

    attempt: int
    usage: UsageShape


class StageCostShape(BaseModel):
    """What a stage has cost, with its attempts."""

    stage_key: str
    title: str
    usage: UsageShape
    attempts: list[AttemptCostShape]


class CostShape(BaseModel):
    """What a scope has cost, and what its budget leaves; null where there is no budget."""

    scope: Literal["run", "thread", "project", "brand"]
    id: str
    usage: UsageShape
    budget_usd: str | None
    left_usd: str | None


class RunCostShape(CostShape):
    """What a run has cost, by stage; only stages that asked a model."""

    stages: list[StageCostShape]
