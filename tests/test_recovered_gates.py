"""Going on from a recovered run: nothing proves its gates, so that today's profile says who is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from bundle_kit import a_run, a_thread, open_in, served_again
from test_backup_recover import lose, reopened
from test_backup_whole import fill
from vm_webapp import repo
from vm_webapp.backups import recover
from vm_webapp.commands import OWNER
from vm_webapp.domain.thread_messages import RequestRun
from vm_webapp.errors import Conflict, StageError
from vm_webapp.host import Host
from vm_webapp.run_requests import Change
from vm_webapp.workspace import Workspace
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter

found = served_again


@pytest.fixture
def run_id(tmp_path: Path) -> str:
    """A run whose first stage somebody approved, in a workspace that has lost its database since."""
    host = open_in(tmp_path)
    made = a_run(host, a_thread(host))
    host.close()
    lose(tmp_path / "vm")
    recover(Workspace(tmp_path / "vm"), tmp_path / "vm" / "workspace.sqlite3")
    return made


def after(host: Host, asked: RequestRun) -> Mapping[str, str]:
    """What has become of the stages of the run that was asked for, and of the run."""
    host.commands.handle(asked, by=OWNER)
    host.orchestrator.catch_up()
    assert host.orchestrator.settle(30)
    with host.database.read() as connection:
        run = repo.get_run(connection, asked.run_id)
    return {"run": run["status"]} | {key: stage["status"] for key, stage in run["stages"].items()}


@pytest.mark.parametrize("way", ["edited", "revised", "forked", "forked behind it"])
def test_a_stage_that_needs_approval_asks_again(found: Host, run_id: str, way: str) -> None:
    """Neither a person's text nor another draft of a stage with a gate is handed on unasked."""
    asked = {
        "edited": lambda: found.requests.edit(run_id, "brief", edit={"text": "Mine"}, by=OWNER),
        "revised": lambda: found.requests.revise(run_id, stage_key="brief", feedback="Shorter", by=OWNER),
        "forked": lambda: found.requests.fork(run_id, stage_key=None, change=Change(), by=OWNER),
        "forked behind it": lambda: found.requests.fork(run_id, stage_key="plan", change=Change(), by=OWNER),
    }[way]()
    assert after(found, asked) == {"run": "waiting_approval", "brief": "waiting_approval", "plan": "pending"}


def test_without_the_profile_nobody_can_say_who_is_asked(found: Host, run_id: str, tmp_path: Path) -> None:
    """It is refused with the way out, which works; nothing else is touched."""
    (tmp_path / "vm" / "profiles" / "gated.yaml").unlink()
    with pytest.raises(Conflict, match=r"was recovered.*'gated'.*Fork it with a mode that there is"):
        found.requests.edit(run_id, "brief", edit={"text": "Mine"}, by=OWNER)
    asked = found.requests.fork(run_id, stage_key=None, change=Change(mode="plan_90d"), by=OWNER)
    assert after(found, asked)["run"] == "completed"


def test_a_stage_that_the_profile_has_no_more_is_named(found: Host, run_id: str, tmp_path: Path) -> None:
    """The refusal says what the profile has."""
    path = tmp_path / "vm" / "profiles" / "gated.yaml"
    path.write_text("title: Gated\nstages:\n  - {key: outline, title: Outline, kind: brief}\n", encoding="utf-8")
    with pytest.raises(Conflict, match=r"has no stage 'brief': outline"):
        found.requests.edit(run_id, "brief", edit={"text": "Mine"}, by=OWNER)


@pytest.mark.parametrize("lost", ["workspace.sqlite3*", "**/run.json"], ids=["with run.json", "without"])
def test_what_was_finished_is_not_written_again(host: Host, writer: FixedWriter, lost: str) -> None:
    """A retry takes over every finished stage; where run.json is lost, what a stage had read tells what it needs."""

    def refuse(_work: StageWork, _attempt: Cancellation) -> NoReturn:
        raise StageError("refused", "It said no.", retryable=False)

    writer.on("positioning", refuse)
    made = fill(host, 1)[0]
    host.close()
    root = host.workspace.root
    lose(root)
    for path in root.glob(lost):
        path.unlink()
    finished = [path.parent.name.partition("-")[2] for path in sorted(root.glob("runs/*/stages/*/manifest.json"))]
    recover(Workspace(root), root / "workspace.sqlite3")
    again = reopened(root)
    try:
        asked = again.requests.retry(made, by=OWNER)
        assert {"brief", "audience"} <= set(finished)
        assert (list(asked.carried), asked.forked_from) == (finished, {"run_id": made, "stage_key": "positioning"})
    finally:
        again.close()


def test_a_failed_one_is_retried_under_today_s_gates(tmp_path: Path) -> None:
    """A run that was lost in its middle goes on where the profile has what is missing, and asks."""
    host = open_in(tmp_path)
    made = a_run(host, a_thread(host), approve=False)
    host.close()
    lose(tmp_path / "vm")
    recover(Workspace(tmp_path / "vm"), tmp_path / "vm" / "workspace.sqlite3")
    host = open_in(tmp_path)
    try:
        assert after(host, host.requests.retry(made, by=OWNER))["run"] == "waiting_approval"
    finally:
        host.close()
