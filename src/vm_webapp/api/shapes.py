"""What answers look like, for the API's description; docs/http.md has the same in words.

Answers are rendered by `vm_webapp.records`; a test holds both against each other.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Time: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
Usd: TypeAlias = Annotated[str, Field(description="US dollars, exact, as decimal text.", examples=["25", "0.5"])]
Cursor: TypeAlias = Annotated[str | None, Field(description="What `after` takes for the next page; null on the last.")]
RoleName: TypeAlias = Literal["viewer", "editor", "approver", "admin"]


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
                    "do": ["Say what is in the cup."],
                    "dont": ["Promise what nobody can keep."],
                    "budget_usd": "25",
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
    do: list[str]
    dont: list[str]
    budget_usd: Usd | None
    created_at: Time | None
    updated_at: Time | None
    version: int


class BrandsShape(BaseModel):
    """Brands, newest first."""

    brands: list[BrandShape]
    next: Cursor


class RejectionShape(BaseModel):
    """A stage that a person rejected."""

    run_id: str
    stage_key: str


class RuleShape(BaseModel):
    """A rule of a brand; `sha256` is the digest of its text and check. docs/brand-rules.md has the checks."""

    rule_id: str
    brand_id: str
    text: str
    check: dict[str, Any] | None
    from_rejection: RejectionShape | None
    sha256: str
    status: Literal["active", "retired"]
    created_by: str
    created_at: Time
    retired_by: str | None
    retired_at: Time | None


class RulesShape(BaseModel):
    """Rules, newest first."""

    rules: list[RuleShape]
    next: Cursor


class EvidenceShape(BaseModel):
    """A place that breaks a rule; `line` is null where something is missing from the text."""

    path: str
    line: int | None
    excerpt: str


class BreachShape(BaseModel):
    """A rule that is broken, in a sentence and up to 20 places."""

    rule_id: str
    rule_text: str
    problem: str
    evidence: list[EvidenceShape]


class BreachesShape(BaseModel):
    """What a text breaks; empty where nothing is wrong."""

    breaches: list[BreachShape]


class ProjectShape(BaseModel):
    """A project of a brand."""

    project_id: str
    brand_id: str
    name: str
    objective: str
    channels: list[str]
    due_on: Day | None
    kpis: list[str]
    budget_usd: Usd | None
    created_at: Time | None
    updated_at: Time | None
    version: int


class ProjectsShape(BaseModel):
    """Projects, newest first."""

    projects: list[ProjectShape]
    next: Cursor


class BestShape(BaseModel):
    """Which version is the best so far, and who says why."""

    run_id: str
    reason: str
    by: str
    at: Time


class ThreadShape(BaseModel):
    """A piece of work."""

    thread_id: str
    brand_id: str
    project_id: str
    title: str
    status: Literal["open", "closed"]
    modes: list[str]
    best: BestShape | None = Field(description="The version that was marked as the best one.")
    created_at: Time | None
    updated_at: Time | None
    version: int


class ThreadsShape(BaseModel):
    """Threads, newest first."""

    threads: list[ThreadShape]
    next: Cursor


class TokenShape(BaseModel):
    """A token, without its secret; `name` is the actor of what is done with it."""

    token_id: str
    name: str
    role: RoleName
    brand_id: str | None
    created_by: str
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    version: int


class NewTokenShape(TokenShape):
    """A new token; `secret` is shown once and null when the request is repeated."""

    secret: str | None


class TokensShape(BaseModel):
    """Tokens, newest first."""

    tokens: list[TokenShape]
    next: Cursor


class SessionShape(BaseModel):
    """Who asks; `brand_id` is null for all brands."""

    actor_id: str
    role: RoleName
    brand_id: str | None
    auth: Literal["on", "off"]


class EndedShape(BaseModel):
    """Whether there was a session to end."""

    ended: bool


class CommentShape(BaseModel):
    """A comment, on a run or a stage of it where named."""

    comment_id: str
    thread_id: str
    run_id: str | None
    stage_key: str | None
    text: str
    actor_id: str
    created_at: Time
    erased_at: Time | None = Field(description="Null unless its text was erased.")


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
    sha256: str | None = Field(description="The digest of what was recorded; null in events from before the chain.")
    previous_sha256: str | None = Field(description="The digest of the stream's event before; null for the first.")
    erased: bool = Field(description="Whether its texts were erased; placeholders stand for them.")
    payload: dict[str, Any]


class TimelineShape(BaseModel):
    """What happened, newest first."""

    items: list[ItemShape]
    next: Cursor


class ProfileStageShape(BaseModel):
    """A stage that a profile plans."""

    key: str
    title: str
    kind: str
    needs: list[str]
    approval: Literal["none", "required"]
    expected_seconds: float | None = Field(description="What it took lately; null where nobody knows.")


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


class WritersShape(BaseModel):
    """Who can write; `default` does where a request names nobody."""

    default: str
    writers: list[str]


class SchemaRowShape(BaseModel):
    """A kind of stage whose output has a schema."""

    kind: str
    title: str
    href: str


class SchemasShape(BaseModel):
    """The kinds of stages, by name."""

    schemas: list[SchemaRowShape]


class DeliverableShape(BaseModel):
    """A published text file as the search knows it; `approved`: a person granted it, or its run is completed."""

    run_id: str
    number: int
    thread_id: str
    thread_title: str
    brand_id: str
    project_id: str
    stage_key: str
    mode: str
    path: str
    title: str
    kind: str
    language: str
    sha256: str
    manifest_sha256: str
    writer: str
    model: str
    prompt_sha256: str
    approved: bool
    granted: bool
    created_at: Time
    url: str


class SnippetShape(BaseModel):
    """A piece of plain text; `match` where it is what was looked for."""

    text: str
    match: bool


class ResultShape(DeliverableShape):
    """A deliverable that was found; a higher `score` fits better, within one search."""

    score: float
    snippet: list[SnippetShape]


class ResultsShape(BaseModel):
    """What was found, the best first; `indexed_to` is the newest event that the index knows."""

    results: list[ResultShape]
    indexed_to: int
    meaning: Literal["off", "used", "unavailable"]
    next: Cursor


class DeliverablesShape(BaseModel):
    """Deliverables, newest first."""

    deliverables: list[DeliverableShape]
    indexed_to: int
    next: Cursor


class HealthShape(BaseModel):
    """That the server answers, and what it runs on."""

    ok: Literal[True]
    log: Literal["signed", "unsigned", "rewritten"] = Field(
        description="`unsigned`: nothing can be signed; `rewritten`: the log is not the one that was signed."
    )
    version: str
    schema_revision: str = Field(alias="schema")
    position: int | None = Field(description="The newest event's global position; null where authentication is on.")
    sqlite: str | None = Field(description="Likewise.")


class CloudEventShape(BaseModel):
    """An event as a CloudEvent 1.0 in JSON; ids that an event has not are left out."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Time
    datacontenttype: Literal["application/json"]
    sequence: str
    streamversion: int
    actortype: str
    actorid: str
    brandid: str | None = None
    projectid: str | None = None
    threadid: str | None = None
    runid: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    data: dict[str, Any]


