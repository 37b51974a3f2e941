"""A thread's timeline: the log, read."""

from operator import attrgetter

from fastapi import APIRouter
from fastapi.responses import Response

from vm_webapp import repo
from vm_webapp.api import problems
from vm_webapp.api.fields import ThreadId
from vm_webapp.api.http import HostOf, check_thread
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import TimelineShape
from vm_webapp.records import event_record

router = APIRouter(prefix="/api/v2/threads", tags=["timeline"])


@router.get(
    "/{thread_id}/timeline",
    operation_id="listTimeline",
    summary="List what happened in a thread, newest first",
    response_model=TimelineShape,
    responses=problems.responses(404, 422),
)
def list_timeline(thread_id: ThreadId, host: HostOf, page: PageOf) -> Response:
    """Answers with a page of events."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        events = repo.list_timeline_items_view(connection, thread_id=thread_id, **page.bounds)
    return page.show("items", events, event_record, by=attrgetter("global_position"))
