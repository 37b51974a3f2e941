"""Events for other programs: CloudEvents, read on from a position."""

import json
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from vm_webapp import event_store
from vm_webapp.api import problems
from vm_webapp.api.http import HostOf
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import LAST_POSITION
from vm_webapp.api.shapes import CloudEventShape
from vm_webapp.api.stream import ACCESS_AGGREGATES
from vm_webapp.cloud_events import BATCH_TYPE, LINES_TYPE, cloud_event, line_of, source_of

router = APIRouter(prefix="/api/v2/events", tags=["live"])

_MOST = 1_000
Format: TypeAlias = Literal["batch", "jsonl"]


class Asked(BaseModel):
    """Which events, and how."""

    model_config = ConfigDict(extra="ignore")

    after: int = Field(default=0, ge=0, le=LAST_POSITION, description="Begin behind this global position.")
    limit: int = Field(default=200, ge=1, le=_MOST, description="How many events at the most.")
    thread_id: str | None = Field(default=None, max_length=200, description="Only a thread's.")
    brand_id: str | None = Field(default=None, max_length=200, description="Only a brand's.")
    format: Format = Field(default="batch", description="A JSON array, or a line for each event.")


class CloudEvents(Response):
    """A batch of CloudEvents."""

    media_type = BATCH_TYPE


@router.get(
    "/export",
    operation_id="exportEvents",
    summary="Read events as CloudEvents, on from a position",
    response_class=CloudEvents,
    response_model=None,
    responses={
        **problems.responses(422),
        200: {
            "description": "Events, oldest first; `Link` with rel=next where there may be more behind them.",
            "content": {
                BATCH_TYPE: {
                    "schema": {"type": "array", "items": CloudEventShape.model_json_schema()},
                },
                LINES_TYPE: {"schema": {"type": "string"}},
            },
        },
    },
)
def export_events(host: HostOf, caller: CallerOf, asked: Annotated[Asked, Query()]) -> Response:
    """Answers with events beyond a position, oldest first; with those of one brand to a token of one."""
    sees_access = caller.brand_id is None and caller.role == "admin"
    with host.database.read() as connection:
        source = source_of(connection)
        events = event_store.read_after(
            connection,
            asked.after,
            limit=asked.limit,
            thread_id=asked.thread_id,
            brand_id=caller.narrowed(asked.brand_id),
            without=() if sees_access else ACCESS_AGGREGATES,
        )
    headers = {"Cache-Control": "no-store"}
    if len(events) == asked.limit:
        query = urlencode({**asked.model_dump(exclude_none=True), "after": events[-1].global_position})
        headers["Link"] = f'</api/v2/events/export?{query}>; rel="next"'
    if asked.format == "jsonl":
        return Response(b"".join(line_of(event, source) for event in events), 200, headers, LINES_TYPE)
    batch = [cloud_event(event, source) for event in events]
    return CloudEvents(json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode(), 200, headers)
