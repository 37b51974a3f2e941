"""What answers look like, for the API's description; docs/http.md has the same in words.

Answers are rendered by `vm_webapp.records`; a test holds both against each other.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Time: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
Cursor: TypeAlias = Annotated[str | None, Field(description="What `after` takes for the next page; null on the last.")]
RunStatusName: TypeAlias = Literal["queued", "running", "waiting_approval", "completed", "failed", "canceled"]
StageStatusName: TypeAlias = Literal["pending", "running", "waiting_approval", "completed", "failed", "skipped"]


class BrandShape(BaseModel):
    """A brand; `version` is that of its stream."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "brand_id": "b-aurora",
                    "name": "Aurora Coffee",
                    "description": "Small-batch coffee",
                    "voice": "warm, plain",
                    "audience": "people who brew at home",
                    "created_at": "2027-01-31T09:00:00.000000Z",
                    "updated_at": "2027-01-31T09:00:00.000000Z",
                    "version": 1,
                }
            ]
        }
    )

    brand_id: str
    name: str
    description: str
    voice: str
    audience: str
    created_at: Time | None
    updated_at: Time | None
    version: int


class BrandsShape(BaseModel):
    """Brands, newest first."""

    brands: list[BrandShape]
    next: Cursor


class ProjectShape(BaseModel):
    """A project of a brand."""

    project_id: str
    brand_id: str
    name: str
    objective: str
    channels: list[str]
    due_on: Day | None
    created_at: Time | None
    updated_at: Time | None
    version: int


class ProjectsShape(BaseModel):
    """Projects, newest first."""

    projects: list[ProjectShape]
    next: Cursor


class ThreadShape(BaseModel):
    """A piece of work."""

    thread_id: str
    brand_id: str
    project_id: str
    title: str
    status: Literal["open", "closed"]
    modes: list[str]
    created_at: Time | None
    updated_at: Time | None
    version: int


class ThreadsShape(BaseModel):
    """Threads, newest first."""

    threads: list[ThreadShape]
    next: Cursor


class CommentShape(BaseModel):
    """A comment, on a run or a stage of it where named."""

    comment_id: str
    thread_id: str
    run_id: str | None
    stage_key: str | None
    text: str
    actor_id: str
    created_at: Time


class CommentsShape(BaseModel):
    """Comments, newest first."""

    comments: list[CommentShape]
    next: Cursor


class TaskShape(BaseModel):
    """Something to be done by a person."""

    task_id: str
    thread_id: str
    run_id: str | None
    title: str
    status: Literal["open", "completed"]
    created_at: Time
    completed_at: Time | None


class TasksShape(BaseModel):
    """Tasks, newest first."""

    tasks: list[TaskShape]
    next: Cursor


class ItemShape(BaseModel):
    """An event, as an item of a timeline and as the data of a live event."""

    global_position: int
    event_id: str
    event_type: str
    occurred_at: Time
    actor_type: Literal["human", "agent", "system"]
    actor_id: str
    stream_id: str
    stream_version: int
    brand_id: str | None
    project_id: str | None
    thread_id: str | None
    run_id: str | None
    correlation_id: str | None
    causation_id: str | None
    payload: dict[str, Any]


class TimelineShape(BaseModel):
    """What happened, newest first."""

    items: list[ItemShape]
    next: Cursor


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
    stages_total: int
    stages_done: int


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


class ArtifactShape(BaseModel):
    """A published file; `path` is relative to its stage."""

    path: str
    kind: str
    media_type: str
    sha256: str
    size: int


class StageShape(BaseModel):
    """A stage of a run."""

    stage_key: str
    position: int
    title: str
    kind: str
    needs: list[str]
    approval: Literal["none", "required"]
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


class ProfileStageShape(BaseModel):
    """A stage that a profile plans."""

    key: str
    title: str
    kind: str
    needs: list[str]
    approval: Literal["none", "required"]


class ProfileShape(BaseModel):
    """What a mode stands for."""

    mode: str
    title: str
    description: str
    version: int
    source: Literal["built-in", "workspace"]
    default: bool
    stages: list[ProfileStageShape]


class ProfilesShape(BaseModel):
    """The profiles that can be run, the default first; `problems` says why files of the workspace are left out."""

    profiles: list[ProfileShape]
    problems: list[str]


class SchemaRowShape(BaseModel):
    """A kind of stage whose output has a schema."""

    kind: str
    title: str
    href: str


class SchemasShape(BaseModel):
    """The kinds of stages, by name."""

    schemas: list[SchemaRowShape]


class HealthShape(BaseModel):
    """That the server answers, and what it runs on."""

    ok: Literal[True]
    version: str
    schema_revision: str = Field(alias="schema")
    position: int = Field(description="The newest event's global position.")
    sqlite: str
