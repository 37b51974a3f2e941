"""`verify` names each file that does not hold; `rebuild` changes nothing that can be seen."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from test_cli_look import Shell, make_workspace
from vm_webapp import pending_files
from vm_webapp.cli import Exit
from vm_webapp.db import build_engine, database_of

STAGE = "stages/01-brief"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three runs, to be copied."""
    workspace = tmp_path_factory.mktemp("filled") / "vm"
    make_workspace(workspace)
    return workspace


@pytest.fixture
def shell(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a copy of the filled workspace."""
    shutil.copytree(filled, tmp_path / "vm")
    capsys.readouterr()
    return Shell(capsys, tmp_path / "vm")


def newest(shell: Shell) -> Path:
    """The folder of the newest run, which failed."""
    return Path(shell.json("show", "latest")["folder"])


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def execute(shell: Shell, *statements: str) -> None:
    """Do to the database what no program of ours does."""
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    database_of(engine).close()


def test_an_untouched_workspace_holds(shell: Shell) -> None:
    """Exit code 0, and everything is counted."""
    said, report = shell("verify"), shell.json("verify")
    assert said.code == Exit.OK
    assert "Everything holds" in said.out
    assert (report["ok"], report["runs"], report["problems"], report["notes"]) == (True, 3, [], [])
    published = [path for path in (shell.workspace / "runs").rglob("*") if path.is_file()]
    beside = [path for path in published if path.name == "run.json" or "attempts" in path.parts]
    assert report["files"] == len(published) - len(beside)


TAMPERINGS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "an artifact is changed": (f"{STAGE}/artifacts/brief.md", flip),
    "an artifact is gone": (f"{STAGE}/artifacts/brief.md", Path.unlink),
    "an artifact is cut": (f"{STAGE}/artifacts/brief.md", lambda path: path.write_bytes(path.read_bytes()[:-1])),
    "the input is changed": (f"{STAGE}/input.json", flip),
    "the output is changed": (f"{STAGE}/output.json", flip),
    "the output is gone": (f"{STAGE}/output.json", Path.unlink),
    "the manifest is changed": (f"{STAGE}/manifest.json", flip),
    "the manifest is gone": (f"{STAGE}/manifest.json", Path.unlink),
    "a file is added to a stage": (f"{STAGE}/artifacts/more.md", Path.touch),
    "a file is added to a run": ("notes.txt", Path.touch),
    "run.json is garbled": ("run.json", lambda path: path.write_text("{")),
    "run.json says something else": (
        "run.json",
        lambda path: path.write_text(path.read_text().replace("Something", "Everything")),
    ),
}


@pytest.mark.parametrize(("name", "tamper"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_was_tampered_with_is_named(shell: Shell, name: str, tamper: Callable[[Path], object]) -> None:
    """Exit code 1, and the file's path; the run alone gives the same, the other runs hold."""
    folder = newest(shell)
    tamper(folder / name)
    said, report = shell("verify"), shell.json("verify", "latest")
    assert said.code == Exit.FAILED
    assert str(folder / name) in said.out
    assert [str(folder / name) in problem["text"] for problem in report["problems"]] == [True]
    assert shell("verify", shell.json("runs")["runs"][1]["run_id"]).code == Exit.OK


def test_a_manifest_cannot_cover_a_forged_file(shell: Shell) -> None:
    """With both changed both are named: the log has the digests of artifacts, too."""
    folder = newest(shell) / STAGE
    flip(folder / "manifest.json")
    flip(folder / "artifacts/brief.md")
    said = shell("verify").out
    assert f"{folder / 'manifest.json'} is not what was published" in said
    assert f"{folder / 'artifacts/brief.md'} is not what was published" in said


def test_a_run_that_the_log_does_not_know_is_named(shell: Shell) -> None:
    """A folder, or a file, that lies among the runs."""
    (shell.workspace / "runs" / "r-forged").mkdir()
    (shell.workspace / "runs" / "note.txt").touch()
    report = shell.json("verify")
    assert ["r-forged" in report["problems"][1]["text"], "note.txt" in report["problems"][0]["text"]] == [True, True]


def test_unfinished_leftovers_are_a_note(shell: Shell) -> None:
    """What an interrupted write left in a run that is settled is said and does no harm."""
    left = newest(shell) / "stages/08-plan/artifacts/plan.md.tmp"
    left.parent.mkdir(parents=True)
    left.touch()
    said = shell("verify")
    assert said.code == Exit.OK
    assert f"Note: {left} was left unfinished" in said.out


def test_a_file_whose_durable_copy_is_kept_is_a_note(shell: Shell) -> None:
    """After a power cut files may be gone whose bytes are in the database: the next start writes them again."""
    folder = newest(shell)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob(f"{STAGE}/**/*.*")}
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        pending_files.keep(connection, folder.name, files)
    database_of(engine).close()
    (folder / STAGE / "manifest.json").unlink()
    (folder / STAGE / "artifacts/brief.md").write_text("torn")
    said = shell("verify")
    assert (said.code, "the next start writes them again" in said.out) == (Exit.OK, True)


def test_an_event_that_is_missing_is_named(shell: Shell) -> None:
    """A stream with a gap is a problem, by its name."""
    names = _triggers(shell)
    execute(shell, *(f"DROP TRIGGER {name}" for name in names), "DELETE FROM events WHERE event_type = 'StageFailed'")
    assert "Events are missing in the stream run:r-" in shell("verify").out


def test_a_run_whose_beginning_is_missing_is_named(shell: Shell) -> None:
    """Without the event that put it in line a run cannot be checked, and that is said."""
    run_id = shell.json("runs")["runs"][0]["run_id"]
    statement = (
        "DELETE FROM events WHERE event_type = 'WorkflowRunQueued'"
        " AND run_id = (SELECT run_id FROM runs_view ORDER BY requested_position DESC LIMIT 1)"
    )
    execute(shell, *(f"DROP TRIGGER {name}" for name in _triggers(shell)), statement)
    assert f"Events are missing in the stream run:{run_id}" in shell("verify").out
    assert shell("verify", run_id).code == Exit.USAGE


def _triggers(shell: Shell) -> list[str]:
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        names = list(connection.exec_driver_sql(query).scalars())
    database_of(engine).close()
    return names


def test_verify_changes_nothing(shell: Shell) -> None:
    """Every file of the runs is as it was, bytes and times."""
    before = _times(shell.workspace / "runs")
    shell("verify")
    assert _times(shell.workspace / "runs") == before


def _times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_rebuild_gives_the_same_lists(shell: Shell) -> None:
    """What the lists say comes from the log: garbled views are as before after it."""
    before = shell.json("runs"), shell.json("threads"), shell.json("show", "latest")
    execute(shell, "UPDATE runs_view SET request_text = 'garbled'", "DELETE FROM threads_view")
    said = shell("rebuild")
    after = shell.json("runs"), shell.json("threads"), shell.json("show", "latest")
    assert (said.code, before) == (Exit.OK, after)
    assert "Built afresh from" in said.out


def test_views_that_lag_behind_are_told(shell: Shell) -> None:
    """A list of views that do not stand where the log ends comes with a warning."""
    execute(shell, "UPDATE checkpoints SET position = position - 1 WHERE name = 'views'")
    assert "rebuild" in shell("runs").err
    shell("rebuild")
    assert shell("runs").err == ""
