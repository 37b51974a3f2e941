"""Requests for runs, ready to be handled: a new one, or a retry of one that did not complete."""

from datetime import datetime

from sqlalchemy import Connection

from vm_webapp.commands import Actor, Commands, new_id
from vm_webapp.domain.runs import Run
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.domain.thread_messages import RequestRun
from vm_webapp.errors import Conflict, NotFound
from vm_webapp.profiles import ProfileLibrary


def new_request(
    profiles: ProfileLibrary, *, thread_id: str, request_text: str, mode: str, by: Actor, now: datetime
) -> RequestRun:
    """A request for a new run, dated on the local day of `now`; raises UnknownMode and InvalidProfile."""
    return RequestRun(
        run_id=new_id("r"),
        thread_id=thread_id,
        request_text=request_text,
        mode=mode,
        plan=profiles.resolve(mode),
        requested_by=by.id,
        dated_on=now.astimezone().date().isoformat(),
    )


def retry_request(commands: Commands, run_id: str, *, by: Actor) -> RequestRun:
    """A request for a run that goes on where a failed or canceled one stopped, its finished stages carried over.

    It has the same text, plan and date. Raises NotFound, and Conflict for a run that is open or has completed.
    """
    run: Run = commands.database.write(lambda connection: _load(commands, connection, run_id))
    if run.status not in (RunStatus.FAILED, RunStatus.CANCELED):
        raise Conflict(f"The run {run_id!r} is {run.status.value}; only a failed or canceled run can be retried.")
    unfinished = [key for key, stage in run.stages.items() if stage.status is not StageStatus.COMPLETED]
    failed = run.keys(StageStatus.FAILED)
    return RequestRun(
        run_id=new_id("r"),
        thread_id=run.thread_id,
        request_text=run.request_text,
        mode=run.mode,
        plan=run.resolved,
        requested_by=by.id,
        dated_on=run.dated_on,
        forked_from={"run_id": run_id, "stage_key": (failed or tuple(unfinished))[0]},
        carried=run.keys(StageStatus.COMPLETED),
    )


def _load(commands: Commands, connection: Connection, run_id: str) -> Run:
    run: Run = commands.load(connection, f"run:{run_id}")[1]
    if not run.exists:
        raise NotFound(kind="run", id=run_id)
    return run
