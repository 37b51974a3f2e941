"""A workspace that the release before this one wrote opens, migrates and goes on.

tests/old/workspace-0001.* is such a workspace: schema 0001, events of that release's payload versions, and the files
of its runs. Six runs: one done, one failed, its retry, one that waits for a person, one that was cut off at its first
stage, and one in line behind it.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from bundle_kit import exported
from test_engine import run_of, settle
from test_people_forks import perform
from vm_webapp import projections, repo
from vm_webapp.bundles import verify_bundle
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER, Actor
from vm_webapp.db import SCHEMA_REVISION
from vm_webapp.domain.run_commands import GrantApproval, RejectApproval
from vm_webapp.errors import NotYours
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Change
from vm_webapp.settings import Settings

from fixed_writer import FixedWriter
from invariants import read_views, violations

_OLD: Final = Path(__file__).parent / "old"
_ANA: Final = Actor("human", "ana")
_KNOWN: Final = (
    "r-failed: 0 tasks of its failure",
    *(f"runs/{run}/run.json" for run in ("r-done", "r-failed", "r-retried")),
)
"""What is left as it was: failures had no tasks then, and run.json says what that release had to say of a run."""


@pytest.fixture
def old(settings: Settings, writer: FixedWriter) -> Iterator[Host]:
    """The old workspace, opened by this release."""
    unpack(settings)
    host = open_host(settings, llm=writer)
    settle(host)
    yield host
    host.close()


def unpack(settings: Settings) -> None:
    """Lay the old workspace out."""
    files: dict[str, str] = json.loads((_OLD / "workspace-0001.json").read_text(encoding="utf-8"))
    for name, text in files.items():
        path = settings.vm_workspace_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    with closing(sqlite3.connect(settings.database_path)) as connection:
        connection.executescript((_OLD / "workspace-0001.sql").read_text(encoding="utf-8"))


def trouble(host: Host) -> list[str]:
    """What does not hold, of what this release promises."""
    found = [sentence for sentence in violations(host) if not any(known in sentence for known in _KNOWN)]
    records = Records(database=host.database, workspace=host.workspace)
    return found + [finding.text for finding in verify_all(records).problems]


def test_it_opens_migrates_and_shows_its_runs(old: Host) -> None:
    """Every run is listed as it was; what was cut off or in line has gone on to its gate by itself."""
    with old.database.read() as connection:
        found = {row.run_id: row.status for row in repo.list_runs_by_thread(connection, "t-one")}
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert revision == SCHEMA_REVISION
    assert found == {
        "r-line": "waiting_approval",
        "r-cut": "waiting_approval",
        "r-waits": "waiting_approval",
        "r-retried": "completed",
        "r-failed": "failed",
        "r-done": "completed",
    }
    assert trouble(old) == []


def test_old_events_are_read_in_todays_shape_and_kept_in_theirs(old: Host) -> None:
    """A gate of then asks for one editor, without an end; the log's own bytes are not touched."""
    gate = run_of(old, "r-waits")["stages"]["message"]["gate"]
    policy = {name: gate[name] for name in ("role", "quorum", "four_eyes", "expires_at", "breaches")}
    assert policy == {"role": "editor", "quorum": 1, "four_eyes": False, "expires_at": None, "breaches": []}
    with old.database.read() as connection:
        brand = repo.get_brand(connection, "b-one")
        kept = connection.exec_driver_sql(
            "SELECT payload FROM events WHERE event_type = 'ApprovalRequested' AND aggregate_id = 'r-waits'"
        ).scalar_one()
    assert (brand["audience"], brand["do"], brand["budget_usd"]) == ("Night owls.", [], None)
    assert "quorum" not in json.loads(kept)


def test_what_waits_is_in_the_inbox(old: Host) -> None:
    """The open gates of then and the open task of then, though that release had no inbox."""
    with old.database.read() as connection:
        kinds = [item["kind"] for item in repo.list_inbox(connection)]
    assert sorted(kinds) == ["approval", "approval", "approval", "task"]


def test_an_old_gate_is_approved_and_the_run_goes_on(old: Host, writer: FixedWriter) -> None:
    """A viewer may not; an editor's yes is enough, and nothing that was finished is written again."""
    digest = run_of(old, "r-waits")["stages"]["message"]["manifest_sha256"]
    yes = {"run_id": "r-waits", "stage_key": "message", "manifest_sha256": digest, "approver": "ana"}
    with pytest.raises(NotYours):
        old.commands.handle(GrantApproval(**yes, role="viewer"), by=_ANA)
    old.commands.handle(GrantApproval(**yes, role="editor"), by=_ANA)
    settle(old)
    assert run_of(old, "r-waits")["status"] == "completed"
    assert [key for run_id, key, _ in writer.calls if run_id == "r-waits"] == ["risks"]
    assert trouble(old) == []


def test_an_old_gate_is_rejected_and_revised(old: Host) -> None:
    """The revision carries the brief of then over, byte by byte, and asks under the policy of now."""
    digest = run_of(old, "r-waits")["stages"]["message"]["manifest_sha256"]
    no = {"run_id": "r-waits", "stage_key": "message", "manifest_sha256": digest, "role": "editor"}
    old.commands.handle(RejectApproval(**no, reason="Too loud."), by=_ANA)
    settle(old)
    run = perform(old, old.requests.revise("r-waits", stage_key=None, feedback=None, by=_ANA), _ANA)
    assert run["status"] == "waiting_approval"
    assert run["stages"]["brief"]["carried_from"] == {"run_id": "r-waits", "stage_key": "brief"}
    assert run["stages"]["message"]["gate"]["role"] == "approver"
    assert trouble(old) == []


def test_old_runs_are_retried_forked_and_edited(old: Host, writer: FixedWriter) -> None:
    """What a failed run of then had finished is taken over; a finished one is a source like any other."""
    retry = perform(old, old.requests.retry("r-failed", by=OWNER))
    assert (retry["status"], [key for run_id, key, _ in writer.calls if run_id == retry["run_id"]]) == (
        "completed",
        ["risks"],
    )
    change = Change(request_text="Launch the hot brew")
    fork = perform(old, old.requests.fork("r-done", stage_key="risks", change=change, by=OWNER))
    edit = perform(old, old.requests.edit("r-retried", "risks", edit={"text": "# Ours"}, by=_ANA), _ANA)
    assert [fork["status"], edit["status"]] == ["completed", "completed"]
    assert trouble(old) == []


def test_views_of_an_old_log_come_out_equal_again(old: Host) -> None:
    """What the migration's start rebuilt is what any rebuild makes."""
    with old.database.read() as connection:
        before = read_views(connection)
    old.database.write(projections.rebuild)
    with old.database.read() as connection:
        assert read_views(connection) == before


@pytest.mark.parametrize("run_id", ["r-done", "r-failed", "r-retried"])
def test_an_old_run_is_handed_on_with_its_proof(old: Host, run_id: str) -> None:
    """Its events have no chain of their own; the tree and its signed checkpoint cover them all the same."""
    assert old.log_tree.wait(30)
    assert verify_bundle(exported(old, run_id)).problems == []
