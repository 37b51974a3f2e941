"""Gates: a stage waits for people, under the policy of its profile, for exactly the bytes that they were shown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from test_engine import event_types, make_thread, request, run_of, settle
from vm_webapp import repo
from vm_webapp.commands import Actor
from vm_webapp.domain.run_commands import GrantApproval, RejectApproval, RequestCancel
from vm_webapp.errors import Conflict, InvalidText, NotYours, RunSettled
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter
from invariants import violations

ANA, BEN = Actor("human", "ana"), Actor("human", "ben")
PROFILE = """\
title: Gated
version: 1
stages:
  - key: brief
    title: Brief
    kind: brief
    approval: required
    {gate}
  - key: message
    title: Message
    kind: message
    needs: [brief]
"""


def gated(host: Host, gate: str = "") -> tuple[str, str]:
    """A run of a profile with that gate, brought to its gate; its id and the thread's."""
    folder = host.workspace.profiles
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gated.yaml").write_text(PROFILE.format(gate=gate))
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id, "gated")
    settle(host)
    return run_id, thread_id


def stage_of(host: Host, run_id: str, key: str = "brief") -> Mapping[str, Any]:
    """The stage as it is now."""
    stage: Mapping[str, Any] = run_of(host, run_id)["stages"][key]
    return stage


def yes(host: Host, run_id: str, by: Actor = ANA, *, role: str = "approver", comment: str = "") -> GrantApproval:
    """A yes to the bytes that are there."""
    digest = stage_of(host, run_id)["manifest_sha256"]
    return GrantApproval(
        run_id=run_id, stage_key="brief", manifest_sha256=digest, approver=by.id, role=role, comment=comment
    )


def inbox(host: Host) -> list[str]:
    """What waits for people."""
    with host.database.read() as connection:
        return [item["item_id"] for item in repo.list_inbox(connection)]


def test_a_gate_holds_no_thread_and_opens_with_a_yes_to_its_bytes(host: Host) -> None:
    """The run waits, is in the inbox, and goes on when its bytes are approved; who, when and why are in the log."""
    run_id, _ = gated(host)
    assert run_of(host, run_id)["status"] == "waiting_approval"
    assert inbox(host) == [stage_of(host, run_id)["gate"]["approval_id"]]
    host.commands.handle(yes(host, run_id, comment="Good."), by=ANA)
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    (grant,) = stage_of(host, run_id)["gate"]["granted"]
    assert (grant["by"], grant["comment"]) == ("ana", "Good.")
    assert inbox(host) == []
    assert violations(host) == []


def test_other_bytes_than_those_shown_are_refused(host: Host) -> None:
    """A yes names the digest of the manifest; another digest is a conflict, and nothing is recorded."""
    run_id, thread_id = gated(host)
    before = event_types(host, thread_id)
    wrong = GrantApproval(run_id=run_id, stage_key="brief", manifest_sha256="0" * 64, approver="ana", role="admin")
    with pytest.raises(Conflict, match="other bytes"):
        host.commands.handle(wrong, by=ANA)
    assert event_types(host, thread_id) == before


def test_a_quorum_counts_people_not_clicks(host: Host) -> None:
    """Two people are asked: one who says yes twice is one; the second one lets the run go on."""
    run_id, _ = gated(host, "gate: {quorum: 2}")
    for _ in range(2):
        host.commands.handle(yes(host, run_id, ANA), by=ANA)
    settle(host)
    assert run_of(host, run_id)["status"] == "waiting_approval"
    host.commands.handle(yes(host, run_id, BEN), by=BEN)
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert [grant["by"] for grant in stage_of(host, run_id)["gate"]["granted"]] == ["ana", "ben"]


