"""What handlers share: the host behind the app, JSON answers, and whether a thread is there."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api.waiting import Watch
from vm_webapp.errors import Invalid, NotFound, WorkspaceError
from vm_webapp.host import Host

Record = Mapping[str, Any]


async def host_of(request: Request) -> Host:
    """The host behind the app; WorkspaceError while it stops."""
    host = cast("Host", request.app.state.host)
    if host.closed:
        raise WorkspaceError("The server is stopping.")
    return host


async def _watch_of(request: Request) -> Watch:
    return cast("Watch", request.app.state.watch)


HostOf = Annotated[Host, Depends(host_of)]
WatchOf = Annotated[Watch, Depends(_watch_of)]


def encode(record: Record | str) -> bytes:
    """The record, or a text, as JSON for programs."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def show(record: Record, *, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a record."""
    return Response(encode(record), 200, {"Cache-Control": "no-cache", **(headers or {})}, "application/json")


def check_thread(connection: Connection, thread_id: str) -> None:
    """NotFound unless there is such a thread; one that has events alone counts as well."""
    try:
        repo.get_thread(connection, thread_id)
    except NotFound:
        if not repo.list_timeline_items_view(connection, thread_id=thread_id, limit=1):
            raise


def check_subject(host: Host, thread_id: str, *, run_id: str | None, stage_key: str | None = None) -> None:
    """Refuse a run that is none of the thread's, and a stage that is none of the run's."""
    if run_id is None:
        if stage_key is not None:
            raise Invalid("A stage is named, and no run that it belongs to.", pointer="/stage_key")
        return
    with host.database.read() as connection:
        run = repo.get_run(connection, run_id)
    if run["thread_id"] != thread_id:
        raise Invalid(f"The run {run_id!r} belongs to another thread.", pointer="/run_id")
    if stage_key is not None and stage_key not in run["stages"]:
        raise Invalid(f"The run {run_id!r} has no stage {stage_key!r}.", pointer="/stage_key")
