"""`fork`, `revise`, `edit`, `resume`, `lineage`, and what `run` may choose: new runs that know what they come from."""

import json
import stat
from pathlib import Path

import pytest

from test_cli_child import Child
from test_cli_decide import with_profiles
from test_cli_look import Shell
from test_cli_run import on_terminal
from test_cli_served import serving
from vm_webapp.cli import Exit
from vm_webapp.cli.run_words import change_words
from vm_webapp.cli.work.follow import rests
from vm_webapp.errors import StageError
from vm_webapp.writers import Attempt, StageWork

from fixed_writer import FixedWriter

PAIR = """\
title: Pair
version: {version}
stages:
  - {{key: brief, title: Brief, kind: brief}}
  - {{key: plan, title: Plan, kind: plan, needs: [brief]}}
"""
PATIENT = """\
title: Patient
stages:
  - {key: brief, title: Brief, kind: brief, retry: {attempts: 2, initial_seconds: 3600, max_seconds: 3600}}
"""


def write_pair(workspace: Path, version: int = 1) -> None:
    """Put the profile `pair` into the workspace."""
    (workspace / "profiles" / "pair.yaml").write_text(PAIR.format(version=version), encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a workspace with the profiles of these tests."""
    with_profiles(tmp_path / "vm")
    write_pair(tmp_path / "vm")
    (tmp_path / "vm" / "profiles" / "patient.yaml").write_text(PATIENT, encoding="utf-8")
    return Shell(capsys, tmp_path / "vm", FixedWriter())


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program as a process, likewise."""
    with_profiles(tmp_path / "runtime" / "vm")
    write_pair(tmp_path / "runtime" / "vm")
    return Child(tmp_path)


def made(shell: Shell, *more: str) -> str:
    """A completed run of two stages; its id."""
    return str(shell.json("run", "Launch it", "--mode", "pair", *more)["run_id"])


def test_a_fork_keeps_what_it_does_not_touch(shell: Shell) -> None:
    """From the second stage on with another request: the first is carried over, and `show` says what changed."""
    run_id = made(shell)
    said = shell("fork", "last", "--stage", "plan", "--request", "For eight weeks", "--json")
    fork = json.loads(said.out)
    out = shell("show", "last").out
    assert (said.code, fork["forked_from"]) == (Exit.OK, {"run_id": run_id, "stage_key": "plan"})
    assert [bool(stage["carried_from"]) for stage in fork["stages"]] == [True, False]
    assert "request now “For eight weeks”" in out
    assert f"from {run_id}, plan" in out


def test_a_fork_may_change_writer_budget_and_profile(shell: Shell) -> None:
    """Each stands in the lineage in words; without anything changed that is said."""
    made(shell)
    write_pair(shell.workspace, version=2)
    run = shell.json("fork", "last", "--writer", "offline", "--budget", "2.50", "--mode", "pair")
    again = shell.json("fork", "last")
    words = shell("lineage", run["run_id"]).out
    assert (run["writer"], run["budget_usd"], run["profile"]["version"]) == ("offline", "2.5", 2)
    assert "writer fixed -> offline" in words
    assert "budget in USD none -> 2.5" in words
    assert "profile pair version 1 -> pair version 2" in words
    assert change_words(again) == ["nothing changed"]


def test_lineage_reads_both_ways(shell: Shell) -> None:
    """Ancestors, descendants, and the run itself, as a tree and as JSON; a run alone says so."""
    first = made(shell)
    alone = shell("lineage", "last").out
    second = shell.json("revise", "last", "--stage", "brief", "--feedback", "Shorter")["run_id"]
    third = shell.json("fork", "last")["run_id"]
    tree = shell("lineage", second).out.splitlines()
    data = shell.json("lineage", second)
    assert alone.startswith("It was forked from no other run. In this workspace no run was forked from it.\n")
    assert "In this workspace 2 runs come from it:\n" in shell("lineage", first).out
    assert [[run["run_id"] for run in data[name]] for name in ("ancestors", "descendants")] == [[first], [third]]
    assert [len(line) - len(line.lstrip()) for line in tree] == [0, 2, 2, 4, 4, 6]
    assert "this run" in tree[2]
    assert "feedback on brief: “Shorter”" in tree[3]


def test_what_cannot_be_forked_is_refused(shell: Shell) -> None:
    """An unknown stage, mode, writer, an amount that is none, an empty request, a run that is not there."""
    made(shell)
    wrong = (
        ("--stage", "plans"),
        ("--mode", "nothing"),
        ("--writer", "nobody"),
        ("--budget", "much"),
        ("--request", " "),
        ("--on-busy", "sulk"),
    )
    assert [shell("fork", "last", *words).code for words in wrong] == [Exit.USAGE] * len(wrong)
    assert shell("fork", "r-ffffffffffff").code == Exit.USAGE
    assert len(shell.json("runs")["runs"]) == 1


def test_a_revision_needs_to_know_what_to_change(shell: Shell) -> None:
    """Of a run that nobody rejected the stage and the feedback have to be said."""
    made(shell)
    said = [shell("revise", "last").code, shell("revise", "last", "--stage", "brief").code]
    assert said == [Exit.FAILED] * 2
    assert shell("revise", "last", "--stage", "breif", "--feedback", "x").code == Exit.USAGE


def test_a_person_s_own_text_takes_a_stage_s_place(shell: Shell, tmp_path: Path) -> None:
    """From a file: the new run's Markdown is that text, by that person, and what needs it is made anew."""
    made(shell)
    file = tmp_path / "mine.md"
    file.write_text("# Mine\n\nAs we want it.\n", encoding="utf-8")
    said = shell("edit", "last", "brief", "--file", str(file), "--json")
    assert said.code == Exit.OK
    assert json.loads(said.out)["edited"] == ["brief"]
    assert shell("show", "last", "--file", "brief.md").out.strip() == "# Mine\n\nAs we want it."
    assert "brief written by workspace-owner" in shell("show", "last").out


def test_an_unchanged_text_does_nothing(shell: Shell, tmp_path: Path) -> None:
    """The same text again is no new run, and no failure."""
    made(shell)
    file = tmp_path / "same.md"
    file.write_text(shell("show", "last", "--file", "brief.md").out, encoding="utf-8")
    said = shell("edit", "last", "brief", "--file", str(file))
    assert (said.code, "Nothing was changed" in said.err) == (Exit.OK, True)
    assert len(shell.json("runs")["runs"]) == 1


def test_an_edit_that_cannot_be_is_refused(shell: Shell, tmp_path: Path) -> None:
    """An unknown stage, no file, no text, no UTF-8, too much; and without a terminal no editor opens."""
    made(shell)
    files = {"empty": b" ", "bytes": b"\xff\xfe", "huge": b"x" * 500_001}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    codes = [shell("edit", "last", "brief", "--file", str(tmp_path / name)).code for name in files]
    assert codes == [Exit.USAGE] * 3
    assert shell("edit", "last", "brief", "--file", str(tmp_path / "none")).code == Exit.WORKSPACE
    assert shell("edit", "last", "breif", "--file", str(tmp_path / "empty")).code == Exit.USAGE
    assert "--file" in shell("edit", "last", "brief").err
    assert len(shell.json("runs")["runs"]) == 1


def test_a_stage_without_a_text_is_edited_from_a_file_alone(shell: Shell, tmp_path: Path) -> None:
    """A stage that published nothing yet has nothing to begin with."""
    shell.writer.on("brief", refuse)
    made(shell)
    file = tmp_path / "mine.md"
    file.write_text("Mine", encoding="utf-8")
    assert "no text to begin with" in shell("edit", "last", "brief").err
    assert shell("edit", "last", "brief", "--file", str(file)).code == Exit.OK


def refuse(_work: StageWork, _attempt: Attempt) -> None:
    """A behaviour of the fixed writer: it fails for good."""
    raise StageError("refused", "The writer refused.", retryable=False)


@pytest.mark.parametrize("changes", [True, False])
def test_an_editor_opens_with_the_present_text(child: Child, *, changes: bool) -> None:
    """What is saved in $EDITOR becomes the stage's text; an editor that is only closed changes nothing."""
    child.run("run", "Launch it", "--mode", "pair")
    editor = child.folder / "editor"
    editor.write_text('#!/bin/sh\necho "And more." >> "$1"\n' if changes else "#!/bin/sh\n", encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    screen = on_terminal(child, ["edit", "last", "brief"], env={"EDITOR": str(editor), "VISUAL": ""})
    text = child.run("show", "last", "--file", "brief.md").stdout
    runs = json.loads(child.run("runs", "--json").stdout)["runs"]
    assert ("# Brief" in text, "And more." in text, len(runs)) == (True, changes, 1 + changes)
    assert ("Nothing was changed" in screen) is not changes


def test_a_text_that_is_refused_is_not_lost_with_the_editor(child: Child) -> None:
    """It is kept in a file that the message names; mended there, `--file` takes it."""
    child.run("run", "Launch it", "--mode", "pair")
    editor = child.folder / "editor"
    editor.write_text("#!/bin/sh\nprintf 'An hour of work.\\033' > \"$1\"\n", encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    place = {"EDITOR": str(editor), "VISUAL": "", "TMPDIR": str(child.folder)}
    screen = on_terminal(child, ["edit", "last", "brief"], env=place)
    (left,) = child.folder.glob("vm-edit-*.md")
    assert "U+001B" in screen
    assert f"--file {left}" in screen
    assert left.read_text(encoding="utf-8") == "An hour of work.\x1b"


@pytest.mark.parametrize("editor", ["false", "nowhere-to-be-found", "emacs '"])
def test_an_editor_that_does_not_work_is_told_with_the_remedy(child: Child, editor: str) -> None:
    """Whatever is wrong with it; it is no fault of the program."""
    child.run("run", "Launch it", "--mode", "pair")
    screen = on_terminal(child, ["edit", "last", "brief"], env={"EDITOR": editor, "VISUAL": ""})
    assert "did not work" in screen
    assert "give the text with --file" in screen


def test_a_text_may_come_from_a_pipe(child: Child) -> None:
    """`--file -`, through a server; so do fork, revise, resume and lineage."""
    with serving(child):
        child.run("run", "Launch it", "--mode", "pair", "--writer", "offline", "--budget", "1.5")
        child.run("edit", "last", "brief", "--file", "-", given="Próprio".encode())
        text = child.run("show", "last", "--file", "brief.md").stdout
        revised = json.loads(child.run("revise", "last", "--stage", "plan", "--feedback", "Shorter", "--json").stdout)
        forked = json.loads(child.run("fork", "last", "--stage", "plan", "--writer", "fixed", "--json").stdout)
        resumed = child.run("resume", "last", code=Exit.FAILED)
        lineage = json.loads(child.run("lineage", "last", "--json").stdout)
    assert "Próprio" in text
    assert (revised["feedback"], revised["budget_usd"]) == ({"plan": "Shorter"}, "1.5")
    assert forked["changes"]["writer"] == {"from": "offline", "to": "fixed"}
    assert "already completed" in resumed.stderr
    assert len(lineage["ancestors"]) == 3


def test_resume_does_not_wait_for_the_next_attempt(shell: Shell) -> None:
    """A run that would try again in an hour is left, then goes on at once."""
    shell.writer.on("brief", fail_once)
    left = shell("run", "Go", "--mode", "patient", "--timeout", "0.5", "--json")
    said = shell("resume", "last")
    assert left.code == Exit.GOING_ON
    assert (said.code, "Version 1 completed" in said.out) == (Exit.OK, True)
    assert shell("resume", "last").code == Exit.FAILED


def fail_once(_work: StageWork, _attempt: Attempt) -> None:
    """A behaviour of the fixed writer: it fails, and may be tried again."""
    raise StageError("busy", "The writer is busy.", retryable=True)


def test_run_chooses_its_writer_and_budget(shell: Shell) -> None:
    """They stand in the run; what cannot be meant is refused before a thread is made."""
    run = shell.json("run", "Launch it", "--mode", "pair", "--writer", "offline", "--budget", "3.00")
    assert (run["writer"], run["budget_usd"], run["status"]) == ("offline", "3", "completed")
    assert shell("run", "Other", "--mode", "pair", "--budget", "-1").code == Exit.USAGE
    assert shell("run", "More", "--mode", "pair", "--writer", "nobody").code == Exit.USAGE
    assert "offline" in shell("show", "last").out
    assert [thread["title"] for thread in shell.json("threads")["threads"]][-1] == "Launch it"


def test_run_says_what_becomes_of_a_run_at_work(child: Child) -> None:
    """`reject` gives up with the remedy, `interrupt` cancels the one at work."""
    hold = child.hold
    with serving(child, {"HOLD": f"brief:{hold}"}):
        left = json.loads(
            child.run("run", "Go", "--mode", "pair", "--timeout", "0.5", "--json", code=Exit.GOING_ON).stdout
        )
        refused = child.run("run", "Go", "--mode", "pair", "--on-busy", "reject", code=Exit.FAILED)
        child.run("run", "Go", "--mode", "pair", "--on-busy", "interrupt", "--timeout", "0.5", code=Exit.GOING_ON)
        hold.unlink()
        shown = json.loads(child.run("show", left["run_id"], "--json").stdout)
    assert "is at work" in refused.stderr
    assert shown["status"] == "canceled"


def look(status: str, *stages: tuple[str, str, list[str]], cancel: bool = False) -> dict[str, object]:
    """A run as a desk shows it; stages are key, status, needs."""
    names = ("stage_key", "status", "needs")
    shown = [dict(zip(names, stage, strict=True)) for stage in stages]
    return {"status": status, "cancel_requested": cancel, "stages": shown}


WAITS = ("a", "waiting_approval", list[str]())


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (look("waiting_approval", WAITS, ("b", "pending", ["a"])), True),
        (look("waiting_approval", WAITS, ("b", "completed", []), ("c", "pending", ["b"])), False),
        (look("waiting_approval", WAITS, ("b", "failed", [])), False),
        (look("waiting_approval", WAITS, cancel=True), False),
        (look("waiting_approval", ("a", "completed", [])), False),
        (look("running", WAITS), False),
    ],
)
def test_a_decision_just_made_is_waited_for(run: dict[str, object], *, expected: bool) -> None:
    """A run rests only when nothing follows from what was decided: no stage is ready, failed, or to be stopped."""
    assert rests(run) is expected
