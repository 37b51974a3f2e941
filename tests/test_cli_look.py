"""The commands that look, in this process: lists, a run, a file, a timeline, and what mistakes are told."""

import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from vm_webapp.cli import Exit, main
from vm_webapp.db import build_engine, database_of
from vm_webapp.errors import StageError
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter


@dataclass(frozen=True)
class Said:
    """What a call of the program said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """Calls the program in this process, on a workspace of its own."""

    capsys: pytest.CaptureFixture[str]
    workspace: Path
    writer: FixedWriter = field(default_factory=FixedWriter)

    def __call__(self, *arguments: str) -> Said:
        """Call it."""
        code = main(["--workspace", str(self.workspace), *arguments], writer=self.writer)
        return Said(code, *self.capsys.readouterr())

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON of any kind
        """What a call prints as JSON."""
        return json.loads(self(*arguments, "--json").out)


def make_workspace(workspace: Path) -> None:
    """Fill a workspace: two versions in one thread, and a failed run in another."""
    failing = FixedWriter()
    failing.on("positioning", refuse)
    run = ["--workspace", str(workspace), "run", "--json"]
    main([*run, "--brand", "Aurora", "--thread", "Lisbon launch", "Make it"], writer=FixedWriter())
    main([*run, "--brand", "Aurora", "--thread", "Lisbon launch", "Make it louder"], writer=FixedWriter())
    main([*run, "Something else"], writer=failing)


def refuse(_work: StageWork, _cancellation: Cancellation) -> None:
    """A behaviour of the fixed writer: it fails for good."""
    raise StageError("refused", "The writer refused.", retryable=False)


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


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a workspace that is not there."""
    return Shell(capsys, tmp_path / "vm")


def test_runs_are_listed_newest_first(shell: Shell) -> None:
    """Each with its status, version and request; filters by thread, status and number hold."""
    runs = shell.json("runs")["runs"]
    assert [run["request_text"] for run in runs] == ["Something else", "Make it louder", "Make it"]
    assert [run["request_text"] for run in shell.json("runs", "--thread", "lisbon launch", "--limit", "1")["runs"]] == [
        "Make it louder"
    ]
    assert [run["status"] for run in shell.json("runs", "--status", "failed")["runs"]] == ["failed"]
    assert "Make it louder" in shell("runs").out


def test_a_run_is_named_by_any_unique_part(shell: Shell) -> None:
    """The whole id, its beginning as the list shows it, its end, and `latest` mean the same run."""
    run_id = shell.json("runs")["runs"][0]["run_id"]
    shown = shell("runs").out.splitlines()[1].split()[0]
    named = (run_id, shown, shown.removeprefix("r-"), run_id[-8:], "latest")
    assert {shell.json("show", name)["run_id"] for name in named} == {run_id}


def test_a_part_of_several_ids_is_refused(shell: Shell) -> None:
    """Some of the ids it could mean are said."""
    said = shell("show", "r-0")
    assert (said.code, "r-0" in said.err, "Type more of the id." in said.err) == (Exit.USAGE, True, True)


def test_an_unknown_id_gets_near_ones(shell: Shell) -> None:
    """A mistyped id leads to the one that is like it."""
    run_id = shell.json("runs")["runs"][0]["run_id"]
    said = shell("show", f"{run_id[:-2]}zz")
    assert said.code == Exit.USAGE
    assert run_id in said.err


def test_a_run_is_shown_with_its_stages(shell: Shell) -> None:
    """Request, mode, error and a row per stage; one stage alone with attempts and digests."""
    said, stage = shell("show", "latest").out, shell("show", "latest", "--stage", "positioning").out
    assert "The writer refused. (refused)" in said
    assert "skipped" in said
    assert "attempt 1: failed" in stage
    assert "  sha256 " in shell("show", "latest", "--stage", "brief").out
    assert shell("show", "latest", "--stage", "brie").code == Exit.USAGE


def test_a_file_is_printed_as_it_is(shell: Shell) -> None:
    """Into a pipe go the bytes of the published file."""
    folder = Path(shell.json("show", "latest")["folder"])
    content = (folder / "stages/01-brief/artifacts/brief.md").read_text(encoding="utf-8")
    assert shell("show", "latest", "--file", "brief.md").out == content


def test_a_file_that_changed_is_not_printed(shell: Shell) -> None:
    """Bytes that are not the published ones are refused."""
    folder = Path(shell.json("show", "latest")["folder"])
    (folder / "stages/01-brief/artifacts/brief.md").write_text("forged")
    said = shell("show", "latest", "--file", "brief.md")
    assert (said.code, said.out) == (Exit.FAILED, "")
    assert "is not what was published" in said.err


def test_a_file_that_is_not_there_gets_near_names(shell: Shell) -> None:
    """A mistyped file name leads to the right one."""
    assert "Near it: brief.md" in shell("show", "latest", "--file", "breif.md").err