class WebhookShape(BaseModel):
    """A webhook, without its secret; `waiting` messages are not delivered yet, `reason` says why it was disabled."""

    webhook_id: str
    brand_id: str | None
    url: str
    event_types: list[str]
    description: str
    status: Literal["active", "off", "disabled"]
    reason: str | None
    waiting: int
    created_by: str
    created_at: Time
    updated_at: Time
    version: int


class NewWebhookShape(WebhookShape):
    """A new webhook; `secret` is shown once and null when the request is repeated."""

    secret: str | None


class WebhooksShape(BaseModel):
    """Webhooks, newest first."""

    webhooks: list[WebhookShape]
    next: Cursor


class WebhookGoneShape(BaseModel):
    """A webhook that was removed."""

    webhook_id: str
    deleted: Literal[True]


class WebhookAttemptShape(BaseModel):
    """One try at telling a webhook; `status_code` is null where no answer came, `detail` what was said, cut off."""

    attempt_id: int
    webhook_id: str
    message_id: str
    global_position: int | None
    event_type: str
    number: int
    started_at: Time
    duration_ms: int
    outcome: Literal["delivered", "refused", "unreachable"]
    status_code: int | None
    detail: str
    next_at: Time | None


class WebhookAttemptsShape(BaseModel):
    """Tries, newest first."""

    attempts: list[WebhookAttemptShape]
    next: Cursor


class RedeliveryShape(BaseModel):
    """How many messages are to be sent again."""

    webhook_id: str
    queued: int
