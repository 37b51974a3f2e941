"""The commands approve and reject: a person's word on exactly the bytes that were shown."""

import sys
from functools import partial
from typing import Final

import click

from vm_webapp.cli.decision import Decision, find_decision, show_decision
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import settings_of
from vm_webapp.cli.screen import cell, console, show_json
from vm_webapp.cli.text import counted
from vm_webapp.cli.work.commands import see_through
from vm_webapp.cli.work.desk import Desk
from vm_webapp.cli.work.display import display_on
from vm_webapp.cli.work.ending import record_of
from vm_webapp.cli.work.follow import Interrupts, follow
from vm_webapp.cli.work.reach import desk
from vm_webapp.domain.texts import check_text
from vm_webapp.errors import Conflict, Invalid
from vm_webapp.workspace import Workspace

_PATIENCE_SECONDS: Final = 2.0
_SETTLE_SECONDS: Final = 30.0
_LEAST_DIGEST: Final = 12


class OtherBytes(Conflict):
    """The stage {stage_key!r} holds other bytes than those you named; its digest is {digest}."""

    code = "other_bytes"
    remedy = "Look at what is there now, then decide on that."


def approve(
    call: Invocation,
    *,
    run_id: str,
    stage_key: str | None,
    comment: str,
    digest: str | None,
    yes: bool,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Show what waits, have it confirmed, approve those bytes, and follow the run as it goes on."""
    asked = find_decision(call, run_id, stage_key)
    _check_digest(asked, digest)
    if not as_json:
        show_decision(console(call), asked)
    check_text(comment, "comment", optional=True)
    if asked.breaches and not comment.strip():
        broken = counted(len(asked.breaches), "rule")
        raise Invalid(f"These files break {broken} of the brand; say with --comment why they are accepted.")
    _confirm("Approve exactly these files?", sure=yes or digest is not None)
    return see_through(call, partial(_grant, asked=asked, comment=comment), timeout=timeout, as_json=as_json)


def reject(
    call: Invocation,
    *,
    run_id: str,
    stage_key: str | None,
    reason: str,
    digest: str | None,
    revise: bool,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Reject what waits, with the reason; then have it revised, or say how."""
    asked = find_decision(call, run_id, stage_key)
    _check_digest(asked, digest)
    check_text(reason, "reason")
    if revise:
        ask = partial(_reject_and_revise, asked=asked, reason=reason)
        return see_through(call, ask, timeout=timeout, as_json=as_json)
    with desk(call, patience=_PATIENCE_SECONDS, resume=False) as at:
        at.reject(asked.run_id, asked.stage_key, manifest_sha256=asked.digest, reason=reason)
        with display_on(console(call), quiet=True) as display:
            _, run = follow(at, asked.run_id, display=display, interrupts=Interrupts(), timeout=_SETTLE_SECONDS)
        page_url = at.page_url
    if as_json:
        show_json(record_of(run, Workspace(settings_of(call).vm_workspace_root), page_url))
    else:
        screen = console(call)
        screen.print(cell(f"{asked.run_id}: {asked.stage_key} rejected; the run is {run['status']}."), soft_wrap=True)
        screen.print(cell(f"Have it revised: {call.spelled('revise', asked.run_id)}"), soft_wrap=True)
    return Exit.OK


def _grant(at: Desk, *, asked: Decision, comment: str) -> str:
    at.approve(asked.run_id, asked.stage_key, manifest_sha256=asked.digest, comment=comment)
    return asked.run_id


def _reject_and_revise(at: Desk, *, asked: Decision, reason: str) -> str:
    at.reject(asked.run_id, asked.stage_key, manifest_sha256=asked.digest, reason=reason)
    return at.revise(asked.run_id, asked.stage_key, reason)


def _check_digest(asked: Decision, digest: str | None) -> None:
    """Refuse where the digest that was typed is not that of the files; its beginning does."""
    if digest is None:
        return
    typed = digest.strip().lower().removeprefix("sha256:")
    if len(typed) < _LEAST_DIGEST:
        raise Invalid(f"--digest takes the digest, or its first {_LEAST_DIGEST} characters at the least.")
    if not asked.digest.startswith(typed):
        raise OtherBytes(stage_key=asked.stage_key, digest=asked.digest)


def _confirm(question: str, *, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("No terminal is here to ask on: say --yes, or --digest with the digest you were shown.")
    click.confirm(question, abort=True, err=True)
