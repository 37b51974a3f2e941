"""Past deliverables: found by what they say, and by what they were made with."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf, encode_cursor
from vm_webapp.api.shapes import DeliverablesShape, ResultsShape
from vm_webapp.errors import Invalid
from vm_webapp.host import Host
from vm_webapp.memory import Filters
from vm_webapp.memory.queries import LONGEST_QUERY
from vm_webapp.memory.records import deliverable_records, result_records

router = APIRouter(prefix="/api/v2/search", tags=["search"])

_LONGEST_VALUE = 300

BrandOf = Annotated[str | None, Query(max_length=200, description="Of this brand alone.")]
ProjectOf = Annotated[str | None, Query(max_length=200, description="Of this project alone.")]
ModeOf = Annotated[str | None, Query(max_length=200, description="Of runs of this mode alone.")]
ApprovedOf = Annotated[
    bool | None,
    Query(
        description="Only what a person granted or whose run is completed, not where nobody knows; `false`: the others."
    ),
]
Value = Annotated[str | None, Query(max_length=_LONGEST_VALUE)]


@router.get(
    "",
    operation_id="search",
    summary="Find past deliverables by what they say",
    response_model=ResultsShape,
    responses=problems.responses(422, 503),
)
def search(  # noqa: PLR0917 - parameters are passed by name
    host: HostOf,
    caller: CallerOf,
    q: Annotated[
        str,
        Query(max_length=LONGEST_QUERY, description="Words; in double quotes they stand in a row.", examples=["brew"]),
    ],
    brand_id: BrandOf = None,
    project_id: ProjectOf = None,
    mode: ModeOf = None,
    approved: ApprovedOf = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many results at the most.")] = 20,
    after: Annotated[str | None, Query(max_length=8_000, description="The `next` of the page before.")] = None,
) -> Response:
    """Answers with the best 200 in pages, the best first; `indexed_to` says up to which event there is an index."""
    filters = Filters(brand_id=caller.narrowed(brand_id), project_id=project_id, mode=mode, approved=approved)
    found = host.memory.search(q, filters=filters, limit=limit, after=after)
    with host.database.read() as connection:
        results = result_records(connection, found.hits)
    answer = {"results": results, "indexed_to": found.indexed_to, "meaning": found.meaning, "next": found.next}
    return show(answer)


@router.get(
    "/provenance",
    operation_id="searchProvenance",
    summary="List the deliverables that were made with a prompt, model, writer, rule or source",
    response_model=DeliverablesShape,
    responses=problems.responses(422, 503),
)
def search_provenance(  # noqa: PLR0917 - parameters are passed by name
    host: HostOf,
    caller: CallerOf,
    page: PageOf,
    prompt_sha256: Value = None,
    model: Value = None,
    writer: Value = None,
    rule_id: Value = None,
    source_sha256: Value = None,
    source_run_id: Value = None,
    brand_id: BrandOf = None,
) -> Response:
    """Answers with a page of deliverables, newest first, of stages that were made with all that is named."""
    given = {
        "prompt_sha256": prompt_sha256,
        "model": model,
        "writer": writer,
        "rule_id": rule_id,
        "source_sha256": source_sha256,
        "source_run_id": source_run_id,
    }
    named = {kind: value for kind, value in given.items() if value is not None}
    if not named:
        raise Invalid(f"Name what it was made with: one of {', '.join(given)}.")
    return show(_made_with(host, named, Filters(brand_id=caller.narrowed(brand_id)), page.bounds, page.limit))


def _made_with(
    host: Host, named: dict[str, str], filters: Filters, bounds: dict[str, Any], limit: int
) -> dict[str, Any]:
    found = host.memory.made_with(named, filters=filters, **bounds)
    shown, rest = found.hits[:limit], found.hits[limit:]
    with host.database.read() as connection:
        records = deliverable_records(connection, shown)
    following = encode_cursor(shown[-1].facts["document_id"]) if rest else None
    return {"deliverables": records, "indexed_to": found.indexed_to, "next": following}
