"""Bundles: a run handed on with its proofs, and taken in; and who wrote its deliverables."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vm_webapp import bundles
from vm_webapp.api import problems
from vm_webapp.api.disposition import disposition
from vm_webapp.api.fields import RunId
from vm_webapp.api.http import HostOf, encode, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.run_shapes import RunShape
from vm_webapp.bundles import Place
from vm_webapp.disclosure import to_markdown
from vm_webapp.domain.texts import NAME_LIMIT
from vm_webapp.host import Host
from vm_webapp.log_tree.proofs import NotSignedYet
from vm_webapp.proof.notes import VerifierKey

router = APIRouter(prefix="/api/v2", tags=["bundles"])

_ZIP: Final = "application/zip"
_SIGNED_WITHIN_SECONDS: Final = 5.0
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": {_ZIP: _BINARY}}}
Named = Annotated[str | None, Query(min_length=1, max_length=NAME_LIMIT, description="By id or name; made if missing.")]


class BundleResponse(Response):
    """A bundle."""

    media_type = _ZIP


class DisclosureShape(BaseModel):
    """Who wrote a published file, as docs/bundles.md has it; `markdown` says the same to people."""

    format: str
    run_id: str
    stage_key: str
    manifest_sha256: str
    path: str
    media_type: str
    sha256: str
    language: str
    digital_source_type: str = Field(description="A term of IPTC's vocabulary.")
    authors: list[dict[str, Any]]
    unit: str
    parts: list[dict[str, Any]]
    removed: int
    complete: bool
    unknown: list[str] = Field(default=[], description="What this log cannot tell: origin, history, approvals.")
    approvals: list[dict[str, Any]] | None = Field(description="Null where they are not known.")
    assertions: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    statement: str
    markdown: str


class DisclosuresShape(BaseModel):
    """The disclosures of a run's published files, in plan order."""

    run_id: str
    disclosures: list[DisclosureShape]


@router.get(
    "/workflow-runs/{run_id}/bundle",
    operation_id="exportRun",
    summary="Read a settled run with its proofs, as one .zip",
    response_class=BundleResponse,
    responses={**problems.responses(404, 409, 410), 200: {"content": {_ZIP: _BINARY}}},
)
def export_run(run_id: RunId, host: HostOf) -> Response:
    """Answers with the bundle; 409 where the run is open, or where no signed checkpoint covers it yet."""
    exported = _export(host, run_id)
    headers = {"Content-Disposition": disposition(exported.name), "Cache-Control": "no-store"}
    return BundleResponse(exported.content, headers=headers)


@router.get(
    "/workflow-runs/{run_id}/disclosure",
    operation_id="getDisclosure",
    summary="Read what of a run's deliverables a model wrote, and what a person",
    response_model=DisclosuresShape,
    responses=problems.responses(404, 410, 422),
)
def get_disclosure(
    run_id: RunId,
    host: HostOf,
    stage_key: Annotated[str | None, Query(max_length=40, description="Only this stage's.")] = None,
) -> Response:
    """Answers with a disclosure for each published file."""
    with host.database.read() as connection:
        found = bundles.disclosures_of(connection, host.workspace, run_id, stage_key)
    return show({"run_id": run_id, "disclosures": [{**one, "markdown": to_markdown(one)} for one in found]})


@router.post(
    "/imports",
    operation_id="importRun",
    summary="Bring in the run of a bundle",
    response_model=RunShape,
    responses=problems.responses(400, 403, 404, 409, 410, 413, 415, 422),
    openapi_extra=_UPLOAD,
)
async def import_run(  # noqa: PLR0917 - parameters are passed by name
    request: Request,
    host: HostOf,
    caller: CallerOf,
    brand: Named = None,
    project: Named = None,
    thread: Named = None,
    key: Annotated[
        str | None, Query(max_length=500, description="The verifier key that has to have signed it.")
    ] = None,
) -> Response:
    """Answers with the run; the same bundle again changes nothing and is answered the same."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _ZIP:
        raise HTTPException(415, f"The body has to be a bundle; say so with Content-Type: {_ZIP}")
    keys = [VerifierKey.parse(key)] if key else []
    content = await request.body()

    def bring_in() -> bundles.Brought:
        place = Place(brand=brand, project=project, thread=thread)
        return bundles.import_bundle(host.commands, host.workspace, content, place=place, by=caller.actor, keys=keys)

    brought = await run_in_threadpool(bring_in)
    return Response(encode(brought.run), 200, {"Cache-Control": "no-store"}, "application/json")


def _export(host: Host, run_id: str) -> bundles.Exported:
    """The bundle; what was recorded a moment ago is waited for until it is signed."""
    try:
        return _exported(host, run_id)
    except NotSignedYet:
        if not host.log_tree.wait(_SIGNED_WITHIN_SECONDS):
            raise
        return _exported(host, run_id)


def _exported(host: Host, run_id: str) -> bundles.Exported:
    with host.database.read() as connection:
        return bundles.export_run(connection, host.workspace, run_id, key=host.log_tree.key)