def test_a_timeline_is_told_oldest_first(shell: Shell) -> None:
    """From the thread's creation to the last run's end."""
    lines = shell("timeline", "Lisbon launch", "--limit", "500").out.splitlines()
    assert "thread created" in lines[1]
    assert "run completed" in lines[-1]
    assert shell.json("timeline", "Lisbon launch")["items"][0]["event_type"] == "WorkflowRunCompleted"


def test_brands_projects_and_threads_are_listed(shell: Shell) -> None:
    """As tables and as JSON; filters take names."""
    assert [brand["name"] for brand in shell.json("brands")["brands"]] == ["My brand", "Aurora"]
    assert len(shell.json("projects", "--brand", "aurora")["projects"]) == 1
    assert [thread["title"] for thread in shell.json("threads")["threads"]] == ["Something else", "Lisbon launch"]
    assert "Lisbon launch" in shell("threads").out
    assert shell("projects", "--brand", "nobody").code == Exit.USAGE


def test_profiles_and_their_problems_are_listed(shell: Shell) -> None:
    """An own profile that is broken is named with its line, and makes the exit code 1."""
    assert shell("profiles").code == Exit.OK
    profiles = shell.workspace / "profiles"
    profiles.mkdir()
    (profiles / "mine.yaml").write_text(
        "title: Mine\nversion: 1\nstages:\n  - key: a\n    title: A\n    kind: nothing\n"
    )
    said = shell("profiles")
    typed = str(profiles / "mine.yaml")
    checked = shell("profiles", "--check", typed)
    assert (said.code, checked.code) == (Exit.FAILED, Exit.FAILED)
    assert "profiles/mine.yaml:6:" in said.err
    assert checked.err == said.err.replace("profiles/mine.yaml", typed)
    (problem,) = shell.json("profiles", "--check", typed)["problems"]
    assert (problem["file"], problem["line"]) == (typed, 6)
    assert shell.json("profiles")["problems"][0]["line"] == 6


