"""Runs: started, read, canceled, resumed."""

from functools import partial
from operator import itemgetter
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import RunId, SomeId, Text, ThreadId
from vm_webapp.api.forks import OnBusyName, Usd
from vm_webapp.api.http import HostOf, check_thread, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.run_shapes import RequestersShape, RunShape, RunsShape, RunStatusName
from vm_webapp.api.starting import RESPONSES, StartOf
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.domain.run_commands import RequestCancel, ResumeRun
from vm_webapp.domain.thread_messages import RequestRun
from vm_webapp.profiles import DEFAULT_MODE
from vm_webapp.records import Record, run_record, run_row_record
from vm_webapp.run_requests import Choices

router = APIRouter(prefix="/api/v2", tags=["runs"])

_REQUESTED: Final = itemgetter("requested_position")


class NewRun(Body):
    """A request."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"request_text": "Launch the cold brew in May", "mode": "plan_90d"}]}
    )

    request_text: Text
    mode: SomeId = DEFAULT_MODE
    writer: Annotated[SomeId | None, Field(description="offline, or provider:model; the configured one else.")] = None
    budget_usd: Usd | None = None
    on_busy: Annotated[OnBusyName, Field(description="While another run of the thread is at work.")] = "enqueue"


@router.post(
    "/threads/{thread_id}/workflow-runs",
    operation_id="startRun",
    summary="Start a run and wait for it",
    response_model=RunShape,
    responses=RESPONSES,
)
async def start_run(thread_id: ThreadId, body: NewRun, start: StartOf) -> Response:
    """Answers with the run: 200 when it is settled or waits for a person, 202 when it is still going."""

    def request() -> RequestRun:
        return start.write.host.requests.new(
            thread_id=thread_id,
            request_text=body.request_text,
            mode=body.mode,
            by=start.write.caller.actor,
            choices=Choices(writer=body.writer or "", budget_usd=body.budget_usd, on_busy=body.on_busy),
        )

    return await start.see_through(request)


@router.get(
    "/threads/{thread_id}/workflow-runs",
    operation_id="listThreadRuns",
    summary="List a thread's runs, newest first",
    response_model=RunsShape,
    responses=problems.responses(404, 422),
)
def list_thread_runs(thread_id: ThreadId, host: HostOf, page: PageOf) -> Response:
    """Answers with a page of runs, without their stages."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        rows = repo.list_runs_by_thread(connection, thread_id, **page.bounds)
    return page.show("runs", [repo.as_mapping(row) for row in rows], run_row_record, by=_REQUESTED)


@router.get(
    "/threads/{thread_id}/requesters",
    operation_id="listRequesters",
    summary="List who asked for the runs of a thread",
    response_model=RequestersShape,
    responses=problems.responses(404),
)
def list_requesters(thread_id: ThreadId, host: HostOf) -> Response:
    """Answers with the names, once each; whoever asked last stands first."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        return show({"requesters": repo.list_requesters(connection, thread_id)})


@router.get(
    "/workflow-runs",
    operation_id="listRuns",
    summary="List the runs of all threads, newest first",
    response_model=RunsShape,
    responses=problems.responses(422),
)
def list_runs(
    host: HostOf,
    page: PageOf,
    caller: CallerOf,
    status: Annotated[RunStatusName | None, Query(description="Only these.")] = None,
) -> Response:
    """Answers with a page of runs, without their stages."""
    with host.database.read() as connection:
        rows = repo.list_runs(connection, status=status, brand_id=caller.brand_id, **page.bounds)
    return page.show("runs", [repo.as_mapping(row) for row in rows], run_row_record, by=_REQUESTED)


@router.get(
    "/workflow-runs/{run_id}",
    operation_id="getRun",
    summary="Read a run with its stages",
    response_model=RunShape,
    responses=problems.responses(404),
)
def get_run(run_id: RunId, host: HostOf) -> Response:
    """Answers with the run."""
    with host.database.read() as connection:
        return show(_read(connection, run_id))


@router.post(
    "/workflow-runs/{run_id}/cancellation",
    operation_id="cancelRun",
    summary="Stop a run as soon as can be",
    response_model=RunShape,
    responses=writes.responses(404),
)
def cancel_run(run_id: RunId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the run as it is now; a writer at work is told to stop."""
    return write.perform(RequestCancel(run_id=run_id), partial(_read, run_id=run_id))


@router.post(
    "/workflow-runs/{run_id}/resumption",
    operation_id="resumeRun",
    summary="Let a run that waits for its next attempt go on now",
    response_model=RunShape,
    responses=writes.responses(404),
)
def resume_run(run_id: RunId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the run as it is now; one that waits for nothing of that kind is left as it is."""
    return write.perform(ResumeRun(run_id=run_id), partial(_read, run_id=run_id))


def _read(connection: Connection, run_id: str) -> Record:
    return run_record(repo.get_run(connection, run_id))