def test_four_eyes_are_not_those_of_the_requester(host: Host) -> None:
    """Who asked for the run may not approve it; anybody else may."""
    run_id, _ = gated(host, "gate: {four_eyes: true}")
    owner = Actor("human", run_of(host, run_id)["requested_by"])
    with pytest.raises(NotYours, match="another pair of eyes"):
        host.commands.handle(yes(host, run_id, owner), by=owner)
    host.commands.handle(yes(host, run_id, ANA), by=ANA)
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"


@pytest.mark.parametrize("role", ["viewer", "editor", "approver", "nobody"])
def test_a_role_below_the_policys_may_not_decide(host: Host, role: str) -> None:
    """The gate asks for an admin; a yes and a no of any other role are refused."""
    run_id, _ = gated(host, "gate: {role: admin}")
    with pytest.raises(NotYours, match="role admin"):
        host.commands.handle(yes(host, run_id, role=role), by=ANA)
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role=role, reason="No.")
    with pytest.raises(NotYours):
        host.commands.handle(no, by=ANA)


@pytest.mark.parametrize(("outcome", "code"), [("fail", "approval_expired"), ("reject", "rejected")])
def test_an_approval_that_nobody_gives_expires(
    settings: Settings, writer: FixedWriter, outcome: str, code: str
) -> None:
    """The time is minded without a thread and across a restart; then it counts as the profile says."""
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=UTC), tick=True) as clock:
        host = open_host(settings, llm=writer)
        run_id, _ = gated(host, f"gate: {{expires_after_hours: 48, on_expiry: {outcome}}}")
        host.close()
        clock.shift(timedelta(hours=47))
        host = open_host(settings, llm=writer)
        assert run_of(host, run_id)["status"] == "waiting_approval"
        host.close()
        clock.shift(timedelta(hours=2))
        host = open_host(settings, llm=writer)
        settle(host)
        run = run_of(host, run_id)
        assert (run["status"], run["error"]["code"]) == ("failed", code)
        assert (inbox(host) == []) is (outcome == "reject")  # an expiry that fails leaves a task
        assert violations(host) == []
        host.close()


def test_a_no_settles_the_run_with_its_reason(host: Host) -> None:
    """The reason stands in the run; a decision on a settled run is refused; no task is opened for what was wanted."""
    run_id, _ = gated(host)
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason="Too long.")
    host.commands.handle(no, by=ANA)
    settle(host)
    assert run_of(host, run_id)["error"]["message"] == "Too long."
    assert inbox(host) == []
    with pytest.raises(RunSettled):
        host.commands.handle(yes(host, run_id), by=ANA)


def test_a_gate_outlives_restarts(settings: Settings, writer: FixedWriter) -> None:
    """After a restart the gate is still open, nothing is written again, and a yes lets the run go on."""
    host = open_host(settings, llm=writer)
    run_id, _ = gated(host)
    host.close()
    host = open_host(settings, llm=writer)
    settle(host)
    calls = list(writer.calls)
    host.commands.handle(yes(host, run_id), by=ANA)
    settle(host)
    assert run_of(host, run_id)["status"] == "completed"
    assert [call[1] for call in writer.calls[len(calls) :]] == ["message"]
    host.close()


def test_a_gate_keeps_no_other_run_of_its_thread_waiting(host: Host) -> None:
    """While one run waits for a person, the next one of the thread is executed."""
    run_id, thread_id = gated(host)
    other = request(host, thread_id, "gated")
    settle(host)
    assert [run_of(host, each)["status"] for each in (run_id, other)] == ["waiting_approval"] * 2
    host.commands.handle(RequestCancel(run_id=run_id), by=ANA)
    settle(host)
    assert run_of(host, run_id)["status"] == "canceled"
    assert len(inbox(host)) == 1


def test_a_waiver_needs_a_reason(host: Host) -> None:
    """A yes to a stage that breaks a rule says why, in a comment that may not be empty."""
    run_id, _ = gated(host)
    digest = stage_of(host, run_id)["manifest_sha256"]
    assert digest
    with pytest.raises(InvalidText):
        host.commands.handle(
            RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason="  "),
            by=ANA,
        )
