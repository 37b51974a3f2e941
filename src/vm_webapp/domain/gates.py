"""Gates: a person's word on exactly the bytes of a stage, under the policy of its profile."""

from datetime import UTC, datetime, timedelta

from vm_webapp.domain.roles import role_at_least
from vm_webapp.domain.run_commands import CompleteStage, GrantApproval, RejectApproval
from vm_webapp.domain.run_events import ApprovalExpired, ApprovalGranted, ApprovalRejected, ApprovalRequested
from vm_webapp.domain.runs import Gate, Run
from vm_webapp.domain.states import StageStatus
from vm_webapp.domain.texts import check_text
from vm_webapp.errors import Conflict, NotFound, NotYours, RunSettled
from vm_webapp.events import derive_id


def ask(run: Run, command: CompleteStage) -> tuple[ApprovalRequested, ...]:
    """The request for approval of files just published; none where neither the profile nor a breach asks for one."""
    stage = run.resolved.stage(command.stage_key)
    if command.carried_from is not None or (stage.approval == "none" and not command.breaches):
        return ()
    gate = stage.gate
    expires = gate.expires_after_seconds
    asked = ApprovalRequested(
        run_id=run.run_id,
        stage_key=command.stage_key,
        approval_id=derive_id("apr", run.run_id, command.stage_key, command.manifest_sha256),
        manifest_sha256=command.manifest_sha256,
        role=gate.role,
        quorum=gate.quorum,
        four_eyes=gate.four_eyes,
        expires_at=None if expires is None else (command.now + timedelta(seconds=expires)).astimezone(UTC).isoformat(),
        on_expiry=gate.on_expiry,
        breaches=list(command.breaches),
    )
    return (asked,)


def grant(command: GrantApproval, run: Run) -> tuple[ApprovalGranted, ...]:
    """A yes; none where this person has said it before.

    Raises Conflict where the stage does not wait or holds other bytes, NotYours where the policy wants somebody else.
    """
    gate = _open_gate(command, run)
    asked = gate.asked
    if asked.four_eyes and command.approver == run.requested_by:
        raise NotYours(problem=f"{command.approver} asked for this run; its profile wants another pair of eyes")
    if asked.four_eyes and command.approver == run.edits.get(command.stage_key, {}).get("by"):
        raise NotYours(problem=f"{command.approver} wrote this; the run's profile wants another pair of eyes")
    if command.approver in gate.granted_by:
        return ()
    comment = check_text(command.comment, "comment", optional=not asked.breaches)
    return (
        ApprovalGranted(
            run_id=run.run_id,
            stage_key=command.stage_key,
            approval_id=asked.approval_id,
            manifest_sha256=command.manifest_sha256,
            comment=comment,
            approver=command.approver,
            remaining=max(0, asked.quorum - len(gate.granted_by) - 1),
            waived=list(asked.breaches),
        ),
    )


def reject(command: RejectApproval, run: Run) -> tuple[ApprovalRejected, ...]:
    """A no, with the reason; raises as `grant` does."""
    gate = _open_gate(command, run)
    return (
        ApprovalRejected(
            run_id=run.run_id,
            stage_key=command.stage_key,
            approval_id=gate.asked.approval_id,
            manifest_sha256=command.manifest_sha256,
            reason=check_text(command.reason, "reason"),
        ),
    )


def expired_approvals(run: Run, now: datetime) -> tuple[ApprovalExpired, ...]:
    """What nobody decided in time."""
    return tuple(
        ApprovalExpired(
            run_id=run.run_id,
            stage_key=key,
            approval_id=gate.asked.approval_id,
            manifest_sha256=gate.asked.manifest_sha256,
            outcome="rejected" if gate.asked.on_expiry == "reject" else "failed",
        )
        for key, gate in _waiting(run)
        if gate.expires_at is not None and gate.expires_at <= now
    )


def next_expiry(run: Run) -> datetime | None:
    """When the next approval expires, UTC; None where none does."""
    return min((gate.expires_at for _, gate in _waiting(run) if gate.expires_at), default=None)


def _waiting(run: Run) -> list[tuple[str, Gate]]:
    keys = run.keys(StageStatus.WAITING_APPROVAL)
    return [(key, gate) for key in keys if (gate := run.stages[key].gate)]


def _open_gate(command: GrantApproval | RejectApproval, run: Run) -> Gate:
    """The gate that the command speaks of; it is open, the bytes are those shown, the person may decide."""
    if run.settled:
        raise RunSettled(run_id=run.run_id, status=run.status.value)
    stage = run.stages.get(command.stage_key)
    if stage is None:
        raise NotFound(kind="stage of this run", id=command.stage_key)
    if stage.status is not StageStatus.WAITING_APPROVAL or stage.gate is None:
        detail = f"The stage {command.stage_key!r} does not wait for an approval; it is {stage.status.value}."
        raise Conflict(detail, reason="not_waiting")
    if stage.manifest_sha256 != command.manifest_sha256:
        detail = f"The stage {command.stage_key!r} holds other bytes than those you were shown."
        raise Conflict(detail, reason="other_bytes")
    if not role_at_least(command.role, stage.gate.asked.role):
        raise NotYours(
            problem=f"This decision is asked of the role {stage.gate.asked.role}, not of {command.role}", reason="role"
        )
    return stage.gate
