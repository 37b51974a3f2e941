"""What recall finds, as answers."""

from typing import Literal

from pydantic import BaseModel

from vm_webapp.api.shapes.common import Cursor, Time


class DeliverableShape(BaseModel):
    """A published text file as the search knows it; `approved`: a person granted it, or its run is completed.

    `granted` is null where nobody knows, and `approved` false then: the run was recovered from its folder, or took the
    stage over from one that was.
    """

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
    granted: bool | None
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
