"""Who can write: what a request may name as its writer."""

from fastapi import APIRouter
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
    responses=problems.responses(),
)
def list_writers(host: HostOf) -> Response:
    """Answers with the names; other models of a configured provider may be named as well."""
    return show({"default": host.writers.default.name, "writers": host.writers.list_names()})
