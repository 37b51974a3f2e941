"""Health, for probes."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from vm_webapp import __version__, event_store
from vm_webapp.api import problems
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.identity import admission_of
from vm_webapp.api.shapes import HealthShape
from vm_webapp.db import SCHEMA_REVISION

router = APIRouter(tags=["health"])


@router.get(
    "/api/v1/health",
    operation_id="getHealth",
    summary="Whether the server answers, and from what",
    response_model=HealthShape,
    responses=problems.responses(),
)
def get_health(request: Request, host: HostOf) -> Response:
    """Reads the log's last position, so that an answer means that the database answers too.

    Where authentication is on it is for all to read, so it does not tell how much is going on, nor on what.
    """
    with host.database.read() as connection:
        position = event_store.last_position(connection)
        sqlite = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    inner = {"position": None, "sqlite": None} if admission_of(request).on else {"position": position, "sqlite": sqlite}
    log = "rewritten" if host.log_tree.is_rewritten else "unsigned" if host.log_tree.problem else "signed"
    return show(
        {"ok": True, "log": log, "version": __version__, "schema": SCHEMA_REVISION, **inner},
        headers={"Cache-Control": "no-store"},
    )