def test_a_profile_is_called_as_it_was_typed(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without a folder stays one."""
    (tmp_path / "bad.yaml").write_text("title: Bad\n")
    monkeypatch.chdir(tmp_path)
    assert shell("profiles", "--check", "bad.yaml").err.startswith("bad.yaml:1:1: ")
    checked = shell.json("profiles", "--check", "bad.yaml")
    assert {checked["file"], *(problem["file"] for problem in checked["problems"])} == {"bad.yaml"}


def test_a_profile_that_is_sound_is_told(shell: Shell, tmp_path: Path) -> None:
    """`--check` of a file outside of the workspace."""
    file = tmp_path / "fine.yaml"
    file.write_text("title: Fine\nversion: 1\nstages:\n  - key: brief\n    title: Brief\n    kind: brief\n")
    assert "can be run" in shell("profiles", "--check", str(file)).out


def test_times_are_those_of_the_clock_here(shell: Shell) -> None:
    """`show` says when a run was asked for as `timeline` does: in the local zone, to the second; JSON is in UTC."""
    run = shell.json("show", "latest")
    here = datetime.fromisoformat(run["created_at"]).astimezone()
    assert f"asked    {here:%Y-%m-%d %H:%M:%S} by workspace-owner" in shell("show", "latest").out


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (("projects", "budget", "My project", "10"), "project"),
        (("erase", "Lisbon launch", "--reason", "Asked", "--yes"), "thread"),
        (("comment", "lisbon launch", "Shorter"), "thread"),
    ],
)
def test_what_changes_something_guesses_at_no_name(shell: Shell, typed: tuple[str, ...], kind: str) -> None:
    """Where several bear it (each brand may have its own) nothing is done, and their ids are named."""
    shell("run", "Launch", "--brand", "Boreal", "--thread", "Lisbon launch")
    said = shell(*typed)
    known = [each[f"{kind}_id"] for each in shell.json(f"{kind}s")[f"{kind}s"]]
    assert said.code == Exit.USAGE
    assert f"{kind}s are called" in said.err
    assert sum(one in said.err for one in known) > 1


@pytest.mark.parametrize("command", [("runs", "--limit", "2"), ("timeline", "Lisbon launch", "--limit", "2")])
def test_a_list_that_goes_on_says_so(shell: Shell, command: tuple[str, ...]) -> None:
    """On standard error, so that what is listed stays as it is; a list that is whole says nothing."""
    cut = shell(*command)
    assert cut.err == "These are the newest 2; --limit shows more.\n"
    assert len(cut.out.splitlines()) == 3
    assert shell(*command[:-1], "500").err == ""


@pytest.mark.parametrize(
    "command", [("runs", "--status", "queued"), ("token", "list"), ("webhooks", "list"), ("rules", "list")]
)
def test_a_list_that_is_empty_says_so(shell: Shell, command: tuple[str, ...]) -> None:
    """Instead of nothing at all, which looks like a command that did not work."""
    more = ("--brand", "Aurora") if command[0] == "rules" else ()
    said = shell(*command, *more)
    assert (said.code, said.out) == (Exit.OK, "")
    assert said.err.startswith(("No ", "There is no "))


@pytest.mark.parametrize("command", ["runs", "brands", "projects", "threads"])
def test_nothing_yet_is_a_hint_and_makes_no_file(empty: Shell, command: str) -> None:
    """A list of a workspace that is not there says how to begin."""
    said = empty(command)
    assert (said.code, said.out) == (Exit.OK, "")
    assert "Begin with" in said.err
    assert empty.json(command) == {command: []}
    assert not empty.workspace.exists()


@pytest.mark.parametrize("command", [["verify"], ["rebuild"], ["show", "latest"], ["timeline", "x"]])
def test_what_needs_a_workspace_says_that_there_is_none(empty: Shell, command: list[str]) -> None:
    """A wrong --workspace is no success, and makes no file."""
    assert empty(*command).code in (Exit.WORKSPACE, Exit.USAGE)
    assert not empty.workspace.exists()


def test_a_database_of_another_program_is_left_alone(empty: Shell) -> None:
    """It is refused and not changed by a byte."""
    empty.workspace.mkdir()
    file = empty.workspace / "workspace.sqlite3"
    file.write_bytes(b"SQLite format 3\x00" + b"\x01" * 84)
    before = file.read_bytes()
    said = empty("runs")
    assert (said.code, file.read_bytes()) == (Exit.WORKSPACE, before)
    assert "it is no database of VM" in said.err


@pytest.mark.parametrize(("revision", "said"), [("9999", "newer VM"), ("0000", "older VM")])
def test_a_database_of_another_version_is_told(shell: Shell, revision: str, said: str) -> None:
    """Newer and older schemas are not read, and not changed."""
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (revision,))
    database_of(engine).close()
    found = shell("runs")
    assert found.code == Exit.WORKSPACE
    assert said in found.err


def test_hostile_names_reach_no_terminal(empty: Shell) -> None:
    """What a terminal would obey, and text that runs backwards, is shown as escapes; Rich's markup is text."""
    name = "\x9b31mred \u202eback [bold]"
    empty("run", "--brand", name, "--thread", name, "Go")
    for command in ("brands", "threads", "runs"):
        said = empty(command).out
        assert not {"\x9b", "\u202e"} & set(said)
    assert "\\x9b31mred \\u202eback [bold]" in empty("brands").out
    raw = empty("brands", "--json").out
    assert not {"\x9b", "\u202e"} & set(raw)
    assert json.loads(raw)["brands"][0]["name"] == name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "What is to be made?"),
        (["run", "--file", "x.txt", "words"], "not both"),
        (["run", "--file", "nowhere.txt", "--json"], "nowhere.txt cannot be used"),
        (["run", "--modus", "x", "go"], "No such option"),
        (["run", "--mode", "plan_9d", "go"], "There is no profile 'plan_9d'; known are: "),
        (["run", "--due", "soon", "go"], "--due"),
        (["run", "--thread", "t-00001111", "go"], "There is no thread 't-00001111'"),
        (["run", "--brand", "two\nlines", "go"], "must be one line"),
        (["rnu"], "Did you mean 'run'?"),
        (["retry", "latest"], "There is no run 'latest'"),
        (["serve", "--host", "192.0.2.1"], "without authentication"),
        (["profiles", "--check", "nowhere.yaml"], "there is no such file"),
        (["show", "latest", "--file", "brief.md", "--json"], "--file prints the file itself"),
    ],
)
def test_a_mistake_gets_a_sentence_and_makes_nothing(empty: Shell, arguments: list[str], said: str) -> None:
    """What was typed wrong is told in words, without a trace, and no brand is made of it."""
    found = empty(*arguments)
    assert said in found.err
    assert "Traceback" not in found.err
    assert found.code in (Exit.USAGE, Exit.WORKSPACE)
    assert empty.json("threads") == {"threads": []}


def test_settings_that_cannot_be_used_are_told(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is none is named by its variable."""
    monkeypatch.setenv("VM_WORKERS", "many")
    said = empty("runs")
    assert (said.code, "VM_WORKERS" in said.err) == (Exit.USAGE, True)


def test_a_named_workspace_has_its_own_database(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--workspace wins over VM_DB_PATH, so that two workspaces are never mixed; --database wins over both."""
    monkeypatch.setenv("VM_DB_PATH", str(tmp_path / "other.sqlite3"))
    assert len(shell.json("runs")["runs"]) == 3
    assert shell.json("runs", "--database", str(tmp_path / "other.sqlite3")) == {"runs": []}
