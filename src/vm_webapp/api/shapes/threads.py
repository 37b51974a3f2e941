"""Threads with their comments, tasks and timeline, as answers."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from vm_webapp.api.shapes.common import Cursor, Time


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
