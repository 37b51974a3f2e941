"""Runs: started, retried, read, canceled.

The start of a run answers when the run is settled or waits for a person, or when the wait is over. Its receipt stays
open so long: whoever sends the same request meanwhile waits for the same run, and an answer that was lost is made by
whoever asks again. The first answer that is given is the stored one.
"""

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import RunId, SomeId, Text, ThreadId
from vm_webapp.api.http import HostOf, WatchOf, check_thread, encode, show
from vm_webapp.api.paging import PageOf
from vm_webapp.api.prefer import WaitOf
from vm_webapp.api.shapes import RunShape, RunsShape, RunStatusName
from vm_webapp.api.waiting import MOVING, Watch
from vm_webapp.api.writes import Body, Nothing, Write, WriteOf
from vm_webapp.commands import OWNER
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.domain.thread_messages import RequestRun
from vm_webapp.profiles import DEFAULT_MODE
from vm_webapp.receipts import Answer, Found
from vm_webapp.records import Record, run_record, run_row_record
from vm_webapp.run_requests import new_request, retry_request

router = APIRouter(prefix="/api/v2", tags=["runs"])

_ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "The run is still going; look at Location.",
        "model": RunShape,
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
_REQUESTED: Final = itemgetter("requested_position")


class NewRun(Body):
    """A request."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"request_text": "Launch the cold brew in May", "mode": "plan_90d"}]}
    )

    request_text: Text
    mode: SomeId = DEFAULT_MODE


@router.post(
    "/threads/{thread_id}/workflow-runs",
    operation_id="startRun",
    summary="Start a run and wait for it",
    response_model=RunShape,
    responses={**writes.responses(404), **_ACCEPTED},
)
async def start_run(thread_id: ThreadId, body: NewRun, write: WriteOf, wait: WaitOf, watch: WatchOf) -> Response:
    """Answers with the run: 200 when it is settled or waits for a person, 202 when it is still going."""

    def request() -> RequestRun:
        return new_request(
            write.host.profiles,
            thread_id=thread_id,
            request_text=body.request_text,
            mode=body.mode,
            by=OWNER,
            now=write.host.commands.clock(),
        )

    return await _see_through(write, request, wait=wait, watch=watch)


@router.post(
    "/workflow-runs/{run_id}/retry",
    operation_id="retryRun",
    summary="Go on where a run failed or was canceled, as a new run",
    response_model=RunShape,
    responses={**writes.responses(404), **_ACCEPTED},
)
async def retry_run(
    run_id: RunId,
    write: WriteOf,
    wait: WaitOf,
    watch: WatchOf,
    body: Nothing | None = None,  # noqa: ARG001 - checked
) -> Response:
    """Answers with the new run, which carries over the finished stages: 200 or 202 as for a start."""
    request = partial(retry_request, write.host.commands, run_id, by=OWNER)
    return await _see_through(write, request, wait=wait, watch=watch)


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
    "/workflow-runs",
    operation_id="listRuns",
    summary="List the runs of all threads, newest first",
    response_model=RunsShape,
    responses=problems.responses(422),
)
def list_runs(
    host: HostOf, page: PageOf, status: Annotated[RunStatusName | None, Query(description="Only these.")] = None
) -> Response:
    """Answers with a page of runs, without their stages."""
    with host.database.read() as connection:
        rows = repo.list_runs(connection, status=status, **page.bounds)
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


async def _see_through(write: Write, request: Callable[[], RequestRun], *, wait: float, watch: Watch) -> Response:
    """Start the run unless it was started before, wait for it, keep the answer."""
    found = write.found
    if found is None:
        found = await run_in_threadpool(_begin, write, request)
    if found.answer is None and found.subject_id is not None:
        run = await watch.rest(found.subject_id, wait)
        answer = Answer(202 if run["status"] in MOVING else 200, encode(run_record(run)))
        found = await run_in_threadpool(write.complete, found, answer)
    return writes.send(found)


def _begin(write: Write, request: Callable[[], RequestRun]) -> Found:
    command = request()
    return write.begin(command, command.run_id)


def _read(connection: Connection, run_id: str) -> Record:
    return run_record(repo.get_run(connection, run_id))
