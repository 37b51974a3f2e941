"""After a recovery `verify` knows that no failed attempt is known: their files are a note, all others are named."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from test_backup_whole import fill, settings_at
from vm_webapp.backups import recover
from vm_webapp.cli import Exit, main
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import Report, verify_all
from vm_webapp.errors import StageError
from vm_webapp.host import Host, open_host
from vm_webapp.workspace import Workspace
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter


def _fail(code: str, *, retryable: bool) -> Callable[[StageWork, Cancellation], NoReturn]:
    def behaviour(_work: StageWork, _attempt: Cancellation) -> NoReturn:
        raise StageError(code, "It said no.", retryable=retryable, raw="half a text")

    return behaviour


@pytest.fixture
def root(host: Host, writer: FixedWriter) -> Path:
    """A workspace whose database is lost: a run whose brief failed once, and one that failed for good after a brief."""
    writer.on("brief", _fail("busy", retryable=True))
    fill(host, 1)
    writer.on("audience", _fail("refused", retryable=False))
    fill_once_more(host)
    host.close()
    root = host.workspace.root
    for path in root.glob("workspace.sqlite3*"):
        path.unlink()
    return root


def fill_once_more(host: Host) -> None:
    """A run that fails in its second stage."""
    host.runtime.execute_thread_run(
        thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Launch", mode="plan_90d", actor_id="Ana"
    )


def checked(root: Path) -> Report:
    """What the check of the workspace says."""
    opened = open_host(settings_at(root), llm=FixedWriter())
    try:
        return verify_all(Records(opened.workspace, opened.database))
    finally:
        opened.close()


def test_a_recovered_workspace_with_failed_attempts_verifies(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and a note for each run says that its failed attempts are not known."""
    assert len(list(root.glob("runs/*/stages/*/attempts/*/error.json"))) == 2
    recover(Workspace(root), root / "workspace.sqlite3")
    report = checked(root)
    assert [finding.text for finding in report.problems] == []
    notes = [finding for finding in report.notes if "was recovered" in finding.text]
    assert {note.run_id for note in notes} == {path.name for path in root.glob("runs/*")}
    assert main(["--workspace", str(root), "verify"]) == Exit.OK
    assert "its failed attempts are not known" in capsys.readouterr().out


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("lose", [Path.unlink, _cut], ids=["gone", "cut"])
def test_it_does_so_without_run_json(root: Path, lose: Callable[[Path], None]) -> None:
    """Gone or unreadable, it names no second stage: the folder of that one's attempts is a note all the same."""
    for path in root.glob("runs/*/run.json"):
        lose(path)
    recover(Workspace(root), root / "workspace.sqlite3")
    assert [finding.text for finding in checked(root).problems] == []


@pytest.mark.parametrize(
    "path",
    [
        "stages/01-brief/attempts/1/error.json",  # what was published is the first attempt
        "stages/02-audience/attempts/1/more.md",
        "stages/02-audience/attempts/0/error.json",
        "stages/01-brief/artifacts/more.md",
        "stages/99-more/attempts/1/error.json",
        "attempts/1/error.json",
        "more.md",
    ],
)
def test_what_lies_elsewhere_is_still_named(root: Path, path: str) -> None:
    """In what was published, beside the attempts, in a stage that the run did not have."""
    recover(Workspace(root), root / "workspace.sqlite3")
    failed = min(root.glob("runs/*/stages/02-audience/attempts")).parents[2]
    added = failed / path
    added.parent.mkdir(parents=True, exist_ok=True)
    added.write_text("{}", encoding="utf-8")
    assert [str(added) in finding.text for finding in checked(root).problems] == [True]


@pytest.fixture
def left_out(host: Host, writer: FixedWriter) -> Path:
    """The folder of a run that failed in its first stage, beside a finished one; the log was recovered since."""
    fill(host, 1)
    finished = set(host.workspace.runs.iterdir())
    writer.on("brief", _fail("refused", retryable=False))
    fill_once_more(host)
    host.close()
    (failed,) = set(host.workspace.runs.iterdir()) - finished
    for path in host.workspace.root.glob("workspace.sqlite3*"):
        path.unlink()
    recover(Workspace(host.workspace.root), host.workspace.root / "workspace.sqlite3")
    return failed


def test_a_run_that_published_nothing_is_a_note(left_out: Path) -> None:
    """The recovery leaves it out, which nothing can mend: that does not fail the check for ever."""
    report = checked(left_out.parents[1])
    assert [finding.text for finding in report.problems] == []
    assert [finding.text for finding in report.notes if str(left_out) in finding.text] == [
        f"{left_out} was left out when the log was recovered: its run had published nothing."
    ]


@pytest.mark.parametrize("path", ["stages/01-brief/manifest.json", "stages/01-brief/attempts/1/more.md", "more.md"])
def test_a_folder_of_no_run_that_has_more_is_still_named(left_out: Path, path: str) -> None:
    """Whatever is no file of a failed attempt makes it a folder that belongs to no run."""
    (left_out / path).write_text("{}", encoding="utf-8")
    assert [finding.text for finding in checked(left_out.parents[1]).problems] == [
        f"{left_out} belongs to no run in the log."
    ]


def test_a_run_that_was_not_recovered_is_held_to_its_log(root: Path) -> None:
    """A run that was made after the recovery: a file of no failed attempt is named."""
    recover(Workspace(root), root / "workspace.sqlite3")
    old = set(root.glob("runs/*"))
    opened = open_host(settings_at(root), llm=FixedWriter())
    try:
        fill_once_more(opened)
    finally:
        opened.close()
    (new,) = set(root.glob("runs/*")) - old
    kept = min(path for run in old for path in run.glob("stages/*/attempts"))
    shutil.copytree(kept, new / "stages/01-brief/attempts")
    assert {finding.run_id for finding in checked(root).problems} == {new.name}
