"""Threads: created, renamed, closed and reopened, with the modes they offer."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import Name, OwnId, SomeId, SomeRun, ThreadId
from vm_webapp.api.http import HostOf, check_subject, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import ThreadShape, ThreadsShape
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.thread_messages import (
    AddThreadMode,
    CloseThread,
    CreateThread,
    MarkBestVersion,
    RemoveThreadMode,
    RenameThread,
    ReopenThread,
)
from vm_webapp.records import Record, thread_record

router = APIRouter(prefix="/api/v2/threads", tags=["threads"])


class NewThread(Body):
    """A thread to begin."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"brand_id": "b-aurora", "project_id": "p-spring", "title": "Cold brew"}]}
    )

    brand_id: SomeId
    project_id: SomeId
    title: Name
    thread_id: OwnId = None


class ThreadChanges(Body):
    """The new title."""

    title: Name


class BestVersion(Body):
    """The version, and why it is the best."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"run_id": "r-019a", "reason": "The tone is right."}]})

    run_id: SomeRun
    reason: Annotated[str, Field(max_length=1_000)] = ""


class ModeName(Body):
    """The mode to offer."""

    mode: SomeId


@router.post(
    "",
    operation_id="createThread",
    summary="Begin a piece of work in a project",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def create_thread(body: NewThread, write: WriteOf) -> Response:
    """Answers with the thread."""
    thread_id = body.thread_id or new_id("t")
    command = CreateThread(thread_id=thread_id, brand_id=body.brand_id, project_id=body.project_id, title=body.title)
    return write.perform(command, partial(_read, thread_id=thread_id))


@router.get(
    "",
    operation_id="listThreads",
    summary="List threads, newest first",
    response_model=ThreadsShape,
    responses=problems.responses(422),
)
def list_threads(
    host: HostOf,
    page: PageOf,
    caller: CallerOf,
    project_id: Annotated[str | None, Query(description="Of this project alone.")] = None,
) -> Response:
    """Answers with a page of threads, of all projects where none is named."""
    with host.database.read() as connection:
        rows = repo.list_threads(connection, project_id=project_id, brand_id=caller.brand_id, **page.bounds)
    return page.show("threads", rows, thread_record)


@router.get(
    "/{thread_id}",
    operation_id="getThread",
    summary="Read a thread",
    response_model=ThreadShape,
    responses=problems.responses(404),
)
def get_thread(thread_id: ThreadId, host: HostOf) -> Response:
    """Answers with the thread."""
    with host.database.read() as connection:
        return show(_read(connection, thread_id))


@router.patch(
    "/{thread_id}",
    operation_id="renameThread",
    summary="Give a thread another title",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def rename_thread(thread_id: ThreadId, body: ThreadChanges, write: WriteOf) -> Response:
    """Answers with the thread."""
    return write.perform(RenameThread(thread_id=thread_id, title=body.title), partial(_read, thread_id=thread_id))


@router.post(
    "/{thread_id}/closing",
    operation_id="closeThread",
    summary="Close a thread; it takes no requests then",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def close_thread(thread_id: ThreadId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the thread; closing a closed one changes nothing."""
    return write.perform(CloseThread(thread_id=thread_id), partial(_read, thread_id=thread_id))


@router.post(
    "/{thread_id}/reopening",
    operation_id="reopenThread",
    summary="Take a closed thread up again",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def reopen_thread(thread_id: ThreadId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the thread; reopening an open one changes nothing."""
    return write.perform(ReopenThread(thread_id=thread_id), partial(_read, thread_id=thread_id))


@router.post(
    "/{thread_id}/modes",
    operation_id="addThreadMode",
    summary="Offer a mode in a thread",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def add_mode(thread_id: ThreadId, body: ModeName, write: WriteOf) -> Response:
    """Answers with the thread; the mode has to be one of /api/v2/profiles."""
    write.host.profiles.resolve(body.mode)
    return write.perform(AddThreadMode(thread_id=thread_id, mode=body.mode), partial(_read, thread_id=thread_id))


@router.delete(
    "/{thread_id}/modes/{mode}",
    operation_id="removeThreadMode",
    summary="Offer a mode no longer",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def remove_mode(thread_id: ThreadId, mode: str, write: WriteOf) -> Response:
    """Answers with the thread."""
    return write.perform(RemoveThreadMode(thread_id=thread_id, mode=mode), partial(_read, thread_id=thread_id))


@router.post(
    "/{thread_id}/best-version",
    operation_id="markBestVersion",
    summary="Say which version of a thread is the best so far, and why",
    response_model=ThreadShape,
    responses=writes.responses(404),
)
def mark_best(thread_id: ThreadId, body: BestVersion, write: WriteOf) -> Response:
    """Answers with the thread; a run_id of null takes the mark away."""
    check_subject(write.host, thread_id, run_id=body.run_id)
    command = MarkBestVersion(thread_id=thread_id, run_id=body.run_id, reason=body.reason)
    return write.perform(command, partial(_read, thread_id=thread_id))


def _read(connection: Connection, thread_id: str) -> Record:
    return thread_record(repo.get_thread(connection, thread_id))
