"""Approvals: a person's word on exactly the bytes that were shown."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ConfigDict
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import writes
from vm_webapp.api.fields import Digest, OptionalText, RunId, StageKey, Text
from vm_webapp.api.identity import address_of, admission_of
from vm_webapp.api.run_shapes import RunShape
from vm_webapp.api.writes import Body, Write, WriteOf
from vm_webapp.domain.run_commands import GrantApproval, RejectApproval
from vm_webapp.errors import NotYours
from vm_webapp.records import Record, run_record

router = APIRouter(prefix="/api/v2/workflow-runs/{run_id}/stages/{stage_key}", tags=["approvals"])

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Approval(Body):
    """A yes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"manifest_sha256": _DIGEST, "comment": "Good."}]})

    manifest_sha256: Digest
    comment: OptionalText = ""


class Rejection(Body):
    """A no, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"manifest_sha256": _DIGEST, "reason": "Too long."}]})

    manifest_sha256: Digest
    reason: Text


@router.post(
    "/approval",
    operation_id="approveStage",
    summary="Approve a stage's files, by the digest of their manifest",
    response_model=RunShape,
    responses=writes.responses(404),
)
def approve_stage(run_id: RunId, stage_key: StageKey, body: Approval, write: WriteOf, request: Request) -> Response:
    """Answers with the run; 409 when the stage does not wait or holds other bytes, 403 for whom nobody asked."""
    command = GrantApproval(
        run_id=run_id,
        stage_key=stage_key,
        manifest_sha256=body.manifest_sha256,
        approver=write.caller.actor.id,
        role=write.caller.role,
        comment=body.comment,
    )
    return _decide(write, command, request, "approveStage")


@router.post(
    "/rejection",
    operation_id="rejectStage",
    summary="Reject a stage's files, with the reason",
    response_model=RunShape,
    responses=writes.responses(404),
)
def reject_stage(run_id: RunId, stage_key: StageKey, body: Rejection, write: WriteOf, request: Request) -> Response:
    """Answers with the run; 409 when the stage does not wait or holds other bytes, 403 for whom nobody asked."""
    command = RejectApproval(
        run_id=run_id,
        stage_key=stage_key,
        manifest_sha256=body.manifest_sha256,
        role=write.caller.role,
        reason=body.reason,
    )
    return _decide(write, command, request, "rejectStage")


def _decide(write: Write, command: GrantApproval | RejectApproval, request: Request, operation: str) -> Response:
    """Handle the decision; whom the gate does not ask is refused, and that is in the log like every refusal."""
    try:
        return write.perform(command, partial(_read, run_id=command.run_id))
    except NotYours as error:
        address, token = address_of(request), write.caller.token
        admission_of(request).record(write.host, error.reason, address=address, token=token, operation=operation)
        raise


def _read(connection: Connection, run_id: str) -> Record:
    return run_record(repo.get_run(connection, run_id))
