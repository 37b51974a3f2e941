"""Forks: every way to go on from a run is a new run that takes over, by digest, what the change does not touch."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from paid_writer import PaidWriter
from test_engine import make_thread, request, run_of, settle
from test_people_gates import ANA, gated, stage_of, yes
from vm_webapp import artifacts, repo
from vm_webapp.commands import OWNER, Actor
from vm_webapp.domain.run_commands import RejectApproval, RequestCancel
from vm_webapp.domain.thread_messages import AddComment, RequestRun
from vm_webapp.errors import Conflict, Invalid, NotFound, StageError, ThreadBusy, UnknownMode, UnknownWriter
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Change, Choices
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

from api_client import Gate
from fixed_writer import FixedWriter
from invariants import violations


def perform(host: Host, command: RequestRun, by: Actor = OWNER) -> Mapping[str, Any]:
    """The run that the request leads to, settled."""
    host.commands.handle(command, by=by)
    settle(host)
    return run_of(host, command.run_id)


def finished(host: Host) -> str:
    """A completed run's id."""
    run_id = request(host, make_thread(host)[2])
    settle(host)
    return run_id


def manifest(host: Host, run: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The verified manifest of a stage."""
    stage = run["stages"][key]
    folder = host.workspace.stage_dir(run["run_id"], stage["position"], key)
    return artifacts.read_manifest(folder, sha256=stage["manifest_sha256"])


def read(host: Host, run: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """A JSON file of a stage."""
    folder = host.workspace.stage_dir(run["run_id"], run["stages"][key]["position"], key)
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found


def test_a_fork_carries_what_its_stage_does_not_touch(host: Host, writer: FixedWriter) -> None:
    """From `channels` on: brief, audience, positioning and risks are taken over; what needs channels is written."""
    source = finished(host)
    writer.calls.clear()
    run = perform(host, host.requests.fork(source, stage_key="channels", change=Change(), by=OWNER))
    assert run["status"] == "completed"
    assert sorted(call[1] for call in writer.calls) == ["calendar", "channels", "kpis", "plan"]
    before = run_of(host, source)
    for key in ("brief", "audience", "positioning", "risks"):
        assert run["stages"][key]["carried_from"] == {"run_id": source, "stage_key": key}
        same = [[item["sha256"] for item in each["stages"][key]["artifacts"]] for each in (before, run)]
        assert same[0] == same[1]
    assert violations(host) == []


def test_a_fork_says_what_it_changed(host: Host) -> None:
    """The request and the writer are other ones; the lineage reads both ways and has the changes."""
    source = finished(host)
    change = Change(request_text="Launch the hot brew", writer="offline")
    run = perform(host, host.requests.fork(source, stage_key=None, change=change, by=OWNER))
    assert run["changes"] == {
        "request_text": {"from": "Launch the cold brew", "to": "Launch the hot brew"},
        "writer": {"from": "fixed", "to": "offline"},
    }
    assert {stage["writer"] for stage in run["stages"].values()} == {"offline"}
    again = perform(host, host.requests.fork(run["run_id"], stage_key="kpis", change=Change(), by=OWNER))
    with host.database.read() as connection:
        up = [row["run_id"] for row in repo.list_ancestors(connection, again["run_id"])]
        down = [row["run_id"] for row in repo.list_descendants(connection, source)]
    assert up == [run["run_id"], source]
    assert down == [run["run_id"], again["run_id"]]


def test_a_fork_with_another_profile_carries_what_both_define_alike(host: Host) -> None:
    """A profile that drops a stage and changes another: only what is defined as it was is taken over."""
    run_id, _ = gated(host)
    host.commands.handle(yes(host, run_id), by=ANA)
    settle(host)
    text = (host.workspace.profiles / "gated.yaml").read_text()
    longer = text.replace("version: 1", "version: 2") + "  - key: risks\n    title: Risks\n    kind: risks\n"
    (host.workspace.profiles / "gated.yaml").write_text(longer)
    run = perform(host, host.requests.fork(run_id, stage_key="risks", change=Change(mode="gated"), by=OWNER))
    assert run["status"] == "completed"
    assert run["changes"]["profile"]["to"]["version"] == 2
    assert [key for key, stage in run["stages"].items() if stage["carried_from"]] == ["brief", "message"]


def test_a_revision_hands_the_reason_to_the_writer(settings: Settings) -> None:
    """A rejected stage is written again with the reason and what was rejected; the rest is untouched."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    run_id, _ = gated(host)
    digest = stage_of(host, run_id)["manifest_sha256"]
    no = RejectApproval(run_id=run_id, stage_key="brief", manifest_sha256=digest, role="approver", reason="Too long.")
    host.commands.handle(no, by=ANA)
    settle(host)
    run = perform(host, host.requests.revise(run_id, stage_key=None, feedback=None, by=ANA), ANA)
    work = writer.works[-1]
    assert (work.feedback, work.previous) == (("Too long.",), {"title": "Brief", "reads": []})
    assert run["status"] == "waiting_approval"
    assert run["feedback"] == {"brief": "Too long."}
    assert read(host, run, "brief", "input.json")["feedback"] == ["Too long."]
    assert violations(host) == []
    host.close()


def test_a_persons_text_becomes_the_stages_output(settings: Settings) -> None:
    """The edit is published under the person's name; the object stays, its document is the person's text."""
    host = open_host(settings)
    run_id = finished(host)
    text = "# Our brief\n\nWhat we really want.\n"
    run = perform(host, host.requests.edit(run_id, "brief", edit={"text": text}, by=ANA), ANA)
    assert run["status"] == "completed"
    made, output = manifest(host, run, "brief"), read(host, run, "brief", "output.json")
    assert (made["writer"], made["edited_by"]) == ("ana", "ana")
    assert (output["written_by"], output["edited_text"]) == ("ana", text.strip())
    folder = host.workspace.stage_dir(run["run_id"], 1, "brief")
    assert (folder / "artifacts" / "brief.md").read_text().strip() == text.strip()
    assert output["goals"] == read(host, run_of(host, run_id), "brief", "output.json")["goals"]
    assert run["edited"] == ["brief"]
    assert violations(host) == []
    host.close()


def test_whatever_goes_on_keeps_a_text_that_was_not_finished(settings: Settings) -> None:
    """A person's text that nobody approved yet is not written over by a machine."""
    host = open_host(settings)
    run_id, _ = gated(host)
    mine = perform(host, host.requests.edit(run_id, "brief", edit={"text": "Ana's brief."}, by=ANA), ANA)["run_id"]
    host.commands.handle(RequestCancel(run_id=mine), by=OWNER)
    forked = host.requests.fork(mine, stage_key="message", change=Change(writer="offline"), by=OWNER)
    run = perform(host, forked)
    assert read(host, run, "brief", "output.json")["edited_text"] == "Ana's brief."
    assert manifest(host, run, "brief")["edited_by"] == "ana"
    edited = host.requests.edit(run["run_id"], "message", edit={"text": "The message."}, by=OWNER)
    assert {key: edit["text"] for key, edit in edited.edits.items()} == {
        "brief": "Ana's brief.",
        "message": "The message.",
    }
    assert host.requests.fork(mine, stage_key="brief", change=Change(), by=OWNER).edits == {}
    assert violations(host) == []
    host.close()


def test_whatever_goes_on_heeds_a_rejection(settings: Settings) -> None:
    """The reason goes to the writer of the rejected stage wherever one goes on; a rejected text does not."""
    host = open_host(settings)
    run_id, _ = gated(host)
    mine = perform(host, host.requests.edit(run_id, "brief", edit={"text": "Ana's brief."}, by=ANA), ANA)["run_id"]
    digest = stage_of(host, mine)["manifest_sha256"]
    no = RejectApproval(run_id=mine, stage_key="brief", manifest_sha256=digest, role="approver", reason="Too long.")
    host.commands.handle(no, by=OWNER)
    forked = host.requests.fork(mine, stage_key="message", change=Change(), by=OWNER)
    assert (forked.feedback, forked.edits) == ({"brief": "Too long."}, {})
    host.close()


def test_an_edited_output_is_checked_and_rendered(settings: Settings) -> None:
    """A structured edit gives JSON and Markdown from the same object; one that does not fit names the place."""
    host = open_host(settings)
    run_id = finished(host)
    output = read(host, run_of(host, run_id), "brief", "output.json") | {"summary": "A quite unusual summary."}
    run = perform(host, host.requests.edit(run_id, "brief", edit={"output": output}, by=ANA), ANA)
    folder = host.workspace.stage_dir(run["run_id"], 1, "brief")
    assert "A quite unusual summary." in (folder / "artifacts" / "brief.md").read_text()
    with pytest.raises(Invalid, match="/output/goals"):
        host.requests.edit(run_id, "brief", edit={"output": output | {"goals": []}}, by=ANA)
    with pytest.raises(Invalid, match=r"output/summary holds the character U\+001B at 2"):
        host.requests.edit(run_id, "brief", edit={"output": output | {"summary": "be\x1b[31m"}}, by=ANA)
    host.close()


def test_a_retry_pays_for_no_finished_stage(host: Host, writer: FixedWriter) -> None:
    """A failed run opens a task; its retry carries the finished stages over and closes the task."""

    def refuse(_work: StageWork, _attempt: Cancellation) -> None:
        raise StageError("llm_key_refused", "The key was refused.", retryable=False)

    writer.on("positioning", refuse)
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    settle(host)
    assert run_of(host, run_id)["status"] == "failed"
    with host.database.read() as connection:
        (task,) = repo.list_tasks(connection, thread_id, status="open")
    assert task["run_id"] == run_id
    assert "The key was refused." in task["title"]
    writer.calls.clear()
    assert perform(host, host.requests.retry(run_id, by=OWNER))["status"] == "completed"
    assert "brief" not in {call[1] for call in writer.calls}
    with host.database.read() as connection:
        assert repo.list_tasks(connection, thread_id, status="open") == []


def test_what_cannot_be_forked_is_refused_before_anything_is_written(host: Host) -> None:
    """Unknown runs, stages, profiles and writers, and revisions that say nothing, each with its own error."""
    run_id = finished(host)
    ask = host.requests
    with pytest.raises(NotFound):
        ask.fork("r-none", stage_key=None, change=Change(), by=OWNER)
    with pytest.raises(Invalid, match="has no stage 'nope'"):
        ask.fork(run_id, stage_key="nope", change=Change(), by=OWNER)
    with pytest.raises(UnknownMode):
        ask.fork(run_id, stage_key=None, change=Change(mode="nope"), by=OWNER)
    with pytest.raises(UnknownWriter):
        ask.fork(run_id, stage_key=None, change=Change(writer="nobody:nothing"), by=OWNER)
    with pytest.raises(Conflict, match="rejected"):
        ask.revise(run_id, stage_key=None, feedback=None, by=OWNER)
    with pytest.raises(Conflict, match="Nothing says"):
        ask.revise(run_id, stage_key="brief", feedback=None, by=OWNER)
    with pytest.raises(NotFound):
        ask.edit(run_id, "nope", edit={"text": "x"}, by=OWNER)
    with pytest.raises(Conflict, match="only a failed"):
        ask.retry(run_id, by=OWNER)


def test_a_busy_thread_is_waited_for_refused_or_interrupted(host: Host, writer: FixedWriter) -> None:
    """Enqueue waits in line, reject is a conflict, interrupt cancels the run at work and keeps its files."""
    gate = Gate()
    writer.on("audience", gate)
    thread_id = make_thread(host)[2]
    first = request(host, thread_id)
    assert gate.reached.wait(30)
    with pytest.raises(ThreadBusy):
        host.commands.handle(_new(host, thread_id, Choices(on_busy="reject")), by=OWNER)
    second = _new(host, thread_id, Choices(on_busy="interrupt"))
    host.commands.handle(second, by=OWNER)
    settle(host)
    stopped, run = run_of(host, first), run_of(host, second.run_id)
    assert (stopped["status"], run["status"]) == ("canceled", "completed")
    assert stopped["stages"]["brief"]["artifacts"]
    assert violations(host) == []


def test_comments_and_modes_reach_the_writer(settings: Settings) -> None:
    """What was said in the thread before the request stands in the writer's work and in input.json."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    thread_id = make_thread(host)[2]
    host.commands.handle(AddComment(comment_id="cmt-1", thread_id=thread_id, text="Shorter, please."), by=ANA)
    run_id = request(host, thread_id)
    settle(host)
    (comment,) = writer.works[0].comments
    assert (comment.by, comment.text) == ("ana", "Shorter, please.")
    assert read(host, run_of(host, run_id), "brief", "input.json")["comments"][0]["text"] == "Shorter, please."
    host.close()


def _new(host: Host, thread_id: str, choices: Choices) -> RequestRun:
    return host.requests.new(thread_id=thread_id, request_text="Go", mode="plan_90d", by=OWNER, choices=choices)


def test_a_gate_that_a_profile_gained_is_not_forked_past(host: Host) -> None:
    """A stage that nobody was asked for is written again, and asked for, once its profile wants that."""
    run_id, _ = gated(host)
    host.commands.handle(yes(host, run_id), by=ANA)
    settle(host)
    path = host.workspace.profiles / "gated.yaml"
    path.write_text(path.read_text().replace("kind: message\n", "kind: message\n    approval: required\n"))
    text = path.read_text() + "  - key: risks\n    title: Risks\n    kind: risks\n"
    path.write_text(text)
    run = perform(host, host.requests.fork(run_id, stage_key="risks", change=Change(mode="gated"), by=OWNER))
    assert run["status"] == "waiting_approval"
    assert run["stages"]["brief"]["carried_from"] is not None
    assert run["stages"]["message"]["carried_from"] is None
    assert run["stages"]["message"]["status"] == "waiting_approval"
