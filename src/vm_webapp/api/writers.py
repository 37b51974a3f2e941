"""Who can write: what a request may name as its writer."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.shapes import WritersShape

router = APIRouter(prefix="/api/v2/writers", tags=["profiles"])


@router.get(
    "",
    operation_id="listWriters",
    summary="List who can write",
    response_model=WritersShape,
    responses=problems.responses(422),
)
def list_writers(
    host: HostOf,
    name: Annotated[str, Query(max_length=200, description="Refused (422) where a request may not name it.")] = "",
) -> Response:
    """Answers with the names; other models of a configured provider may be named as well."""
    host.writers.check(name)
    return show({"default": host.writers.default.name, "writers": host.writers.list_names()})
