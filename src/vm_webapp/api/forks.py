"""Ways to go on from a run: retry, fork, revise, edit; each makes a new run that takes over what it does not touch."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field, model_validator

from vm_webapp import repo
from vm_webapp.api import problems
from vm_webapp.api.fields import RunId, SomeId, StageKey, Text
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.run_shapes import LineageShape, RunShape
from vm_webapp.api.starting import RESPONSES, StartOf
from vm_webapp.api.writes import Body, Nothing
from vm_webapp.records import run_row_record
from vm_webapp.run_requests import Change

router = APIRouter(prefix="/api/v2/workflow-runs/{run_id}", tags=["runs"])

Stage = Annotated[str | None, Field(pattern="^[a-z0-9_]{1,40}$", description="A stage of the run.")]
OnBusyName = Literal["enqueue", "reject", "interrupt"]
Usd = Annotated[str, Field(max_length=60, examples=["2.50"], description="US dollars as decimal text.")]


class Fork(Body):
    """What the fork changes; what is left out stays as it was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"stage_key": "calendar", "request_text": "Launch our cold brew in Lisbon on 12 March"}]
        }
    )

    stage_key: Stage = None
    request_text: Text | None = None
    mode: Annotated[SomeId | None, Field(description="Take this profile, as it is now.")] = None
    writer: Annotated[SomeId | None, Field(description="offline, or provider:model.")] = None
    budget_usd: Usd | None = None
    feedback: Annotated[Text | None, Field(description="What to change in that stage.")] = None
    on_busy: OnBusyName = "enqueue"


class Revision(Body):
    """What to revise: the rejected stage with the rejection's reason where nothing is said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"feedback": "Shorter, and without the discount."}]})

    stage_key: Stage = None
    feedback: Text | None = None


class Edit(Body):
    """A person's own version of a stage: its text, or its structured output."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "# Brief\n\nWhat we really want."}]})

    text: Annotated[str | None, Field(min_length=1, max_length=500_000, description="Markdown.")] = None
    output: Annotated[dict[str, Any] | None, Field(description="As the stage's kind has it; see /schemas.")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Edit":
        if (self.text is None) == (self.output is None):
            msg = "send either text or output"
            raise ValueError(msg)
        return self


@router.post(
    "/retry",
    operation_id="retryRun",
    summary="Go on where a run failed or was canceled, as a new run",
    response_model=RunShape,
    responses=RESPONSES,
)
async def retry_run(
    run_id: RunId,
    start: StartOf,
    body: Nothing | None = None,  # noqa: ARG001 - checked
) -> Response:
    """Answers with the new run, which carries over the finished stages: 200 or 202 as for a start."""
    request = partial(start.write.host.requests.retry, run_id, by=start.write.caller.actor)
    return await start.see_through(request)


@router.post(
    "/fork",
    operation_id="forkRun",
    summary="Begin again at a stage, with something changed, as a new run",
    response_model=RunShape,
    responses=RESPONSES,
)
async def fork_run(run_id: RunId, body: Fork, start: StartOf) -> Response:
    """Answers with the new run, which carries over every finished stage that the change does not touch."""
    change = Change(**body.model_dump(exclude={"stage_key"}))
    request = partial(
        start.write.host.requests.fork, run_id, stage_key=body.stage_key, change=change, by=start.write.caller.actor
    )
    return await start.see_through(request)


@router.post(
    "/revision",
    operation_id="reviseRun",
    summary="Have a stage revised, as a new run",
    response_model=RunShape,
    responses=RESPONSES,
)
async def revise_run(run_id: RunId, start: StartOf, body: Revision | None = None) -> Response:
    """Answers with the new run; its writer gets the reason of the rejection, or the feedback sent."""
    wish = body or Revision()
    request = partial(
        start.write.host.requests.revise,
        run_id,
        stage_key=wish.stage_key,
        feedback=wish.feedback,
        by=start.write.caller.actor,
    )
    return await start.see_through(request)


@router.post(
    "/stages/{stage_key}/edit",
    operation_id="editStage",
    summary="Put one's own version in a stage's place, as a new run",
    response_model=RunShape,
    responses=RESPONSES,
)
async def edit_stage(run_id: RunId, stage_key: StageKey, body: Edit, start: StartOf) -> Response:
    """Answers with the new run, in which the stage's output is the caller's."""
    edit = body.model_dump(exclude_none=True)
    request = partial(start.write.host.requests.edit, run_id, stage_key, edit=edit, by=start.write.caller.actor)
    return await start.see_through(request)


@router.get(
    "/lineage",
    operation_id="getLineage",
    summary="Read what a run comes from, and what comes from it",
    response_model=LineageShape,
    responses=problems.responses(404),
)
def get_lineage(run_id: RunId, host: HostOf) -> Response:
    """Answers with ancestors and descendants, each with what its fork changed."""
    with host.database.read() as connection:
        repo.get_run(connection, run_id)
        found = {
            "ancestors": repo.list_ancestors(connection, run_id),
            "descendants": repo.list_descendants(connection, run_id),
        }
    return show({"run_id": run_id, **{name: [run_row_record(row) for row in rows] for name, rows in found.items()}})
