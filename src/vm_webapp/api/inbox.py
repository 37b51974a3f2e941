"""The inbox: everything that waits for a person, across threads."""

from operator import itemgetter
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from vm_webapp import repo
from vm_webapp.api import problems
from vm_webapp.api.http import HostOf
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.run_shapes import InboxShape
from vm_webapp.records import inbox_record

router = APIRouter(prefix="/api/v2/inbox", tags=["decisions"])

_OPENED: Final = itemgetter("opened_position")


@router.get(
    "",
    operation_id="listInbox",
    summary="List what waits for a person, newest first",
    response_model=InboxShape,
    responses=problems.responses(422),
)
def list_inbox(
    host: HostOf,
    page: PageOf,
    caller: CallerOf,
    brand_id: Annotated[str | None, Query(max_length=200, description="Only this brand's.")] = None,
) -> Response:
    """Answers with a page of approvals and tasks."""
    with host.database.read() as connection:
        rows = repo.list_inbox(connection, brand_id=caller.narrowed(brand_id), **page.bounds)
    return page.show("items", rows, inbox_record, by=_OPENED)
