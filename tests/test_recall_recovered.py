"""What search says of recovered runs, and of what was taken over from them: who approved them is not known."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bundle_kit import PROFILE, a_run, a_thread, approve_stage, open_in, settings_in, settle
from test_backup_disclosed import GATE
from test_backup_recover import lose
from test_backup_whole import fill, settings_at
from vm_webapp.api import shapes
from vm_webapp.app import create_app
from vm_webapp.backups import recover
from vm_webapp.cli import Exit, main
from vm_webapp.commands import OWNER
from vm_webapp.host import Host
from vm_webapp.workspace import Workspace

from api_client import running
from fixed_writer import FixedWriter


def found(root: Path, more: str = "") -> list[Mapping[str, Any]]:
    """What search finds in the workspace."""
    with running(create_app(settings_at(root), llm=FixedWriter())) as api:
        api.app.state.host.recall.catch_up()
        answer = api.read(f"/api/v2/search?q=launch{more}")
    shapes.ResultsShape.model_validate(answer, strict=True)
    results: list[Mapping[str, Any]] = answer["results"]
    return results


def test_whether_a_recovered_run_was_approved_is_not_known(host: Host) -> None:
    """False while the log knows that nobody approved it, null once the log was recovered."""
    fill(host, 1)
    host.close()
    root = host.workspace.root
    assert {result["granted"] for result in found(root)} == {False}
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    assert {result["granted"] for result in found(root)} == {None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a workspace with a completed run of two stages that was recovered; nobody serves it."""
    host = open_in(tmp_path)
    a_run(host, a_thread(host))
    host.close()
    lose(tmp_path / "vm")
    recover(Workspace(tmp_path / "vm"), tmp_path / "vm" / "workspace.sqlite3")
    return tmp_path


def gone_on(folder: Path, *, gated: bool) -> str:
    """A run with another plan, made from the recovered one; what has a gate is approved."""
    host = open_in(folder)
    if not gated:
        (folder / "vm" / "profiles" / "gated.yaml").write_text(PROFILE.replace(GATE, ""), "utf-8")
    (run_id,) = (path.name for path in host.workspace.runs.iterdir())
    command = host.requests.edit(run_id, "plan", edit={"text": "Launch it otherwise."}, by=OWNER)
    host.commands.handle(command, by=OWNER)
    settle(host)
    if gated:
        approve_stage(host, command.run_id, "brief")
        settle(host)
    host.close()
    return command.run_id


def granted(folder: Path, run_id: str) -> Mapping[str, bool | None]:
    """What search says of the run's stages."""
    results = found(settings_in(folder).vm_workspace_root)
    return {result["stage_key"]: result["granted"] for result in results if result["run_id"] == run_id}


def test_what_was_taken_over_from_it_is_as_unknown(folder: Path) -> None:
    """The stage that a fork carried over; the one that it made is known, and nobody has approved it."""
    assert granted(folder, gone_on(folder, gated=False)) == {"brief": None, "plan": False}


def test_what_was_approved_since_is_known(folder: Path) -> None:
    """A person has approved the fork's first stage, in this log."""
    assert granted(folder, gone_on(folder, gated=True)) == {"brief": True, "plan": False}


def test_what_is_not_known_is_not_approved(folder: Path) -> None:
    """The filter leaves it out, though its run is completed, and its opposite finds it; so says each of the results."""
    root = folder / "vm"
    assert found(root, "&approved=true") == []
    assert {result["approved"] for result in found(root, "&approved=false")} == {False}


def test_the_command_says_that_it_is_not_known(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In plain words, as null in JSON, and --approved finds nothing."""
    found(folder / "vm")
    search = ["--workspace", str(folder / "vm"), "--no-color", "search", "launch"]
    capsys.readouterr()
    assert main(search) == Exit.OK
    shown = capsys.readouterr().out.splitlines()
    assert shown
    assert all(line.endswith(", approval not known") for line in shown[1::3])
    assert main([*search, "--json"]) == Exit.OK
    assert {result["granted"] for result in json.loads(capsys.readouterr().out)["results"]} == {None}
    assert main([*search, "--approved"]) == Exit.OK
    assert capsys.readouterr().err == "Nothing was found.\n"
