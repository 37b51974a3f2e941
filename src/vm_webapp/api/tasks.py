"""Tasks of a thread: what a person is to do."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import Name, SomeRun, TaskId, ThreadId
from vm_webapp.api.http import HostOf, check_subject, check_thread
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import TaskShape, TasksShape
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.thread_messages import CompleteTask, CreateTask
from vm_webapp.records import Record, task_record

router = APIRouter(prefix="/api/v2", tags=["conversation"])


class NewTask(Body):
    """A task to note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Send the plan to the agency"}]})

    title: Name
    run_id: SomeRun = None


@router.post(
    "/threads/{thread_id}/tasks",
    operation_id="createTask",
    summary="Note something to be done by a person",
    response_model=TaskShape,
    responses=writes.responses(404),
)
def create_task(thread_id: ThreadId, body: NewTask, write: WriteOf) -> Response:
    """Answers with the task."""
    check_subject(write.host, thread_id, run_id=body.run_id)
    task_id = new_id("tsk")
    command = CreateTask(task_id=task_id, thread_id=thread_id, title=body.title, run_id=body.run_id)
    return write.perform(command, partial(_read, task_id=task_id))


@router.get(
    "/threads/{thread_id}/tasks",
    operation_id="listTasks",
    summary="List a thread's tasks, newest first",
    response_model=TasksShape,
    responses=problems.responses(404, 422),
)
def list_tasks(
    thread_id: ThreadId,
    host: HostOf,
    page: PageOf,
    status: Annotated[Literal["open", "completed"] | None, Query(description="Only these.")] = None,
) -> Response:
    """Answers with a page of tasks."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        rows = repo.list_tasks(connection, thread_id, status=status, **page.bounds)
    return page.show("tasks", rows, task_record)


@router.post(
    "/tasks/{task_id}/completion",
    operation_id="completeTask",
    summary="Tick a task off",
    response_model=TaskShape,
    responses=writes.responses(404),
)
def complete_task(task_id: TaskId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the task; a completed one stays as it is."""
    with write.host.database.read() as connection:
        task = repo.get_task(connection, task_id)
    return write.perform(CompleteTask(task_id=task_id, thread_id=task["thread_id"]), partial(_read, task_id=task_id))


def _read(connection: Connection, task_id: str) -> Record:
    return task_record(repo.get_task(connection, task_id))
